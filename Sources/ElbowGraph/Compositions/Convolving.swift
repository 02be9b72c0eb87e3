import ElbowArrays

/// The padding around the image that a window slides over.
public enum ConvolutionPadding: Sendable, Hashable {
  /// As many zeros as make the result's extent that of the image divided by the stride, rounded up; an odd one comes last.
  case same
  /// None.
  case valid
  /// Zeros before and after, for each spatial axis.
  case explicit([(low: Int, high: Int)])

  /// Whether two paddings are the same, with the same numbers where these are explicit.
  public static func == (a: ConvolutionPadding, b: ConvolutionPadding) -> Bool { a.key == b.key }
  public func hash(into hasher: inout Hasher) { hasher.combine(key) }
  private var key: [Int] {
    switch self {
    case .same: [-1]
    case .valid: [-2]
    case .explicit(let pairs): pairs.flatMap { [$0.low, $0.high] }
    }
  }

  /// The zeros before and after an axis of which windows that span `span` elements are taken.
  func amounts(_ axis: Int, input: Int, span: Int, stride: Int) -> (low: Int, high: Int)? {
    switch self {
    case .valid: return (0, 0)
    case .explicit(let pairs): return pairs.indices.contains(axis) ? pairs[axis] : nil
    case .same:
      guard stride > 0, stride < 1 << 30, span < 1 << 30, input < 1 << 30 else { return nil }
      let total = max(((input + stride - 1) / stride - 1) * stride + span - input, 0)
      return (total / 2, total - total / 2)
    }
  }
}

/// One-dimensional convolution of series `[n, steps, in]` with a kernel `[steps, in, out]`.
public func conv1D(
  _ x: Tensor, _ kernel: Tensor, strides: Int = 1, padding: ConvolutionPadding = .valid, dilations: Int = 1
) -> Tensor {
  convolution(.one, x, kernel, strides: [strides], padding: padding, dilations: [dilations])
}

/// Two-dimensional convolution of images `[n, height, width, in]` with a kernel `[height, width, in, out]`.
public func conv2D(
  _ x: Tensor, _ kernel: Tensor, strides: [Int] = [1, 1], padding: ConvolutionPadding = .valid,
  dilations: [Int] = [1, 1]
) -> Tensor {
  convolution(.two, x, kernel, strides: strides, padding: padding, dilations: dilations)
}

/// Three-dimensional convolution of volumes `[n, depth, height, width, in]` with a kernel `[depth, height, width, in, out]`.
public func conv3D(
  _ x: Tensor, _ kernel: Tensor, strides: [Int] = [1, 1, 1], padding: ConvolutionPadding = .valid,
  dilations: [Int] = [1, 1, 1]
) -> Tensor {
  convolution(.three, x, kernel, strides: strides, padding: padding, dilations: dilations)
}

/// A convolution of every channel with kernels of its own: images `[n, height, width, c]`, a kernel
/// `[height, width, c, multiplier]`, results `[n, height, width, c multiplier]`.
public func depthwiseConv2D(
  _ x: Tensor, _ kernel: Tensor, strides: [Int] = [1, 1], padding: ConvolutionPadding = .valid,
  dilations: [Int] = [1, 1]
) -> Tensor {
  x.graph.located {
    var (kernel, groups) = (kernel, 1)
    if x.isValid, kernel.isValid, kernel.rank == 4, let channels = kernel.shape[2].value, channels > 0 {
      kernel = kernel.reshaped(to: kernel.shape[0..<2] + [1, kernel.shape[2] * kernel.shape[3]])
      groups = channels
    }
    return convolution(
      .two, named: "depthwiseConv2D", x, kernel, groups: groups, strides: strides, padding: padding,
      dilations: dilations)
  }
}

/// A convolution along one, two or three axes: `[n, spatial..., in]` with a kernel `[spatial..., in, out]`.
package func convolution(
  _ axes: SpatialAxes, named name: String? = nil, _ x: Tensor, _ kernel: Tensor, groups: Int = 1, strides: [Int],
  padding: ConvolutionPadding, dilations: [Int]
) -> Tensor {
  let name = name ?? "conv\(axes.count)D"
  return x.graph.located {
    guard x.isValid, kernel.isValid else { return x.graph.invalid(nil) }
    guard let (inputs, windows) = spatialExtents(name, axes, x, kernel, strides, dilations) else {
      return x.graph.invalid(nil)
    }
    var window: [WindowAxis] = []
    for axis in 0..<axes.count {
      var one = WindowAxis(stride: strides[axis], kernelDilation: dilations[axis])
      guard
        let (low, high) = padding.amounts(axis, input: inputs[axis], span: one.span(windows[axis]), stride: one.stride)
      else {
        return x.graph.invalid(
          .invalidArgument, "'\(name)' needs a padding for each spatial axis, that is \(axes.counted("pair")).")
      }
      (one.low, one.high) = (low, high)
      window.append(one)
    }
    return x.graph.apply(Convolution(window: window, groups: groups), [x, kernel])
  }
}

/// The spatial extents of input and kernel, all fixed; records a mistake if they are not.
func spatialExtents(
  _ name: String, _ axes: SpatialAxes, _ x: Tensor, _ kernel: Tensor, _ strides: [Int], _ dilations: [Int]
) -> (inputs: [Int], windows: [Int])? {
  let count = axes.count
  guard x.rank == count + 2, kernel.rank == count + 2, let inputs = x.shape[1..<count + 1].extents,
    let windows = kernel.shape[0..<count].extents
  else {
    _ = x.graph.invalid(
      .shape,
      "'\(name)' of \(x.type) and the kernel \(kernel.type): \(axes.things) are \(axes.shape()) and kernels have as many "
        + "axes, both \(axes.fixed).")
    return nil
  }
  guard strides.count == count, dilations.count == count,
    (strides + dilations).allSatisfy({ (1...1 << 20).contains($0) })
  else {
    _ = x.graph.invalid(
      .invalidArgument,
      "'\(name)' with strides \(strides) and dilations \(dilations): both are \(axes.counted("number")) of at least 1.")
    return nil
  }
  return (inputs, windows)
}
