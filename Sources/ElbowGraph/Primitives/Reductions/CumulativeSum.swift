import ElbowArrays

/// The sums of the elements up to each position along an axis, from the last position on if `reverse`, and without the
/// element itself if `exclusive`.
///
/// y[i] = x[0] + ... + x[i]; exclusive: y[i] = x[0] + ... + x[i-1]. Elements are added in the order of the axis.
public struct CumulativeSum: LoopPrimitive {
  public static let name = "cumulative_sum"
  /// The axis, counted from the start.
  public let axis: Int
  /// Whether sums run from the last position on.
  public let reverse: Bool
  /// Whether each sum leaves out the element at its own position.
  public let exclusive: Bool

  /// Sums of numbers along an axis.
  ///
  /// - Parameters:
  ///   - axis: The axis, counted from the start.
  ///   - reverse: Whether sums run from the last position on.
  ///   - exclusive: Whether each sum leaves out the element at its own position.
  public init(axis: Int, reverse: Bool = false, exclusive: Bool = false) {
    self.axis = axis
    self.reverse = reverse
    self.exclusive = exclusive
  }
  public init(attributes: Attributes) throws {
    self.init(
      axis: try attributes.integer("axis"), reverse: try attributes.flag("reverse"),
      exclusive: try attributes.flag("exclusive"))
  }
  public var attributes: Attributes {
    ["axis": .integer(axis), "reverse": .flag(reverse), "exclusive": .flag(exclusive)]
  }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    try requireNumbers(operands)
    try requireAxis(axis, of: operands[0].shape)
    return operands[0]
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    let rule = CumulativeSum(axis: axis, reverse: !reverse, exclusive: exclusive)
    return [context.upstream.graph.apply(rule, [context.upstream])]
  }
  public func lower(operands: [TensorType], result: TensorType) -> LoopNest {
    let extent = LoopIndex.extent(result.shape.dimensions[axis])
    let inner = result.shape.dimensions[(axis + 1)...]
    return .build(operands, result, independentAxes: axis) { nest in
      let first = reverse ? extent - 1 : 0
      nest.loops(over: inner) { rest in
        let at = nest.position + [first] + rest
        nest.store(exclusive ? nest.constant(0) : nest.load(0, at), at: at)
      }
      nest.loop(from: reverse ? 0 : 1, to: reverse ? extent - 1 : extent, descending: reverse) { k in
        let previous = reverse ? k + 1 : k - 1
        nest.loops(over: inner) { rest in
          let before = nest.position + [previous] + rest
          let here = nest.position + [k] + rest
          nest.store(nest.loadResult(before) + nest.load(0, exclusive ? before : here), at: here)
        }
      }
    }
  }
  public func roundingErrors(_ context: EvaluationContext) -> RoundingErrors {
    .sum(terms: context.shape[axis], isInOrder: true)
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    try context.applyNumbers(Rule(primitive: self, shape: context.shape), operands: 1)
  }
  private struct Rule: NumberListRule {
    let primitive: CumulativeSum
    let shape: [Int]

    func apply<T: ReferenceNumber>(_ operands: [[T]]) -> [T] {
      let (count, step) = (shape[primitive.axis], rowMajorStrides(shape)[primitive.axis])
      var result = operands[0]
      for start in result.indices where start / step % count == 0 {
        var total: T = 0
        for position in primitive.reverse ? Array((0..<count).reversed()) : Array(0..<count) {
          let index = start + position * step
          let sum = total.added(operands[0][index])
          result[index] = primitive.exclusive ? total : sum
          total = sum
        }
      }
      return result
    }
  }
  public static let samples = [
    PrimitiveSample(CumulativeSum(axis: 1), [TensorType(.float32, [3, 17])]),
    PrimitiveSample(CumulativeSum(axis: 0, reverse: true), [TensorType(.float64, [5, 3])]),
    PrimitiveSample(CumulativeSum(axis: 1, exclusive: true), [TensorType(.float32, [3, 4, 5])]),
    PrimitiveSample(CumulativeSum(axis: 2, reverse: true, exclusive: true), [TensorType(.float32, [2, 3, 6])]),
    PrimitiveSample(CumulativeSum(axis: 1), [TensorType(.int32, [2, 7])], range: -9...9, isDifferentiable: false),
  ]
}

extension Primitive {
  func requireAxis(_ axis: Int, of shape: Shape) throws(OperandError) {
    guard (0..<shape.rank).contains(axis) else { throw OperandError(.shape, "\(shape) has no axis \(axis)") }
  }
}
