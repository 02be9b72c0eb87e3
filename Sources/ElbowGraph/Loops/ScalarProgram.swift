import ElbowArrays

/// An operation that computes one element: one of those that a primitive's scalar rule can use.
public enum ScalarOperation: Sendable, Hashable {
  case add, subtract, multiply, divide, remainder, minimum, maximum, power
  case negate, absolute
  case and, or, exclusiveOr, shiftLeft, shiftRight, not
  case less, lessOrEqual, equal, notEqual
  /// `select(condition, a, b)`.
  case select
  /// Conversion to the node's dtype.
  case cast
  case function(ScalarFunction)
  /// A literal.
  case constant(ScalarConstant)
  /// The element of an operand, by position.
  case operand(Int)
  /// The position along an axis of the element being computed, as an integer.
  case position(axis: Int)
  /// The value of an extent.
  case extent(Dimension)
  /// Word `word` of the Philox4x32-10 block of stream `stream` for the element whose row-major position the operand gives.
  case random(stream: UInt32, word: Int)
}

/// A literal, with its bits so that equality and hashing are exact.
public struct ScalarConstant: Sendable, Hashable {
  /// Floating point and integers up to 2^53 in one form.
  public let bits: UInt64
  /// The literal of that value.
  public init(_ value: Double) { bits = value.bitPattern }
  /// The literal as a number.
  public var value: Double { Double(bitPattern: bits) }
}

/// A scalar rule as a list of operations, each on earlier ones: a directed graph without common subexpressions.
public struct ScalarProgram: Sendable, Hashable {
  /// One operation of a rule on the values of earlier ones.
  public struct Instruction: Sendable, Hashable {
    /// The operation.
    public var operation: ScalarOperation
    /// The earlier instructions whose values it takes, by number.
    public var operands: [Int]
    /// The dtype of the value it yields.
    public var dtype: DType

    /// An operation on the values of earlier instructions, with the dtype of its own.
    public init(_ operation: ScalarOperation, _ operands: [Int], _ dtype: DType) {
      self.operation = operation
      self.operands = operands
      self.dtype = dtype
    }
  }

  /// The instructions in order, each different from all others; an operand comes before what takes it.
  public private(set) var instructions: [Instruction] = []
  private var index: [Instruction: Int] = [:]

  /// A rule without instructions.
  public init() {}

  /// Adds an instruction, or finds it if it is there already.
  public mutating func add(_ instruction: Instruction) -> Int {
    if let known = index[instruction] { return known }
    instructions.append(instruction)
    index[instruction] = instructions.count - 1
    return instructions.count - 1
  }
}

/// A value within a scalar rule under construction.
public struct ScalarValue: Sendable, Hashable {
  /// The instruction that yields the value, by number.
  public let index: Int
  /// The dtype of the value.
  public let dtype: DType
  /// The value of an instruction of a rule, by number, with its dtype.
  public init(index: Int, dtype: DType) {
    self.index = index
    self.dtype = dtype
  }
}

/// Builds a scalar rule. Operands of one operation have the same dtype.
public struct ScalarBuilder {
  /// The rule as far as it has been built.
  public var program = ScalarProgram()

  /// A builder that has written nothing down.
  public init() {}

  /// The value of an operation on earlier values, of dtype `dtype`; the one there is if it has been computed before.
  public mutating func emit(_ operation: ScalarOperation, _ operands: [ScalarValue], _ dtype: DType) -> ScalarValue {
    ScalarValue(
      index: program.add(.init(operation, operands.map(\.index), dtype)), dtype: dtype)
  }
  /// A literal of a dtype.
  public mutating func constant(_ value: Double, _ dtype: DType) -> ScalarValue {
    emit(.constant(ScalarConstant(value)), [], dtype)
  }
  /// The value of an operation on two values of one dtype, which is the result's, too.
  public mutating func binary(_ operation: ScalarOperation, _ a: ScalarValue, _ b: ScalarValue) -> ScalarValue {
    emit(operation, [a, b], a.dtype)
  }
  /// A comparison of two values of one dtype; its result is bool.
  public mutating func compare(_ operation: ScalarOperation, _ a: ScalarValue, _ b: ScalarValue) -> ScalarValue {
    emit(operation, [a, b], .bool)
  }
  /// The value `a` where the bool `condition` holds, and `b`, of the same dtype, elsewhere.
  public mutating func select(_ condition: ScalarValue, _ a: ScalarValue, _ b: ScalarValue) -> ScalarValue {
    emit(.select, [condition, a, b], a.dtype)
  }
  /// A function of the vector library: that of a primitive has its name.
  public mutating func call(_ function: ScalarFunction, _ operands: [ScalarValue]) -> ScalarValue {
    emit(.function(function), operands, operands.first?.dtype ?? .float32)
  }
  /// The value converted to a dtype, or itself if it has that dtype already.
  public mutating func cast(_ a: ScalarValue, _ dtype: DType) -> ScalarValue {
    a.dtype == dtype ? a : emit(.cast, [a], dtype)
  }
}

/// A primitive that computes each element from the operands' elements at the same position.
public protocol ElementwisePrimitive: Primitive {
  /// The element, from the operands' elements.
  func lower(_ operands: [ScalarValue], _ dtype: DType, into builder: inout ScalarBuilder) -> ScalarValue
  /// The time that an element takes.
  static var cost: ScalarCost { get }
}

extension ElementwisePrimitive {
  public static var cost: ScalarCost { .instruction }
  /// The function of the vector library that has the primitive's name.
  static var function: ScalarFunction { ScalarFunction(name, cost) }
}

/// A primitive that computes each element from its position alone.
public protocol GeneratingPrimitive: Primitive {
  /// The element, from its position along each axis and its row-major position, all of dtype int64.
  func lower(
    axes: [ScalarValue], position: ScalarValue, _ dtype: DType, into builder: inout ScalarBuilder
  ) -> ScalarValue
}
