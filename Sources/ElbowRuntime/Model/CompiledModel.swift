import CElbowABI
import ElbowArrays
import ElbowManifest
import Foundation

/// A compiled model, ready to run.
///
/// ```swift
/// let model = try CompiledModel(contentsOf: URL(filePath: "vae.so"), seed: 42)
/// let outputs = try model.run("decode", inputs: ["code": HostArray([0.5, -1] as [Float], shape: [1, 2])])
/// ```
///
/// A model serves one thread at a time and so is not `Sendable`. For several threads, make a model on each from one
/// ``LoadedLibrary``, which is.
public final class CompiledModel {
  /// The library the model came from.
  public var library: LoadedLibrary { handle.library }
  /// The model's own description.
  public var manifest: Manifest { handle.library.manifest }
  /// The signatures that can be run, in the manifest's order.
  public var signatures: [Manifest.Signature] { manifest.signatures }
  /// The state that was given, or nil when the model has its own.
  public var state: ModelState? { handle.state }

  let handle: ModelHandle
  private let variables: [String: Manifest.Variable]
  private var prepared: [String: PreparedSignature] = [:]

  /// Loads a model's library and makes a model with a state of its own.
  ///
  /// - Parameters:
  ///   - url: the shared library.
  ///   - seed: of the initial variables and of everything random.
  ///   - threads: how many threads share the work; 0 is one per core. Results do not depend on it.
  /// - Throws: ``ElbowError``: whatever ``LoadedLibrary/init(contentsOf:)`` throws, or kind `library` when the model
  ///   cannot be created.
  public convenience init(contentsOf url: URL, seed: UInt64 = 0, threads: Int = 0) throws {
    try self.init(library: LoadedLibrary(contentsOf: url), seed: seed, threads: threads)
  }

  /// Makes a model from a loaded library, with a state of its own or a shared one.
  ///
  /// A state that is given is used as it is, without being initialised.
  ///
  /// - Throws: ``ElbowError`` when `threads` is negative, when the state belongs to another layout of variables, or when
  ///   the model cannot be created.
  public init(library: LoadedLibrary, state: ModelState? = nil, seed: UInt64 = 0, threads: Int = 0) throws {
    handle = try ModelHandle(library: library, state: state, seed: seed, threads: threads)
    variables = Dictionary(library.manifest.variables.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Resolves a signature once, for repeated runs with arrays in the manifest's order.
  ///
  /// The same object is given each time, and it keeps the model alive.
  ///
  /// - Throws: ``ElbowError`` of kind `feed` when there is no such signature.
  public func prepare(_ signature: String) throws -> PreparedSignature {
    if let known = prepared[signature] { return known }
    guard let found = signatures.first(where: { $0.name == signature }) else {
      throw namingTheCallersLine(
        ElbowError(
          .feed,
          "The model '\(manifest.name)' has no signature '\(signature)'. It has \(quotedList(signatures.map(\.name))).")
      )
    }
    let result = PreparedSignature(found, handle: handle)
    prepared[signature] = result
    return result
  }

  /// Prepares the signature with a meaning.
  public func prepare(_ role: SignatureRole) throws -> PreparedSignature { try prepare(role.rawValue) }

  /// Runs the signature with a meaning.
  public func run(_ role: SignatureRole, inputs: [String: any ArrayConvertible] = [:]) throws -> [String: HostArray] {
    try run(role.rawValue, inputs: inputs)
  }

  /// Runs a signature on named inputs and gives its named outputs.
  ///
  /// Inputs with a default may be left out. They are arrays, or numbers and nested arrays of them.
  ///
  /// - Throws: ``ElbowError`` of kind `feed` when a name, a dtype or a shape does not fit the signature, `invalidArgument`
  ///   when a check of an argument does not hold, `numerics` when a check met NaN or infinity, and `library` when the
  ///   library fails.
  public func run(_ signature: String, inputs: [String: any ArrayConvertible] = [:]) throws -> [String: HostArray] {
    try namingTheCallersLine {
      let call = try prepare(signature)
      let outputs = try call.run(call.ordered(inputs))
      return Dictionary(
        zip(call.signature.outputs, outputs).filter { !$0.0.isCheck }.map { ($0.name, $1) },
        uniquingKeysWith: { first, _ in first })
    }
  }

  /// Runs a signature on inputs in the manifest's order, nil for a default, into arrays that are reused where they fit.
  ///
  /// - Throws: as ``PreparedSignature/run(_:into:)``.
  public func run(_ signature: String, inputs: [HostArray?], into outputs: inout [HostArray]) throws {
    try prepare(signature).run(inputs, into: &outputs)
  }

  /// Sets how many threads share the work; 0 is one per core. Results do not depend on it, to the bit.
  ///
  /// - Throws: ``ElbowError`` when the number is negative or the threads cannot be started.
  public func setThreads(_ threads: Int) throws {
    try handle.check(
      handle.functions.setThreads(handle.model, ModelHandle.threadCount(threads)), argumentKind: .invalidArgument,
      doing: "use \(threads) threads")
  }

  /// Sets every variable to its initial value and the random state to (`seed`, 0).
  ///
  /// - Throws: ``ElbowError`` when the library fails.
  public func initialize(seed: UInt64) throws {
    try handle.check(
      handle.functions.initialize(handle.model, seed), argumentKind: .library, doing: "initialise its variables")
  }

  /// The seed and the counter that everything random follows from; every run that draws advances the counter by one.
  public struct RandomState: Sendable, Hashable, Codable {
    /// The number that everything random follows from.
    public var seed: UInt64
    /// How many runs have drawn random numbers since the seed was set.
    public var counter: UInt64

    /// A state; without a counter, that of a model from which nothing was drawn yet.
    public init(seed: UInt64, counter: UInt64 = 0) {
      self.seed = seed
      self.counter = counter
    }
  }

  /// Where the model is in its random numbers.
  public var randomState: RandomState {
    get {
      var state = RandomState(seed: 0)
      handle.functions.getRandomState(handle.model, &state.seed, &state.counter)
      return state
    }
    set { handle.functions.setRandomState(handle.model, newValue.seed, newValue.counter) }
  }

  func variable(_ name: String) throws -> Manifest.Variable {
    guard let variable = variables[name] else {
      throw namingTheCallersLine(
        ElbowError(
          .invalidArgument,
          "The model '\(manifest.name)' has no variable '\(name)'. It has \(quotedList(variableNames))."))
    }
    return variable
  }
}

/// "'a', 'b' and 12 more", or "none".
func quotedList(_ names: [String], limit: Int = 20) -> String {
  guard !names.isEmpty else { return "none" }
  let shown = names.prefix(limit).map { "'\($0)'" }.joined(separator: ", ")
  return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
}
