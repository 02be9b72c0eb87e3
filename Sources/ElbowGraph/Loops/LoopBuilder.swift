import ElbowArrays

/// Writes a ``LoopNest`` down so that a primitive's lowering reads as its algorithm does.
///
///     LoopNest.build(operands, result, independentAxes: 1) { nest in
///       let total = nest.local(nest.constant(0))
///       nest.loop(to: n) { k in nest.assign(total, total + nest.load(0, nest.position + [k])) }
///       nest.store(total, at: nest.position)
///     }
public final class LoopBuilder {
  /// The positions along the independent axes.
  public let position: [LoopIndex]
  private let operands: [TensorType]
  private let result: TensorType
  private var variableCount: Int
  private var locals: [DType] = []
  private var blocks: [[LoopStatement]] = [[]]

  init(_ operands: [TensorType], _ result: TensorType, independentAxes: Int) {
    self.operands = operands
    self.result = result
    position = (0..<independentAxes).map { .variable($0) }
    variableCount = independentAxes
  }

  // MARK: Scalars

  /// A literal, of the result's dtype unless another is given.
  public func constant(_ value: Double, _ dtype: DType? = nil) -> LoopValue {
    .constant(ScalarConstant(value), dtype ?? result.dtype)
  }
  /// An element of an operand.
  public func load(_ operand: Int, _ index: [LoopIndex]) -> LoopValue {
    .operand(operand, index, operands[operand].dtype)
  }
  /// An element of the result that has been stored before.
  public func loadResult(_ index: [LoopIndex]) -> LoopValue { .result(index, result.dtype) }

  // MARK: Statements

  /// Writes an element of the result.
  public func store(_ value: LoopValue, at index: [LoopIndex]) { emit(.store(index, value)) }

  /// A new local scalar.
  public func local(_ initial: LoopValue) -> LoopValue {
    locals.append(initial.dtype)
    emit(.declare(local: locals.count - 1, initial))
    return .local(locals.count - 1, initial.dtype)
  }

  /// Changes a local scalar.
  public func assign(_ local: LoopValue, _ value: LoopValue) {
    guard case .local(let number, _) = local else { return }
    emit(.assign(local: number, value))
  }

  /// `body` for each position from `from` to `to - 1`.
  public func loop(
    from: LoopIndex = 0, to: LoopIndex, descending: Bool = false, _ body: (LoopIndex) -> Void
  ) {
    let variable = variableCount
    variableCount += 1
    let inner = block { body(.variable(variable)) }
    emit(.loop(variable: variable, from: from, to: to, descending: descending, body: inner))
  }

  /// Loops over every position of a shape, the last axis innermost.
  public func loops(over extents: some Collection<Dimension>, _ body: ([LoopIndex]) -> Void) {
    guard let first = extents.first else { return body([]) }
    loop(to: .extent(first)) { outer in loops(over: extents.dropFirst()) { body([outer] + $0) } }
  }

  /// One or the other.
  public func when(_ condition: LoopValue, _ then: () -> Void, otherwise: () -> Void = {}) {
    emit(.conditional(condition, then: block(then), otherwise: block(otherwise)))
  }

  private func emit(_ statement: LoopStatement) { blocks[blocks.count - 1].append(statement) }

  private func block(_ body: () -> Void) -> [LoopStatement] {
    blocks.append([])
    body()
    return blocks.removeLast()
  }

  func finish() -> LoopNest {
    LoopNest(independentAxes: position.count, variableCount: variableCount, locals: locals, body: blocks[0])
  }
}

extension LoopNest {
  /// The nest that `body` writes down.
  public static func build(
    _ operands: [TensorType], _ result: TensorType, independentAxes: Int, _ body: (LoopBuilder) -> Void
  ) -> LoopNest {
    let builder = LoopBuilder(operands, result, independentAxes: independentAxes)
    body(builder)
    return builder.finish()
  }
}

extension LoopIndex: ExpressibleByIntegerLiteral {
  /// A constant position.
  public init(integerLiteral value: Int) { self = .extent(Dimension(value)) }

  /// The sum, simplified where both are extents or one is 0.
  public static func + (a: LoopIndex, b: LoopIndex) -> LoopIndex {
    if case .extent(let x) = a, case .extent(let y) = b { return .extent(x + y) }
    if b == 0 { return a }
    return a == 0 ? b : .sum(a, b)
  }
  /// The difference, simplified where both are extents or the second is 0.
  public static func - (a: LoopIndex, b: LoopIndex) -> LoopIndex {
    if case .extent(let x) = a, case .extent(let y) = b { return .extent(x - y) }
    return b == 0 ? a : .difference(a, b)
  }
  /// The product, simplified where both are extents or one is 1.
  public static func * (a: LoopIndex, b: LoopIndex) -> LoopIndex {
    if case .extent(let x) = a, case .extent(let y) = b { return .extent(x * y) }
    if b == 1 { return a }
    return a == 1 ? b : .product(a, b)
  }
  /// Whether the first position is below the second, as a bool scalar.
  public static func < (a: LoopIndex, b: LoopIndex) -> LoopValue {
    .apply(.less, [.position(a, .int64), .position(b, .int64)], .bool)
  }
  /// Whether the first position is not above the second, as a bool scalar.
  public static func <= (a: LoopIndex, b: LoopIndex) -> LoopValue {
    .apply(.lessOrEqual, [.position(a, .int64), .position(b, .int64)], .bool)
  }
  /// Whether the positions are equal, as a bool scalar.
  public static func .== (a: LoopIndex, b: LoopIndex) -> LoopValue {
    .apply(.equal, [.position(a, .int64), .position(b, .int64)], .bool)
  }

  /// The position moved into `0..<extent`.
  func clamped(to extent: Dimension) -> LoopIndex { .minimum(.maximum(self, 0), .extent(extent - 1)) }
  /// The quotient rounded down.
  func quotient(_ divisor: Dimension) -> LoopIndex { divisor == 1 ? self : .quotient(self, divisor) }
}

extension LoopValue {
  /// The sum, of the operands' dtype, which is the same for both.
  public static func + (a: LoopValue, b: LoopValue) -> LoopValue { .apply(.add, [a, b], a.dtype) }
  /// The difference, of the operands' dtype, which is the same for both.
  public static func - (a: LoopValue, b: LoopValue) -> LoopValue { .apply(.subtract, [a, b], a.dtype) }
  /// The product, of the operands' dtype, which is the same for both.
  public static func * (a: LoopValue, b: LoopValue) -> LoopValue { .apply(.multiply, [a, b], a.dtype) }
  /// The quotient, of the operands' dtype, which is the same for both.
  public static func / (a: LoopValue, b: LoopValue) -> LoopValue { .apply(.divide, [a, b], a.dtype) }
  /// Whether the first scalar is below the second, as a bool scalar; false where one is NaN.
  public static func < (a: LoopValue, b: LoopValue) -> LoopValue { .apply(.less, [a, b], .bool) }
  /// Whether the scalars are equal, as a bool scalar; false where one is NaN.
  public static func .== (a: LoopValue, b: LoopValue) -> LoopValue { .apply(.equal, [a, b], .bool) }
  /// Whether the scalars differ, as a bool scalar; true where one is NaN.
  public static func .!= (a: LoopValue, b: LoopValue) -> LoopValue { .apply(.notEqual, [a, b], .bool) }
  /// The conjunction of booleans, or of the bits of integers.
  public static func .& (a: LoopValue, b: LoopValue) -> LoopValue { .apply(.and, [a, b], a.dtype) }
  /// The disjunction of booleans, or of the bits of integers.
  public static func .| (a: LoopValue, b: LoopValue) -> LoopValue { .apply(.or, [a, b], a.dtype) }
}
