import Elbow

/// A distribution whose log probability with all gradients, and whose draws, are measured on 10^6 numbers.
struct Case: Sendable {
  let name: String
  /// The numbers in an event.
  let eventSize: Int
  /// The distribution, whose parameters are variables of the graph.
  let make: @Sendable (Graph) -> any Distribution

  /// The number of events that make up 10^6 numbers.
  var count: Int { 1_000_000 / eventSize }

  /// The same cases as in `probability-peers.py`.
  static let all: [Case] = [
    Case(name: "Normal", eventSize: 1) { graph in
      Normal(loc: graph.parameter("loc", [0.3]), scale: graph.parameter("scale", [1.7]))
    },
    Case(name: "Gamma", eventSize: 1) { graph in
      Gamma(concentration: graph.parameter("concentration", [2.3]), rate: graph.parameter("rate", [1.2]))
    },
    Case(name: "Beta", eventSize: 1) { graph in
      Beta(concentration1: graph.parameter("a", [2.3]), concentration0: graph.parameter("b", [1.4]))
    },
    Case(name: "StudentT", eventSize: 1) { graph in
      StudentT(
        df: graph.parameter("df", [4.5]), loc: graph.parameter("loc", [0.3]), scale: graph.parameter("scale", [1.7]))
    },
    Case(name: "Categorical(10)", eventSize: 1) { graph in
      Categorical(logits: graph.parameter("logits", (0..<10).map { 0.1 * Double($0) }).reshaped([10]))
    },
    Case(name: "MVNTriL(16)", eventSize: 16) { graph in
      let rows = (0..<16).flatMap { row in
        (0..<16).map { column in column < row ? 0.05 : column == row ? 1.0 : 0 }
      }
      return MultivariateNormalTriL(
        loc: graph.parameter("loc", (0..<16).map { 0.1 * Double($0) }),
        scaleTriL: graph.parameter("scale_tril", rows).reshaped([16, 16]))
    },
    Case(name: "MixtureSameFamily(16, 2-d)", eventSize: 2) { graph in
      MixtureSameFamily(
        mixtureDistribution: Categorical(logits: graph.parameter("logits", (0..<16).map { 0.05 * Double($0) })),
        componentsDistribution: MultivariateNormalDiag(
          loc: graph.parameter("loc", (0..<32).map { 0.1 * Double($0) }).reshaped([16, 2]),
          scaleDiag: graph.parameter("scale", (0..<32).map { 0.5 + 0.02 * Double($0) }).reshaped([16, 2])))
    },
    Case(name: "RationalQuadraticSpline", eventSize: 1) { graph in
      let widths = (0..<8).map { 0.6 + 0.1 * Double($0) }
      let spline = Bijectors.RationalQuadraticSpline(
        binWidths: graph.parameter("widths", widths), binHeights: graph.parameter("heights", widths.reversed()),
        knotSlopes: graph.parameter("slopes", (0..<7).map { 0.5 + 0.2 * Double($0) }), rangeMin: -3.8)
      return TransformedDistribution(Normal(in: graph, loc: 0, scale: 1), bijector: spline)
    },
    Case(name: "MAF(8)", eventSize: 8) { graph in
      let network = AutoregressiveNetwork(hiddenUnits: [32, 32], activation: relu)
      return TransformedDistribution(
        MultivariateNormalDiag(loc: graph.zeros([8])),
        bijector: Bijectors.MaskedAutoregressiveFlow { network.shiftAndLogScale($0) })
    },
  ]
}

extension Graph {
  /// A vector of numbers to be learned; a scalar if there is one.
  fileprivate func parameter(_ name: String, _ values: [Double]) -> Tensor {
    variable(name, initialValue: values.count == 1 ? constant(values[0]) : constant(values))
  }
}
