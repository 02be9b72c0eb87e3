import ElbowArrays
import ElbowRuntime

/// Draws from a posterior: the values of parameters and of what is made of them, by chain and draw.
public struct Posterior {
  /// A parameter, or what is made of parameters.
  public struct Variable: Sendable {
    /// Its name in the model.
    public let name: String
    /// The names of its first dimensions.
    public let dims: [String]
    /// The shape of one draw.
    public let shape: [Int]
    /// The elements of all draws of each chain, one draw after the other.
    public internal(set) var chains: [[Double]]

    /// How many elements a draw has.
    public var count: Int { shape.reduce(1, *) }

    /// The draws of one element, by chain.
    public func draws(of element: Int) -> [[Double]] {
      chains.map { chain in stride(from: element, to: chain.count, by: count).map { chain[$0] } }
    }
  }

  /// Parameters and what is made of them, in the order of declaration.
  public let variables: [Variable]
  /// What is known of each draw of each chain.
  public let statistics: [[DrawStatistics]]
  /// Where each chain ended, and can go on.
  public let states: [ChainState]
  /// How the chains were drawn.
  public let options: SamplerOptions
  /// The labels of each dimension's positions.
  public let coords: [String: [String]]
  /// The draws on the unconstrained scale, by chain.
  public let positions: [[Double]]

  init(of compiled: CompiledPosterior, _ draws: ChainDraws, _ options: SamplerOptions) throws {
    var variables = compiled.results.map {
      Variable(name: $0.name, dims: $0.dims, shape: $0.shape, chains: draws.positions.map { _ in [] })
    }
    for (chain, positions) in draws.positions.enumerated() {
      try compiled.constrain(positions) { outputs in
        for (index, output) in outputs.enumerated() { variables[index].chains[chain] += output.doubles }
      }
    }
    self.variables = variables
    statistics = draws.statistics
    states = draws.states
    positions = draws.positions
    coords = compiled.coords
    self.options = options
  }

  /// A variable by its name; nil if there is none.
  public subscript(name: String) -> Variable? { variables.first { $0.name == name } }

  /// How many draws after the warm-up diverged.
  public var divergenceCount: Int { statistics.joined().filter(\.isDivergent).count }
}
