import ElbowArrays

/// Whether a relation holds between two elements. Comparisons with NaN are false, but `notEqual` is true.
public struct Compare: ElementwisePrimitive {
  public static let name = "compare"

  /// The relations between two elements.
  public enum Relation: String, Sendable, CaseIterable {
    case less, lessOrEqual, equal, notEqual
  }

  /// The relation.
  public let relation: Relation

  /// A comparison of two operands of one shape and one dtype, which gives bool.
  public init(_ relation: Relation) { self.relation = relation }
  public init(attributes: Attributes) throws {
    let name = try attributes.string("relation")
    guard let relation = Relation(rawValue: name) else { throw ElbowError(.file, "There is no relation '\(name)'.") }
    self.relation = relation
  }
  public var attributes: Attributes { ["relation": .string(relation.rawValue)] }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 2)
    try requireSameDType(operands)
    try requireSameShape(operands)
    return TensorType(.bool, operands[0].shape)
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] { [nil, nil] }
  public func lower(_ operands: [ScalarValue], _ dtype: DType, into builder: inout ScalarBuilder) -> ScalarValue {
    let operation: ScalarOperation =
      switch relation {
      case .less: .less
      case .lessOrEqual: .lessOrEqual
      case .equal: .equal
      case .notEqual: .notEqual
      }
    return builder.compare(operation, operands[0], operands[1])
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    switch context.inputs[0].dtype {
    case .float32: try context.map { (x: Float, y: Float) in holds(x, y) }
    case .float64: try context.map { (x: Double, y: Double) in holds(x, y) }
    case .int32: try context.map { (x: Int32, y: Int32) in holds(x, y) }
    case .int64: try context.map { (x: Int64, y: Int64) in holds(x, y) }
    case .uint32: try context.map { (x: UInt32, y: UInt32) in holds(x, y) }
    case .uint8, .bool: try compareBytes(context)
    }
  }
  private func compareBytes(_ context: EvaluationContext) throws -> HostArray {
    let (a, b) = (context.inputs[0].bytes, context.inputs[1].bytes)
    return try HostArray(a.indices.map { holds(a[$0], b[$0]) }, shape: context.shape)
  }
  private func holds<T: Comparable>(_ x: T, _ y: T) -> Bool {
    switch relation {
    case .less: x < y
    case .lessOrEqual: x <= y
    case .equal: x == y
    case .notEqual: x != y
    }
  }
  public static let samples =
    Relation.allCases.map {
      PrimitiveSample(
        Compare($0), [TensorType(.float32, [3, 17]), TensorType(.float32, [3, 17])], isDifferentiable: false)
    } + [PrimitiveSample(Compare(.less), [TensorType(.int64, [5]), TensorType(.int64, [5])], isDifferentiable: false)]
}
