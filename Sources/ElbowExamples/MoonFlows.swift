import Elbow

/// The flows of networks that the text's sequel goes on to: two moons, learned by maximum likelihood.
public enum MoonFlows {
  static let layerCount = 5

  /// Masked autoregressive flows (Papamakarios et al. 2017): densities in one pass, draws element after element.
  ///
  /// - Parameter hiddenUnits: The size of each of two hidden layers.
  public static func makeMaskedAutoregressive(hiddenUnits: Int = 64) throws -> Model {
    try make("maf-2d") { graph, layer in
      let network = AutoregressiveNetwork(
        hiddenUnits: [hiddenUnits, hiddenUnits], activation: relu, name: "made_\(layer)")
      return Bijectors.MaskedAutoregressiveFlow { bounded(network.shiftAndLogScale($0)) }
    }
  }

  /// Affine coupling layers (Dinh et al. 2017): both directions in one pass.
  ///
  /// - Parameter hiddenUnits: The size of each of two hidden layers.
  public static func makeRealNVP(hiddenUnits: Int = 64) throws -> Model {
    try make("realnvp-2d", layers: 2 * layerCount) { graph, layer in
      let network = shiftAndLogScaleNetwork(
        hiddenUnits: [hiddenUnits, hiddenUnits], name: "coupling_\(layer)")
      return Bijectors.RealNVP(numMasked: 1, shiftAndLogScale: { bounded(network($0, $1)) })
    }
  }

  /// Scales between exp(-2) and exp(2), so that no step can run away.
  private static func bounded(_ parts: (shift: Tensor, logScale: Tensor)) -> (shift: Tensor, logScale: Tensor) {
    (parts.shift, 2 * tanh(0.5 * parts.logScale))
  }

  private static func make(
    _ name: String, layers: Int = layerCount, _ layer: (Graph, Int) -> any Bijector
  ) throws -> Model {
    let graph = Graph()
    // Between two layers the coordinates change places.
    let chain = (0..<layers).flatMap { index -> [any Bijector] in
      index == 0 ? [layer(graph, index)] : [Bijectors.Permute([1, 0]), layer(graph, index)]
    }
    let dist = TransformedDistribution(
      MultivariateNormalDiag(in: graph, loc: [0.0, 0.0]), bijector: Bijectors.Chain(chain))
    return try FlowModel.make(name, dist, dataset: "two-moons", optimizer: Adam(learningRate: 1e-3), epochs: 60)
  }
}
