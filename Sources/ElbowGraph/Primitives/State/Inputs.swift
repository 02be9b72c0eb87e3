import ElbowArrays

/// A primitive whose value comes from outside the computation: it has no operands.
public protocol InputPrimitive: Primitive {
  /// The type of the value.
  var type: TensorType { get }
}

extension InputPrimitive {
  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 0)
    return type
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] { [] }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    throw ElbowError(.internal, "'\(Self.name)' has no value of its own; the evaluator supplies it.")
  }
}

/// A value fed when the program runs.
public struct Placeholder: InputPrimitive {
  public static let name = "placeholder"
  /// The name it is fed by.
  public let input: String
  public let type: TensorType

  /// A value of a type, fed by a name.
  public init(_ input: String, type: TensorType) {
    self.input = input
    self.type = type
  }
  public init(attributes: Attributes) throws {
    input = try attributes.string("input")
    type = TensorType(try attributes.dtype("dtype"), try attributes.shape("shape"))
  }
  public var attributes: Attributes {
    ["input": .string(input), "dtype": .dtype(type.dtype), "shape": .shape(type.shape)]
  }
}

/// The value that a variable has when the run begins.
public struct ReadVariable: InputPrimitive {
  public static let name = "variable"
  /// The name of the variable.
  public let variable: String
  public let type: TensorType

  /// The value of the variable of that name and type.
  public init(_ variable: String, type: TensorType) {
    self.variable = variable
    self.type = type
  }
  public init(attributes: Attributes) throws {
    variable = try attributes.string("variable")
    type = TensorType(try attributes.dtype("dtype"), try attributes.shape("shape"))
  }
  public var attributes: Attributes {
    ["variable": .string(variable), "dtype": .dtype(type.dtype), "shape": .shape(type.shape)]
  }
}

/// A value known when the graph is built.
public struct Constant: InputPrimitive {
  public static let name = "constant"
  /// The value.
  public let value: HostArray

  /// A constant of the array's dtype and shape.
  public init(_ value: HostArray) { self.value = value }
  public init(attributes: Attributes) throws { value = try attributes.array("value") }
  public var attributes: Attributes { ["value": .array(value)] }
  public var type: TensorType { TensorType(value.dtype, Shape(value.shape)) }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray { value }

  /// The value of a scalar constant, if there is a float64 like it: most integers beyond 2^53 have none.
  public var scalar: Double? {
    guard value.shape.isEmpty, let double = value.doubles.first else { return nil }
    if let integer = try? value.values(as: Int64.self).first, Int64(exactly: double) != integer { return nil }
    return double
  }

  public static let samples = [
    PrimitiveSample(Constant(HostArray(scalar: Float(2.5))), []),
    PrimitiveSample(Constant(HostArray([1.5, 2.5, 4])), []),
  ]
}
