/// One extent in a manifest: a number, or an expression over the symbols of the inputs' shapes.
public enum ManifestDimension: Sendable, Hashable {
  /// Always this many.
  case fixed(Int)
  /// A symbol, `n`, or an expression, `2*n + 1`.
  case symbolic(String)

  /// The symbol, when the dimension is one and nothing more.
  public var symbol: String? {
    guard case .symbolic(let text) = self, text.isCIdentifier else { return nil }
    return text
  }
}

extension ManifestDimension: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .symbolic(text)
    } else {
      self = .fixed(try container.decode(Int.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .fixed(let extent): try container.encode(extent)
    case .symbolic(let text): try container.encode(text)
    }
  }
}

extension ManifestDimension: CustomStringConvertible {
  /// The number or the expression.
  public var description: String {
    switch self {
    case .fixed(let extent): "\(extent)"
    case .symbolic(let text): text
    }
  }
}

extension String {
  /// Whether this is a C identifier in ASCII.
  public var isCIdentifier: Bool {
    guard let first = utf8.first, !(48...57).contains(first) else { return false }
    return utf8.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
    }
  }
}
