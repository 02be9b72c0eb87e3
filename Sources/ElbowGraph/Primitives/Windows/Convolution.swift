import ElbowArrays

/// Sums of products of a kernel with the windows of an input, in the general form that is closed under differentiation:
/// strides, padding, dilated inputs and kernels, groups of features, and any order of the axes.
///
///     y[b, o, p] = sum over c and k of x[b, g C + c, (p stride + k kernelDilation - low) / inputDilation] w[o, c, k]
///
/// where g = o / (O / groups), C is the kernel's number of input features, and places outside the input, or between its
/// dilated elements, are zero. The pass `lower-convolutions` makes contractions of it. With C = 1 and as many groups as features it is a depthwise convolution.
public struct Convolution: Primitive {
  public static let name = "convolution"
  /// The meaning of the input's axes.
  public let input: ConvolutionAxes
  /// The meaning of the kernel's axes.
  public let kernel: ConvolutionAxes
  /// The meaning of the result's axes.
  public let output: ConvolutionAxes
  /// How the window slides along each spatial axis.
  public let window: [WindowAxis]
  /// Into how many groups the features fall; each group of output features sees one group of input features.
  public let groups: Int

  /// A convolution with axes in any order. Spatial axes have fixed extents.
  ///
  /// - Parameters:
  ///   - input: The meaning of the input's axes.
  ///   - kernel: The meaning of the kernel's axes.
  ///   - output: The meaning of the result's axes.
  ///   - window: How the window slides along each spatial axis.
  ///   - groups: Into how many groups the features fall, at least 1; it divides both the input's and the result's.
  public init(
    input: ConvolutionAxes, kernel: ConvolutionAxes, output: ConvolutionAxes, window: [WindowAxis], groups: Int = 1
  ) {
    self.input = input
    self.kernel = kernel
    self.output = output
    self.window = window
    self.groups = groups
  }

  /// Channels last, kernels `[spatial..., input, output]`.
  public init(window: [WindowAxis], groups: Int = 1) {
    self.init(
      input: .channelsLast(spatial: window.count), kernel: .kernel(spatial: window.count),
      output: .channelsLast(spatial: window.count), window: window, groups: groups)
  }
  public init(attributes: Attributes) throws {
    self.init(
      input: try .init(attribute: attributes.integers("input_axes")),
      kernel: try .init(attribute: attributes.integers("kernel_axes")),
      output: try .init(attribute: attributes.integers("output_axes")),
      window: try .init(attribute: attributes.integers("window")), groups: try attributes.integer("groups"))
  }
  public var attributes: Attributes {
    [
      "input_axes": input.attribute, "kernel_axes": kernel.attribute, "output_axes": output.attribute,
      "window": window.attribute, "groups": .integer(groups),
    ]
  }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 2)
    try requireFloatingPoint(operands)
    try requireSameDType(operands)
    let (x, w) = (operands[0].shape, operands[1].shape)
    guard input.fit(rank: x.rank, spatial: window.count), kernel.fit(rank: w.rank, spatial: window.count),
      output.fit(rank: x.rank, spatial: window.count)
    else {
      throw OperandError(
        .shape,
        "an input of rank \(window.count + 2) and a kernel of rank \(window.count + 2) are needed, not \(x) and \(w)")
    }
    let (features, outputs) = (x.dimensions[input.feature], w.dimensions[kernel.outer])
    guard (1...1 << 30).contains(groups), w.dimensions[kernel.feature] * Dimension(groups) == features else {
      throw OperandError(
        .shape,
        "the input has \(features) features, but the kernel \(w) takes \(w.dimensions[kernel.feature])"
          + (groups == 1 ? "" : " in each of \(groups) groups"))
    }
    guard outputs.dividedExactly(by: Dimension(groups)) != nil else {
      throw OperandError(.shape, "\(outputs) output features do not fall into \(groups) groups")
    }
    var spatial: [Dimension] = []
    for (axis, window) in window.enumerated() {
      let (from, over) = (x.dimensions[input.spatial[axis]], w.dimensions[kernel.spatial[axis]])
      spatial.append(Dimension(try window.resultExtent(input: from, kernel: over)))
    }
    return TensorType(
      operands[0].dtype,
      Shape(output.arranged(outer: x.dimensions[input.outer], feature: outputs, spatial: spatial)))
  }

  public func roundingErrors(_ context: EvaluationContext) -> RoundingErrors {
    .sum(terms: context.inputs[1].count / max(1, context.inputs[1].shape[kernel.outer]))
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    let (xs, ws) = (context.inputs[0].shape, context.inputs[1].shape)
    let (x, w) = (context.inputs[0].doubles, context.inputs[1].doubles)
    let (xSteps, wSteps) = (rowMajorStrides(xs), rowMajorStrides(ws))
    let perGroup = max(1, ws[kernel.outer] / groups)
    var result: [Double] = []
    forEachIndex(context.shape) { index in
      var total = 0.0
      let feature = index[output.feature]
      let base =
        index[output.outer] * xSteps[input.outer]
        + feature / perGroup * ws[kernel.feature] * xSteps[input.feature]
      forEachIndex(kernel.spatial.map { ws[$0] }) { k in
        var (from, by) = (base, feature * wSteps[kernel.outer])
        for (axis, window) in window.enumerated() {
          let at = index[output.spatial[axis]] * window.stride + k[axis] * window.kernelDilation - window.low
          guard at >= 0, at.isMultiple(of: window.inputDilation), at / window.inputDilation < xs[input.spatial[axis]]
          else { return }
          from += at / window.inputDilation * xSteps[input.spatial[axis]]
          by += k[axis] * wSteps[kernel.spatial[axis]]
        }
        for c in 0..<ws[kernel.feature] {
          total += x[from + c * xSteps[input.feature]] * w[by + c * wSteps[kernel.feature]]
        }
      }
      result.append(total)
    }
    return try context.floats(result)
  }

  public static let samples = [
    sample([WindowAxis()], [2, 6, 3], [3, 3, 4]),
    sample([WindowAxis(stride: 2, low: 1, high: 2, kernelDilation: 2)], [2, 7, 2], [3, 2, 5], .float64),
    sample([WindowAxis(low: 1, high: 1), WindowAxis(low: 1, high: 1)], [2, 5, 6, 3], [3, 3, 3, 4]),
    sample([WindowAxis(stride: 2, low: 1, high: 1), WindowAxis(stride: 3, high: 1)], [2, 6, 7, 2], [3, 2, 2, 5]),
    sample(
      [WindowAxis(low: 2, high: 1, inputDilation: 2), WindowAxis(low: 1, inputDilation: 3)], [2, 3, 4, 2], [3, 2, 2, 3]),
    sample([WindowAxis(low: -1, high: 1), WindowAxis(high: -2)], [1, 5, 6, 4], [2, 2, 2, 6], groups: 2),
    sample(
      [WindowAxis(stride: 2, low: 1, high: 1), WindowAxis(low: 1, high: 1)], [2, 5, 4, 3], [3, 3, 1, 6], groups: 3),
    sample(
      [WindowAxis(stride: 2, high: 1), WindowAxis(low: 1, inputDilation: 2), WindowAxis()], [1, 3, 4, 5, 2],
      [2, 3, 4, 2, 3]),
    // The result's axes in another order than the window's.
    PrimitiveSample(
      Convolution(
        input: .channelsLast(spatial: 2), kernel: .kernel(spatial: 2),
        output: .init(outer: 0, feature: 3, spatial: [2, 1]),
        window: [WindowAxis(low: 1, high: 1, inputDilation: 2), WindowAxis(low: 1, high: 1, inputDilation: 2)]),
      [TensorType(.float32, [2, 4, 4, 2]), TensorType(.float32, [2, 2, 2, 3])]),
  ]
  private static func sample(
    _ window: [WindowAxis], _ x: [Int], _ w: [Int], _ dtype: DType = .float32, groups: Int = 1
  ) -> PrimitiveSample {
    PrimitiveSample(
      Convolution(window: window, groups: groups), [TensorType(dtype, Shape(x)), TensorType(dtype, Shape(w))])
  }
}
