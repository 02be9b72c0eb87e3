/// The extent of one axis: an integer, or a polynomial with integer coefficients in symbols such as the batch size `n`.
///
/// Symbols stand for extents that are known only when a program is fed. Arithmetic keeps a canonical form, so two
/// dimensions are equal exactly when they agree for every value of the symbols. Coefficients saturate instead of
/// overflowing; a shape with so many elements is refused where it arises.
public struct Dimension: Sendable, Hashable {
  /// A product of symbols with its coefficient, `3*n*n`.
  public struct Term: Sendable, Hashable {
    /// The symbols of the product, sorted; a repeated symbol is a power. Never empty.
    public let symbols: [String]
    /// The coefficient; never zero.
    public let coefficient: Int
  }

  /// The part without symbols.
  public private(set) var constant: Int
  /// The terms with symbols, sorted: higher degrees first, then by name.
  public private(set) var terms: [Term]

  /// A fixed extent.
  public init(_ value: Int) {
    constant = value
    terms = []
  }

  /// A symbol of its own.
  public init(symbol: String) {
    constant = 0
    terms = [Term(symbols: [symbol], coefficient: 1)]
  }

  init(constant: Int, coefficients: [[String]: Int]) {
    self.constant = constant
    terms = coefficients.filter { $0.value != 0 }
      .map { Term(symbols: $0.key, coefficient: $0.value) }
      .sorted { Dimension.precedes($0.symbols, $1.symbols) }
  }

  private static func precedes(_ a: [String], _ b: [String]) -> Bool {
    a.count != b.count ? a.count > b.count : a.lexicographicallyPrecedes(b)
  }

  /// The extent, if it has no symbols.
  public var value: Int? { terms.isEmpty ? constant : nil }
  /// Whether the extent depends on a symbol.
  public var isSymbolic: Bool { !terms.isEmpty }
  /// The name, if the dimension is one bare symbol.
  public var symbol: String? {
    guard constant == 0, terms.count == 1, terms[0].coefficient == 1, terms[0].symbols.count == 1 else { return nil }
    return terms[0].symbols[0]
  }
  /// Every symbol that occurs.
  public var symbols: Set<String> { Set(terms.flatMap(\.symbols)) }

  /// The extent for given values of the symbols; nil if one is missing or the result overflows.
  public func evaluated(with bindings: [String: Int]) -> Int? {
    var total = constant
    for term in terms {
      var product = term.coefficient
      for symbol in term.symbols {
        guard let value = bindings[symbol] else { return nil }
        let (next, overflow) = product.multipliedReportingOverflow(by: value)
        if overflow { return nil }
        product = next
      }
      let (next, overflow) = total.addingReportingOverflow(product)
      if overflow { return nil }
      total = next
    }
    return total
  }

  /// The dimension with symbols replaced by other dimensions.
  public func substituting(_ replacements: [String: Dimension]) -> Dimension {
    guard !terms.isEmpty, !symbols.isDisjoint(with: replacements.keys) else { return self }
    var result = Dimension(constant)
    for term in terms {
      var product = Dimension(term.coefficient)
      for symbol in term.symbols { product = product * (replacements[symbol] ?? Dimension(symbol: symbol)) }
      result = result + product
    }
    return result
  }

  /// The quotient, if the division leaves nothing over for any value of the symbols.
  public func dividedExactly(by divisor: Dimension) -> Dimension? {
    guard divisor != 0 else { return nil }
    var quotient = Dimension(0)
    var rest = self
    let leading = divisor.leadingTerm
    for _ in 0...(terms.count + divisor.terms.count + 8) {
      if rest == 0 { return quotient }
      let (symbols, coefficient) = rest.leadingTerm
      guard coefficient.isMultiple(of: leading.coefficient), let left = Dimension.remove(leading.symbols, from: symbols)
      else { return nil }
      let factor = Dimension(coefficient: coefficient / leading.coefficient, symbols: left)
      quotient = quotient + factor
      rest = rest - factor * divisor
    }
    return nil
  }

  private init(coefficient: Int, symbols: [String]) {
    self = symbols.isEmpty ? Dimension(coefficient) : Dimension(constant: 0, coefficients: [symbols: coefficient])
  }

  private var leadingTerm: (symbols: [String], coefficient: Int) {
    terms.first.map { ($0.symbols, $0.coefficient) } ?? ([], constant)
  }

  private static func remove(_ symbols: [String], from all: [String]) -> [String]? {
    var left = all
    for symbol in symbols {
      guard let index = left.firstIndex(of: symbol) else { return nil }
      left.remove(at: index)
    }
    return left
  }
}

extension Dimension: ExpressibleByIntegerLiteral {
  /// A fixed extent: `28`.
  public init(integerLiteral value: Int) { self.init(value) }
}

extension Dimension {
  /// The sum of two extents; saturates instead of overflowing.
  public static func + (a: Dimension, b: Dimension) -> Dimension {
    if a.terms.isEmpty && b.terms.isEmpty { return Dimension(saturatingSum(a.constant, b.constant)) }
    var coefficients = a.coefficients
    for term in b.terms {
      coefficients[term.symbols] = saturatingSum(coefficients[term.symbols] ?? 0, term.coefficient)
    }
    return Dimension(constant: saturatingSum(a.constant, b.constant), coefficients: coefficients)
  }

  /// The difference of two extents; saturates instead of overflowing.
  public static func - (a: Dimension, b: Dimension) -> Dimension { a + b * Dimension(-1) }

  /// The product of two extents; saturates instead of overflowing.
  public static func * (a: Dimension, b: Dimension) -> Dimension {
    if a.terms.isEmpty && b.terms.isEmpty { return Dimension(saturatingProduct(a.constant, b.constant)) }
    var constant = 0
    var coefficients: [[String]: Int] = [:]
    for (left, x) in a.allTerms {
      for (right, y) in b.allTerms {
        let product = saturatingProduct(x, y)
        let symbols = (left + right).sorted()
        if symbols.isEmpty {
          constant = saturatingSum(constant, product)
        } else {
          coefficients[symbols] = saturatingSum(coefficients[symbols] ?? 0, product)
        }
      }
    }
    return Dimension(constant: constant, coefficients: coefficients)
  }

  private var coefficients: [[String]: Int] {
    Dictionary(uniqueKeysWithValues: terms.map { ($0.symbols, $0.coefficient) })
  }

  private var allTerms: [([String], Int)] {
    (constant == 0 ? [] : [([], constant)]) + terms.map { ($0.symbols, $0.coefficient) }
  }

  private static func saturatingSum(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? (a > 0 ? Int.max : -Int.max) : sum
  }

  private static func saturatingProduct(_ a: Int, _ b: Int) -> Int {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? ((a > 0) == (b > 0) ? Int.max : -Int.max) : product
  }
}

extension Dimension: CustomStringConvertible {
  /// `28`, `n`, `2*n + 1`.
  public var description: String {
    var text = ""
    for (symbols, coefficient) in terms.map({ ($0.symbols, $0.coefficient) }) + (constant == 0 ? [] : [([], constant)])
    {
      let magnitude = coefficient.magnitude
      let factors = (magnitude == 1 && !symbols.isEmpty ? [] : ["\(magnitude)"]) + symbols
      if text.isEmpty {
        text = (coefficient < 0 ? "-" : "") + factors.joined(separator: "*")
      } else {
        text += (coefficient < 0 ? " - " : " + ") + factors.joined(separator: "*")
      }
    }
    return text.isEmpty ? "0" : text
  }

  /// Reads what ``description`` writes; nil for anything else.
  public init?(parsing text: String) {
    var total = Dimension(0)
    var sign = 1
    var expectsTerm = true
    for word in text.split(separator: " ", omittingEmptySubsequences: true) {
      if !expectsTerm, word == "+" || word == "-" {
        sign = word == "+" ? 1 : -1
        expectsTerm = true
        continue
      }
      guard expectsTerm else { return nil }
      var factors = word.split(separator: "*", omittingEmptySubsequences: false)
      if factors.first?.hasPrefix("-") == true {
        sign = -sign
        factors[0].removeFirst()
      }
      var product = Dimension(sign)
      for factor in factors {
        if let number = Int(factor), factor.utf8.allSatisfy({ (48...57).contains($0) }) {
          product = product * Dimension(number)
        } else if Dimension.isSymbolName(factor) {
          product = product * Dimension(symbol: String(factor))
        } else {
          return nil
        }
      }
      total = total + product
      sign = 1
      expectsTerm = false
    }
    guard !expectsTerm else { return nil }
    self = total
  }

  /// Whether a text can name a symbol: a letter, then letters, digits and underscores, all ASCII.
  public static func isSymbolName(_ text: some StringProtocol) -> Bool {
    guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 64 else { return false }
    return text.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) || $0 == 95 }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
}
