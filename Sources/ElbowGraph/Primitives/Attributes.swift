import ElbowArrays

/// The settings of a primitive, by name: all that it depends on besides its operands.
public typealias Attributes = [String: AttributeValue]

/// One attribute. The cases are those that a graph file can hold.
public indirect enum AttributeValue: Sendable, Hashable {
  case integer(Int)
  case integers([Int])
  case string(String)
  case flag(Bool)
  case dtype(DType)
  case shape(Shape)
  case list([AttributeValue])
  case array(HostArray)
}

extension HostArray: Hashable {
  public func hash(into hasher: inout Hasher) {
    hasher.combine(dtype)
    hasher.combine(shape)
    hasher.combine(bytes.count)
    for byte in bytes.prefix(64) { hasher.combine(byte) }
  }
}

extension [String: AttributeValue] {
  /// The attribute of that name, unwrapped by `extract`.
  ///
  /// - Throws: `ElbowError` when it is missing or of another kind.
  public func required<Result>(_ name: String, _ extract: (AttributeValue) -> Result?) throws -> Result {
    guard let value = self[name] else { throw ElbowError(.file, "The attribute '\(name)' is missing.") }
    guard let result = extract(value) else {
      throw ElbowError(.file, "The attribute '\(name)' has a value of the wrong kind.")
    }
    return result
  }
  /// The attribute of that name, an integer.
  ///
  /// - Throws: `ElbowError` when it is missing or of another kind.
  public func integer(_ name: String) throws -> Int {
    try required(name) { if case .integer(let value) = $0 { value } else { nil } }
  }
  /// The attribute of that name, a list of integers.
  ///
  /// - Throws: `ElbowError` when it is missing or of another kind.
  public func integers(_ name: String) throws -> [Int] {
    try required(name) { if case .integers(let value) = $0 { value } else { nil } }
  }
  /// The attribute of that name, a string.
  ///
  /// - Throws: `ElbowError` when it is missing or of another kind.
  public func string(_ name: String) throws -> String {
    try required(name) { if case .string(let value) = $0 { value } else { nil } }
  }
  /// The attribute of that name, true or false.
  ///
  /// - Throws: `ElbowError` when it is missing or of another kind.
  public func flag(_ name: String) throws -> Bool {
    try required(name) { if case .flag(let value) = $0 { value } else { nil } }
  }
  /// The attribute of that name, a dtype.
  ///
  /// - Throws: `ElbowError` when it is missing or of another kind.
  public func dtype(_ name: String) throws -> DType {
    try required(name) { if case .dtype(let value) = $0 { value } else { nil } }
  }
  /// The attribute of that name, a shape.
  ///
  /// - Throws: `ElbowError` when it is missing or of another kind.
  public func shape(_ name: String) throws -> Shape {
    try required(name) { if case .shape(let value) = $0 { value } else { nil } }
  }
  /// The attribute of that name, an array of numbers.
  ///
  /// - Throws: `ElbowError` when it is missing or of another kind.
  public func array(_ name: String) throws -> HostArray {
    try required(name) { if case .array(let value) = $0 { value } else { nil } }
  }
}

extension AttributeValue {
  /// The value with symbols replaced in all its shapes.
  func substituting(_ replacements: [String: Dimension]) -> AttributeValue {
    switch self {
    case .shape(let shape): .shape(shape.substituting(replacements))
    case .list(let values): .list(values.map { $0.substituting(replacements) })
    default: self
    }
  }

  /// The symbols in all its shapes.
  var symbols: Set<String> {
    switch self {
    case .shape(let shape): shape.symbols
    case .list(let values): values.reduce(into: []) { $0.formUnion($1.symbols) }
    default: []
    }
  }
}

extension AttributeValue: CustomStringConvertible {
  public var description: String {
    switch self {
    case .integer(let value): "\(value)"
    case .integers(let values): "\(values)"
    case .string(let value): value.debugDescription
    case .flag(let value): "\(value)"
    case .dtype(let value): value.rawValue
    case .shape(let value): "\(value)"
    case .list(let values): "\(values)"
    case .array(let value): value.summary
    }
  }
}
