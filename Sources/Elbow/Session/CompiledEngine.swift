import ElbowArrays
import ElbowCodegen
import ElbowGraph
import ElbowManifest
import ElbowRuntime
import Foundation

/// A session's computing by compiled code: one library for each signature, all on the same state.
struct CompiledEngine: SessionEngine {
  let graph: Graph
  private(set) var variables: [VariableDeclaration]
  private let compiler: ModelCompiler
  private let cache: ArtifactCache
  private let threads: Int
  private let seed: UInt64
  private var compiled: [SignatureKey: CompiledSignature] = [:]
  private let shared = SharedState()

  private struct CompiledSignature {
    let program: Program
    let prepared: PreparedSignature
    let model: CompiledModel
  }

  /// A model that holds the state, made with the first library, whichever that is.
  private final class SharedState {
    var model: CompiledModel?
  }

  init(_ graph: Graph, seed: UInt64, threads: Int, options: BuildOptions, cache: ArtifactCache) throws {
    self.graph = graph
    self.seed = seed
    self.threads = threads
    self.cache = cache
    variables = graph.variables
    compiler = ModelCompiler(name: "session", options: options)
  }

  mutating func run(_ signature: Signature, _ feeds: [String: HostArray]) throws -> [String: HostArray] {
    let entry = try compile(signature)
    let (values, _) = try entry.program.bind(feeds)
    let outputs: [HostArray]
    do {
      // Optimisation may have found that an input changes nothing; the library does not ask for it then.
      outputs = try entry.prepared.run(entry.prepared.signature.inputs.map { values[$0.name] })
    } catch var error as ElbowError {
      // The library knows the message of a check, and the program the user's line.
      let check = entry.program.outputs.first { $0.check != nil && $0.name == error.message }
      error.location = error.location ?? check?.check?.resolve()
      throw error
    }
    return Dictionary(zip(signature.outputs.map(\.name), outputs)) { first, _ in first }
  }

  private mutating func compile(_ signature: Signature) throws -> CompiledSignature {
    try takeLaterVariables()
    let key = SignatureKey(signature)
    if let known = compiled[key] { return known }
    let program = try graph.program(signature)
    let model = try load([signature])
    let entry = CompiledSignature(program: program, prepared: try model.prepare(signature.name), model: model)
    compiled[key] = entry
    return entry
  }

  /// Libraries know each variable's place in the state: with more variables there are other libraries, on another state.
  mutating func takeLaterVariables() throws {
    guard graph.variables.count > variables.count else { return }
    if let before = shared.model {
      shared.model = nil
      do {
        let model = try load([])
        for variable in variables { try model.setValue(before.value(of: variable.name), of: variable.name) }
        model.randomState = before.randomState
      } catch {
        // What was trained is not lost because a compiler failed.
        shared.model = before
        throw error
      }
    }
    (variables, compiled) = (graph.variables, [:])
  }

  private func load(_ signatures: [Signature]) throws -> CompiledModel {
    let library = try LoadedLibrary(contentsOf: compiler.compile(graph, signatures, cache: cache))
    if let home = shared.model {
      return try CompiledModel(library: library, state: home.state, threads: threads)
    }
    let model = try CompiledModel(library: library, state: ModelState(for: library.manifest), threads: threads)
    try model.initialize(seed: seed)
    shared.model = model
    return model
  }

  /// The library through which variables are reached: any one will do.
  private func anyModel() throws -> CompiledModel { try shared.model ?? load([]) }

  func value(of variable: String) throws -> HostArray { try anyModel().value(of: variable) }

  mutating func setValue(_ value: HostArray, of variable: String) throws {
    try anyModel().setValue(value, of: variable)
  }

  var randomState: RandomState {
    get {
      guard let state = try? anyModel().randomState else { return RandomState(seed: seed) }
      return RandomState(seed: state.seed, counter: state.counter)
    }
    set {
      guard let model = try? anyModel() else { return }
      model.randomState = .init(seed: newValue.seed, counter: newValue.counter)
    }
  }
}
