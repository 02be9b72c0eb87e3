/// An expression of C. Texts from a graph never become part of one except as string literals, which are escaped.
package indirect enum CExpression: Sendable, Hashable {
  case name(String)
  case integer(Int)
  /// A literal of type uint32_t, `7u`.
  case unsigned(UInt32)
  /// A literal of 64 bits, `UINT64_C(0x00f3...)`.
  case unsigned64(UInt64)
  /// A literal of type float or double, by the bits of the double that has its value. Equal literals have equal bits: NaN is itself, and 0 is not -0.
  case literal(bits: UInt64, isDouble: Bool)
  case string(String)
  case call(String, [CExpression])
  case binary(COperator, CExpression, CExpression)
  case unary(CPrefix, CExpression)
  case conditional(CExpression, CExpression, CExpression)
  case subscripted(CExpression, CExpression)
  case member(CExpression, String)
  /// `pointer->field`.
  case field(CExpression, String)
  case cast(CType, CExpression)
  /// The name of a type, as an argument of a macro.
  case type(CType)
  /// `{a, b, c}`.
  case list([CExpression])
  /// `{.field = a}`.
  case structure([Field])

  /// A field of a structure and its value.
  package struct Field: Sendable, Hashable {
    package var name: String
    package var value: CExpression

    package init(name: String, value: CExpression) { (self.name, self.value) = (name, value) }
  }
}

extension CExpression {
  /// A literal of type float or double.
  package static func floating(_ value: Double, isDouble: Bool) -> CExpression {
    .literal(bits: value.bitPattern, isDouble: isDouble)
  }
}

extension CExpression: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(stringLiteral value: String) { self = .name(value) }
}

extension CExpression {
  package static func + (a: CExpression, b: CExpression) -> CExpression {
    if a == 0 { return b }
    if b == 0 { return a }
    if case .integer(let x) = a, case .integer(let y) = b { return .integer(x &+ y) }
    if case .integer(let y) = b, y < 0 { return .binary(.minus, a, .integer(-y)) }
    return .binary(.plus, a, b)
  }
  package static func - (a: CExpression, b: CExpression) -> CExpression {
    if b == 0 { return a }
    if a == b { return 0 }
    if case .integer(let x) = a, case .integer(let y) = b { return .integer(x &- y) }
    return .binary(.minus, a, b)
  }
  package static func * (a: CExpression, b: CExpression) -> CExpression {
    if a == 1 { return b }
    if b == 1 { return a }
    if a == 0 || b == 0 { return 0 }
    if case .integer(let x) = a, case .integer(let y) = b { return .integer(x &* y) }
    return .binary(.times, a, b)
  }
}

/// A statement of C.
package indirect enum CStatement: Sendable {
  /// `type name = value;`
  case declare(CType, String, CExpression?)
  /// `type name[count] = value;`
  case declareArray(CType, String, CExpression, CExpression?)
  case assign(CExpression, COperator, CExpression)
  case expression(CExpression)
  /// `for (long i = from; i < to; i += step)`; the condition is given whole.
  case loop(variable: String, from: CExpression, condition: CExpression, step: CExpression, [CStatement])
  /// `for (; condition; advance)`.
  case whileLoop(condition: CExpression, advance: CExpression, [CStatement])
  /// The statements for each vector of a group, with the number of the vector: unrolled, not a loop.
  case each(CVectorGroup, [CStatement])
  case conditional(CExpression, [CStatement], [CStatement])
  case returned(CExpression?)
  case comment(String)
  case block([CStatement])
}

/// Vectors that statements are carried out for in turn.
package enum CVectorGroup: String, Sendable {
  /// Those of `EL_WAYS`, which are worked on side by side.
  case way = "EL_EACH_WAY"
  /// Those of `EL_PARTS`, whose lanes together are those of a sum.
  case part = "EL_EACH_PART"

  /// The name of a vector's number.
  package var counter: String { self == .way ? "way" : "part" }
}

/// A top-level piece of a C file.
package enum CDeclaration: Sendable {
  case include(String, isSystem: Bool)
  case function(CFunction)
  /// Only the function's head.
  case prototype(CFunction)
  /// `typedef struct name {...} name;`
  case structure(CType, fields: [(type: CType, name: String)])
  /// `static const type name[] = {...};`
  case constantArray(type: CType, name: String, values: [CExpression])
  /// `static const type name = value;`
  case constant(type: CType, name: String, value: CExpression)
  case comment(String)
  case define(String, String)
  /// Lines between `#ifdef` and `#endif`.
  case conditional(String, [CDeclaration])
  /// A line of the preprocessor as it stands.
  case directive(String)
  /// A call of a macro that declares something.
  case macro(String, [CExpression])
}

/// A function of C.
package struct CFunction: Sendable {
  package var comment: String?
  package var isStatic: Bool
  package var attributes: String
  package var result: CType
  package var name: String
  package var parameters: [(type: CType, name: String)]
  package var body: [CStatement]

  package init(
    _ name: String, result: CType = .void, isStatic: Bool = true, attributes: String = "",
    parameters: [(type: CType, name: String)], comment: String? = nil, body: [CStatement]
  ) {
    self.name = name
    self.result = result
    self.isStatic = isStatic
    self.attributes = attributes
    self.parameters = parameters
    self.comment = comment
    self.body = body
  }
}
