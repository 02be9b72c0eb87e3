import ElbowArrays
import ElbowCodegen
import ElbowGraph
import ElbowManifest
import ElbowRuntime
import Foundation

/// Runs a graph: holds its variables, compiles what is asked for on first use, and keeps the compiled code in memory and on
/// disk.
///
/// Variables that the graph gets later begin, in a session that has run, with the values that they would have had from the start;
/// the others keep theirs. A session belongs to one thread at a time.
public final class Session {
  /// The back end that computes.
  public enum Backend: Sendable {
    /// Compiled C.
    case compiled
    /// The reference evaluator: slow, and needs no C compiler.
    case reference
  }

  /// The graph that is run; it may grow between runs.
  public let graph: Graph
  /// The back end that computes.
  public let backend: Backend
  /// How code is compiled.
  public let options: BuildOptions
  /// Whether every run is checked for NaN and infinity, in its outputs and in the variables it updates. A run that makes one
  /// changes nothing, and the error names the operation and the user's line that made it first. Costs a copy of the variables
  /// for each run, and a slow second run when something is found.
  public var checksNumerics = false
  let threads: Int
  private var engine: any SessionEngine

  /// - Parameters:
  ///   - graph: The graph to run.
  ///   - seed: Of the variables' first values and everything random.
  ///   - threads: 0 for one per core. Results do not depend on it.
  ///   - backend: The backend that computes.
  ///   - options: How code is compiled.
  ///   - cache: Where compiled code is kept; nil for the user's cache.
  /// - Throws: `ElbowError`: the graph's first mistake; or of kind `toolchain` or `file` if nothing can be compiled.
  public init(
    _ graph: Graph, seed: UInt64 = 0, threads: Int = 0, backend: Backend = .compiled,
    options: BuildOptions = BuildOptions(),
    cache: ArtifactCache? = nil
  ) throws {
    try graph.check()
    self.graph = graph
    self.backend = backend
    self.options = options
    self.threads = threads
    switch backend {
    case .reference: engine = try ReferenceEngine(graph, seed: seed)
    case .compiled:
      engine = try CompiledEngine(
        graph, seed: seed, threads: threads, options: options, cache: cache ?? ArtifactCache.standard())
    }
  }

  /// Runs a signature.
  ///
  /// - Parameters:
  ///   - signature: The outputs to compute and updates to make, a signature; compiled when it is first asked for.
  ///   - feeds: The placeholders' values, by name: arrays, or numbers and nested arrays of them.
  /// - Returns: The outputs by name. The variables it updates have their new values afterwards; after an error they have the
  ///   old ones.
  /// - Throws: `ElbowError` of kind `feed` if what is fed does not fit; the session can go on.
  @discardableResult
  public func run(
    _ signature: Signature, feeding feeds: [String: any ArrayConvertible] = [:]
  ) throws -> [String: HostArray] {
    try namingTheCallersLine { try compute(signature, graph.arrays(feeds)) }
  }

  private func compute(_ signature: Signature, _ feeds: [String: HostArray]) throws -> [String: HostArray] {
    try graph.check()
    guard checksNumerics else { return try engine.run(signature, feeds) }
    try engine.takeLaterVariables()
    let random = engine.randomState
    let state = Dictionary(
      uniqueKeysWithValues: try engine.variables.map { ($0.name, try engine.value(of: $0.name)) })
    let outputs = try engine.run(signature, feeds)
    let updated = try signature.updates.compactMap { graph.declaration(of: $0.variable)?.name }.map(engine.value(of:))
    if (outputs.values + updated).allSatisfy(NumericsCheck.isFinite) { return outputs }
    engine.randomState = random
    for (name, value) in state { try engine.setValue(value, of: name) }
    throw try NumericsCheck(program: graph.program(signature)).explain(feeds, state, random)
  }

  /// Computes tensors.
  ///
  /// - Returns: Their values, in order.
  public func run(_ fetches: [Tensor], feeding feeds: [Tensor: any ArrayConvertible] = [:]) throws -> [HostArray] {
    var signature = Signature("fetch")
    signature.outputs = fetches.enumerated().map { (name: "output\($0)", tensor: $1) }
    let values = try namingTheCallersLine { try run(signature, feeding: named(feeds)) }
    return fetches.indices.compactMap { values["output\($0)"] }
  }

  /// Computes a tensor, or what stands for one.
  public func run(
    _ fetch: some TensorConvertible, feeding feeds: [Tensor: any ArrayConvertible] = [:]
  ) throws -> HostArray {
    try run([fetch.tensor], feeding: feeds)[0]
  }

  /// Feeds by placeholder become feeds by name.
  func named(_ feeds: [Tensor: any ArrayConvertible]) throws -> [String: any ArrayConvertible] {
    try graph.named(feeds)
  }

  /// The names of the variables, in the order of their declaration.
  public var variableNames: [String] { graph.variables.map(\.name) }

  /// The value of a variable.
  public func value(of variable: String) throws -> HostArray {
    try namingTheCallersLine {
      try engine.takeLaterVariables()
      return try engine.value(of: declaration(of: variable).name)
    }
  }

  /// Gives a variable a value of its own shape and dtype.
  public func setValue(_ value: HostArray, of variable: String) throws {
    try namingTheCallersLine {
      try engine.takeLaterVariables()
      let declared = try declaration(of: variable)
      guard value.dtype == declared.type.dtype, Shape(value.shape) == declared.type.shape else {
        throw ElbowError(
          .shape, "The variable '\(variable)' is \(declared.type), but was given \(value.dtype)\(value.shape).")
      }
      try engine.setValue(value, of: variable)
    }
  }

  private func declaration(of variable: String) throws -> VariableDeclaration {
    guard let declared = engine.variables.first(where: { $0.name == variable }) else {
      let known = variableNames.prefix(20).map { "'\($0)'" }.joined(separator: ", ")
      throw ElbowError(
        .invalidArgument,
        "There is no variable named '\(variable)'. The graph has \(known.isEmpty ? "none" : known)"
          + "\(variableNames.count > 20 ? " and \(variableNames.count - 20) more" : "").")
    }
    return declared
  }

  /// The seed and counter of everything random.
  public var randomState: RandomState {
    get { engine.randomState }
    set { engine.randomState = newValue }
  }
}

/// The back end of a session.
protocol SessionEngine {
  var variables: [VariableDeclaration] { get }
  var randomState: RandomState { get set }
  /// Adds the variables that the graph has got since.
  mutating func takeLaterVariables() throws
  mutating func run(_ signature: Signature, _ feeds: [String: HostArray]) throws -> [String: HostArray]
  func value(of variable: String) throws -> HostArray
  mutating func setValue(_ value: HostArray, of variable: String) throws
}

/// The key that tells one signature of a graph from another: the tensors it gives and the variables it changes.
struct SignatureKey: Hashable {
  let outputs: [Int]
  let updates: [Int]

  init(_ signature: Signature) {
    outputs = signature.outputs.map(\.tensor.id)
    updates = signature.updates.flatMap { [$0.variable.id, $0.value.id] }
  }
}
