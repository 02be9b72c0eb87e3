import ElbowArrays

/// A program under construction: operations on tensors that have shapes and dtypes but no values yet.
///
/// Nothing runs while a graph is built. Mistakes are collected as a compiler collects them: the operation that does not
/// fit yields an invalid tensor, whatever uses that is silent, and ``check()`` - which every session and compilation
/// calls - throws the first mistake with the user's line and the others as notes.
///
/// A graph belongs to one thread at a time.
public final class Graph {
  /// The nodes in the order of their making: operands before users.
  public internal(set) var nodes: [Node] = []
  /// The variables in the order of their declaration.
  public internal(set) var variables: [VariableDeclaration] = []
  /// The placeholders in the order of their declaration.
  public internal(set) var placeholders: [PlaceholderDeclaration] = []
  /// The mistakes found so far, with the places of those whose lines nobody has asked for yet.
  package private(set) var mistakes: [(error: ElbowError, source: SourceReference)] = []
  /// Pairs of extents that have to agree when values are fed, with the operation that needs it.
  public internal(set) var equalities: [DimensionEquality] = []

  /// Conditions on values that runs check.
  var checks: [ValueCheck] = []
  /// The expectations that operations have of placeholders.
  var expectations: [DataExpectation] = []
  var scopes: [String] = []
  var usedNames: Set<String> = []
  var functionState = FunctionState()
  var symbolCount = 0
  var streamCount: UInt32 = 0
  private var loopCount = 0
  private var sourceOverride: SourceReference?
  /// The replacement of each symbol that equals another extent.
  public private(set) var symbolReplacements: [String: Dimension] = [:]

  /// The dtype of numbers for which none is given: of constants, random numbers and the parameters of distributions.
  public let floatingPoint: DType

  /// An empty graph.
  ///
  /// - Parameter floatingPoint: The dtype of numbers for which none is given, `.float32` or `.float64`.
  public init(floatingPoint: DType = .float32) { self.floatingPoint = floatingPoint }

  /// Adds an operation.
  ///
  /// - Returns: Its result; an invalid tensor if the operands do not fit, which ``diagnostics`` then explains.
  public func apply(_ primitive: some Primitive, _ inputs: [Tensor]) -> Tensor {
    let source = sourceOverride ?? .capture()
    guard inputs.allSatisfy({ $0.graph === self }) else {
      return invalid(
        ElbowError(
          .invalidArgument,
          "The operands of '\(type(of: primitive).name)' belong to different graphs; "
            + "build a model within one graph."), source)
    }
    if inputs.contains(where: { !$0.isValid }) { return invalid(nil) }
    let types = inputs.map(\.type)
    do throws(OperandError) {
      let type = try primitive.resultType(of: types)
      try Graph.checkSize(type)
      nodes.append(Node(primitive, inputs: inputs.map(\.id), type: type, source: source))
      return Tensor(graph: self, id: nodes.count - 1)
    } catch {
      let operands = types.map(\.description).joined(separator: ", ")
      return invalid(
        ElbowError(
          error.kind, "'\(Swift.type(of: primitive).name)' cannot be applied to (\(operands)): \(error.message)."),
        source)
    }
  }

  /// The mistakes found so far.
  public var diagnostics: [ElbowError] {
    // All lines that are not known yet in one run of the symbolizer.
    let open = mistakes.indices.filter { !mistakes[$0].source.isUnknown }
    for (index, place) in zip(open, SourceReference.resolve(open.map { mistakes[$0].source })) {
      mistakes[index].error.location = place
      mistakes[index].source = .unknown
    }
    return mistakes.map(\.error)
  }

  /// An invalid tensor, and the mistake that made it.
  func invalid(_ error: ElbowError?, _ source: SourceReference = .unknown) -> Tensor {
    if let error { mistakes.append((error, source)) }
    nodes.append(Node(Invalid(), inputs: [], type: TensorType(.float32, .scalar)))
    return Tensor(graph: self, id: nodes.count - 1)
  }

  /// An invalid tensor for what follows from a mistake that is recorded already.
  public func invalid() -> Tensor { invalid(nil) }

  /// Records a mistake at the user's line and returns an invalid tensor.
  public func invalid(_ kind: ElbowError.Kind, _ message: String) -> Tensor {
    invalid(ElbowError(kind, message), currentSource)
  }

  /// Throws the first mistake of the graph, if there is any; the others are its notes.
  public func check() throws(ElbowError) {
    guard !mistakes.isEmpty else { return }
    let diagnostics = diagnostics
    var first = diagnostics[0]
    first.notes += diagnostics.dropFirst().prefix(20).map { "also: \($0)" }
    throw first
  }

  /// Refuses shapes that no machine can hold, before anything multiplies their extents.
  static func checkSize(_ type: TensorType) throws(OperandError) {
    for dimension in type.shape.dimensions where !dimension.isSymbolic && dimension.constant < 0 {
      throw OperandError(.shape, "the result would have the negative extent \(dimension)")
    }
    // As if empty axes had one element: what walks through the others must be able to count them.
    let count = Shape(type.shape.dimensions.map { $0 == 0 ? 1 : $0 }).elementCount
    let largest = ([count.constant] + count.terms.map(\.coefficient)).map(\.magnitude).max() ?? 0
    if largest > 1 << 40 { throw OperandError(.shape, "a result of shape \(type.shape) is too large to hold") }
  }

  /// Runs `body` with its nodes marked as made where `source` says, not where the call is.
  public func located<Result>(at source: SourceReference, _ body: () throws -> Result) rethrows -> Result {
    let outer = sourceOverride
    sourceOverride = source
    defer { sourceOverride = outer }
    return try body()
  }

  /// Runs `body` with all its nodes marked as made by the caller of the function that calls this: one stack walk for many
  /// nodes.
  public func located<Result>(_ body: () throws -> Result) rethrows -> Result {
    if sourceOverride != nil { return try body() }
    return try located(at: .capture(), body)
  }

  /// Where nodes that are made now count as made.
  var currentSource: SourceReference { sourceOverride ?? .capture() }

  /// A number for a loop that is being written down.
  func nextLoop() -> Int {
    defer { loopCount += 1 }
    return loopCount
  }

  // MARK: Symbols

  /// A symbol that the graph has not used yet: n, m, k, then n3, n4, ...
  func freshSymbol() -> String {
    let first = ["n", "m", "k"]
    defer { symbolCount += 1 }
    return symbolCount < first.count ? first[symbolCount] : "n\(symbolCount)"
  }

  /// Notes that two extents have to agree, and from now on uses the simpler for both where one is a bare symbol.
  func require(_ a: Dimension, equals b: Dimension) {
    let x = canonical(a)
    let y = canonical(b)
    guard x != y else { return }
    equalities.append(DimensionEquality(left: a, right: b, source: sourceOverride ?? .capture()))
    if let symbol = y.symbol, !x.symbols.contains(symbol) {
      replace(symbol, by: x)
    } else if let symbol = x.symbol, !y.symbols.contains(symbol) {
      replace(symbol, by: y)
    }
  }

  /// No replacement holds a symbol that is replaced itself, so one substitution does for any extent.
  private func replace(_ symbol: String, by dimension: Dimension) {
    symbolReplacements = symbolReplacements.mapValues { $0.substituting([symbol: dimension]) }
    symbolReplacements[symbol] = dimension
  }

  /// Takes over replacements, none of which holds a symbol that is replaced itself.
  func replaceSymbols(_ replacements: [String: Dimension]) { symbolReplacements = replacements }

  /// The extent with every symbol replaced by what it is known to equal.
  public func canonical(_ dimension: Dimension) -> Dimension { dimension.substituting(symbolReplacements) }
}

/// Two extents that an operation needs to be the same.
public struct DimensionEquality: Sendable {
  /// One of the two extents.
  public var left: Dimension
  /// The other extent.
  public var right: Dimension
  /// Where the user made the operation that needs it.
  public var source: SourceReference
}
