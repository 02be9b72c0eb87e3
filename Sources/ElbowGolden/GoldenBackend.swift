import ElbowArrays
import ElbowCodegen
import ElbowGraph
import ElbowRuntime
import Foundation

/// What runs programs for golden tests: the reference evaluator, or compiled code.
public protocol GoldenBackend: Sendable {
  var name: String { get }
  func run(
    _ program: Program, feeding feeds: [String: HostArray], state: [String: HostArray], random: RandomState
  ) throws -> (outputs: [String: HostArray], updates: [String: HostArray])
}

/// The reference evaluator.
public struct ReferenceBackend: GoldenBackend {
  public let name = "reference"
  public init() {}

  public func run(
    _ program: Program, feeding feeds: [String: HostArray], state: [String: HostArray], random: RandomState
  ) throws -> (outputs: [String: HostArray], updates: [String: HostArray]) {
    let result = try ReferenceEvaluator(program).run(feeding: feeds, state: state, random: random)
    return (result.outputs, result.updates)
  }
}

/// Compiled code, in a cache of the test process's own.
public struct CompiledBackend: GoldenBackend {
  public let name = "compiled"
  public init() {}

  public func run(
    _ program: Program, feeding feeds: [String: HostArray], state: [String: HostArray], random: RandomState
  ) throws -> (outputs: [String: HostArray], updates: [String: HostArray]) {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("elbow-golden-\(ProcessInfo.processInfo.processIdentifier)")
    var nothing = program
    nothing.outputs = []
    nothing.updates = []
    // Thousands of small programs: the time goes to the C compiler, and -O1 halves it.
    let compiler = ModelCompiler(name: "golden", options: BuildOptions(optimization: 1))
    let library = try compiler.compile(
      [program], initializer: nothing.withoutDeadNodes(), cache: ArtifactCache(folder: folder))
    let model = try CompiledModel(contentsOf: library)
    for (name, value) in state { try model.setValue(value, of: name) }
    model.randomState = .init(seed: random.seed, counter: random.counter)
    let outputs = try model.run(program.name, inputs: feeds)
    let updates = program.updates.map { program.variables[$0.variable].name }
    return (outputs, try Dictionary(uniqueKeysWithValues: updates.map { ($0, try model.value(of: $0)) }))
  }
}

extension GoldenBackend {
  /// One run of some tensors of a graph.
  public func values(
    of outputs: [String: Tensor], in graph: Graph, feeding feeds: [String: HostArray] = [:],
    state: [String: HostArray] = [:], seed: UInt64 = 0
  ) throws -> [String: HostArray] {
    var signature = Signature("test")
    signature.outputs = outputs.sorted { $0.key < $1.key }.map { (name: $0.key, tensor: $0.value) }
    let program = try graph.program(signature)
    let used = Set(program.inputs.map(\.name))
    return try run(
      program, feeding: feeds.filter { used.contains($0.key) }, state: state, random: RandomState(seed: seed)
    )
    .outputs
  }

  /// The values of one tensor.
  public func value(
    _ tensor: Tensor, feeding feeds: [String: HostArray] = [:], state: [String: HostArray] = [:], seed: UInt64 = 0
  ) throws -> HostArray {
    try values(of: ["value": tensor], in: tensor.graph, feeding: feeds, state: state, seed: seed)["value"]
      ?? HostArray(zeros: [])
  }
}

/// The backends that golden tests run on.
public let goldenBackends: [any GoldenBackend] = [ReferenceBackend(), CompiledBackend()]
