import ElbowArrays
import ElbowCodegen
import ElbowGraph
import ElbowRuntime
import Foundation

/// A back end that runs programs for golden tests: the reference evaluator, or compiled code.
public protocol GoldenBackend: Sendable {
  var name: String { get }

  /// Makes a program ready to be run any number of times: compiling it takes longer than its runs.
  func prepare(_ program: Program) throws -> GoldenProgram

  /// The results of each of some runs.
  func values(of runs: [GoldenRun]) throws -> [[String: HostArray]]
}

/// A program that a back end has made ready.
public struct GoldenProgram {
  let body:
    (_ feeds: [String: HostArray], _ state: [String: HostArray], _ random: RandomState) throws -> (
      outputs: [String: HostArray], updates: [String: HostArray]
    )

  /// Runs it from a state; nothing is kept from one run to the next.
  ///
  /// - Parameters:
  ///   - feeds: The inputs, by name.
  ///   - state: The variables' values before the run, by name.
  ///   - random: The seed and counter of what it draws.
  /// - Returns: The outputs, and the new values of the variables that it changes.
  public func run(
    feeding feeds: [String: HostArray] = [:], state: [String: HostArray] = [:],
    random: RandomState = RandomState(seed: 0)
  ) throws -> (outputs: [String: HostArray], updates: [String: HostArray]) {
    try body(feeds, state, random)
  }
}

/// Some tensors of a graph without variables, and what it is fed.
public struct GoldenRun {
  let outputs: [String: Tensor]
  let graph: Graph
  let feeds: [String: HostArray]

  public init(outputs: [String: Tensor], graph: Graph, feeds: [String: HostArray]) {
    self.outputs = outputs
    self.graph = graph
    self.feeds = feeds
  }

  func program(named name: String) throws -> Program {
    var signature = Signature(name)
    signature.outputs = outputs.sorted { $0.key < $1.key }.map { (name: $0.key, tensor: $0.value) }
    return try graph.program(signature)
  }

  /// The feeds that the program reads.
  func feeds(of program: Program) -> [String: HostArray] {
    let used = Set(program.inputs.map(\.name))
    return feeds.filter { used.contains($0.key) }
  }
}

/// The reference evaluator.
public struct ReferenceBackend: GoldenBackend {
  public let name = "reference"
  public init() {}

  public func prepare(_ program: Program) -> GoldenProgram {
    let evaluator = ReferenceEvaluator(program)
    return GoldenProgram { feeds, state, random in
      let result = try evaluator.run(feeding: feeds, state: state, random: random)
      return (result.outputs, result.updates)
    }
  }
}

/// Compiled code.
public struct CompiledBackend: GoldenBackend {
  public let name = "compiled"
  public init() {}

  public func prepare(_ program: Program) throws -> GoldenProgram {
    let model = try compile([program])
    let updated = program.updates.map { program.variables[$0.variable].name }
    return GoldenProgram { feeds, state, random in
      for (name, value) in state { try model.setValue(value, of: name) }
      model.randomState = .init(seed: random.seed, counter: random.counter)
      let outputs = try model.run(program.name, inputs: feeds)
      return (outputs, try Dictionary(uniqueKeysWithValues: updated.map { ($0, try model.value(of: $0)) }))
    }
  }

  /// All runs are signatures of one library.
  public func values(of runs: [GoldenRun]) throws -> [[String: HostArray]] {
    let programs = try runs.enumerated().map { try $1.program(named: "run_\($0)") }
    guard !programs.isEmpty else { return [] }
    let model = try compile(programs)
    return try zip(programs, runs).map { program, run in
      // Each draws what it would draw alone.
      model.randomState = .init(seed: 0)
      return try model.run(program.name, inputs: run.feeds(of: program))
    }
  }

  /// - Parameter programs: They share their variables.
  private func compile(_ programs: [Program]) throws -> CompiledModel {
    var nothing = programs[0]
    nothing.outputs = []
    nothing.updates = []
    // Thousands of small programs: the time goes to the C compiler. Without optimisation it takes longer, for there is more code.
    let compiler = ModelCompiler(name: "golden", options: BuildOptions(optimization: 1))
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("elbow-golden-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let library = try compiler.compile(
      programs, initializer: nothing.withoutDeadNodes().withoutUnusedInputs(), cache: ArtifactCache(folder: folder))
    return try CompiledModel(contentsOf: library)
  }
}

extension GoldenBackend {
  /// Runs a program once.
  public func run(
    _ program: Program, feeding feeds: [String: HostArray], state: [String: HostArray], random: RandomState
  ) throws -> (outputs: [String: HostArray], updates: [String: HostArray]) {
    try prepare(program).run(feeding: feeds, state: state, random: random)
  }

  /// Makes some tensors of a graph ready to be computed any number of times.
  public func prepare(_ outputs: [String: Tensor], in graph: Graph) throws -> GoldenProgram {
    try prepare(GoldenRun(outputs: outputs, graph: graph, feeds: [:]).program(named: "test"))
  }

  public func values(of runs: [GoldenRun]) throws -> [[String: HostArray]] {
    try runs.map { try values(of: $0.outputs, in: $0.graph, feeding: $0.feeds) }
  }

  /// One run of some tensors of a graph.
  public func values(
    of outputs: [String: Tensor], in graph: Graph, feeding feeds: [String: HostArray] = [:],
    state: [String: HostArray] = [:], seed: UInt64 = 0
  ) throws -> [String: HostArray] {
    let wanted = GoldenRun(outputs: outputs, graph: graph, feeds: feeds)
    let program = try wanted.program(named: "test")
    return try run(program, feeding: wanted.feeds(of: program), state: state, random: RandomState(seed: seed)).outputs
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
