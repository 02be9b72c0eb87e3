import ElbowArrays

/// Shapes of files: few enough axes and terms that nothing computed from them takes long.
extension Shape {
  /// The most axes that a tensor of a file has.
  static let rankLimit = 32

  /// Reads extents; nil if one is none, or they are more complicated than any graph makes them.
  init?(reading texts: [some StringProtocol]) {
    guard texts.count <= Shape.rankLimit else { return nil }
    var dimensions: [Dimension] = []
    for text in texts {
      guard let dimension = Dimension(reading: text) else { return nil }
      dimensions.append(dimension)
    }
    self.init(dimensions)
    guard isSimple(after: [:]) else { return nil }
  }

  /// Whether multiplying all extents, with symbols replaced, takes a bounded number of steps.
  func isSimple(after replacements: [String: Dimension]) -> Bool {
    var product = 1
    for dimension in dimensions {
      var terms = 1
      for term in dimension.terms {
        var expanded = 1
        for symbol in term.symbols {
          expanded *= replacements[symbol].map { max(1, $0.terms.count + 1) } ?? 1
          if expanded > 4096 { return false }
        }
        terms += expanded
      }
      product *= terms
      if product > 1 << 16 { return false }
    }
    return true
  }
}

extension Dimension {
  /// Reads an extent of at most 16 terms of at most 8 factors, with symbols as a graph names them.
  init?(reading text: some StringProtocol) {
    guard text.utf8.count <= 1000 else { return nil }
    let text = String(text)
    guard let dimension = Dimension(parsing: text), dimension.terms.count <= 16,
      dimension.terms.allSatisfy({ $0.symbols.count <= 8 }),
      dimension.symbols.allSatisfy({ Graph.symbolNumber($0) != nil })
    else { return nil }
    self = dimension
  }
}

extension TensorType {
  /// Reads what ``description`` writes, `float32[n, 100]`.
  init?(reading text: String) {
    guard text.utf8.count <= 40_000, text.last == "]", let bracket = text.firstIndex(of: "["),
      let dtype = DType(rawValue: String(text[..<bracket]))
    else { return nil }
    let inner = text[text.index(after: bracket)...].dropLast()
    guard
      let shape = Shape(reading: inner.isEmpty ? [] : inner.split(separator: ", ", omittingEmptySubsequences: false))
    else { return nil }
    self.init(dtype, shape)
  }
}

extension SourceLocation {
  /// Reads what ``description`` writes, `VAE/main.swift:12`.
  init?(reading text: String) {
    guard !text.isEmpty, text.utf8.count <= 1000,
      !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { return nil }
    if let colon = text.lastIndex(of: ":"), let line = Int(text[text.index(after: colon)...]), line > 0 {
      self.init(file: String(text[..<colon]), line: line)
    } else {
      self.init(file: text, line: 0)
    }
  }
}
