import ElbowArrays
import ElbowGraph

/// A session's computing by the reference evaluator.
struct ReferenceEngine: SessionEngine {
  let graph: Graph
  private(set) var variables: [VariableDeclaration]
  var randomState: RandomState
  private let seed: UInt64
  private var state: [String: HostArray]
  private var programs: [SignatureKey: Program] = [:]

  init(_ graph: Graph, seed: UInt64) throws {
    self.graph = graph
    self.seed = seed
    variables = graph.variables
    randomState = RandomState(seed: seed)
    state = try ReferenceEvaluator(graph.initializer()).run(random: randomState).updates
  }

  mutating func run(_ signature: Signature, _ feeds: [String: HostArray]) throws -> [String: HostArray] {
    try takeLaterVariables()
    let key = SignatureKey(signature)
    let program = try programs[key] ?? graph.program(signature)
    programs[key] = program
    let result = try ReferenceEvaluator(program).run(feeding: feeds, state: state, random: randomState)
    state.merge(result.updates) { $1 }
    if program.isRandom { randomState.counter += 1 }
    return Dictionary(
      zip(signature.outputs.map(\.name), program.outputs.compactMap { result.outputs[$0.name] })
    ) { first, _ in first }
  }

  mutating func takeLaterVariables() throws {
    guard graph.variables.count > variables.count else { return }
    let later = graph.variables[variables.count...]
    state.merge(try graph.initialValues(of: later, seed: seed)) { first, _ in first }
    variables = graph.variables
  }

  func value(of variable: String) throws -> HostArray {
    guard let value = state[variable] else {
      throw ElbowError(.invalidArgument, "There is no variable named '\(variable)'.")
    }
    return value
  }

  mutating func setValue(_ value: HostArray, of variable: String) throws { state[variable] = value }
}
