import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// First and second derivatives of draws that are known by what they solve.
@Suite struct ImplicitGradientTests {
  /// The total of the gradients of `total`, each element with a weight of its own.
  private func slope(_ total: Tensor, by xs: [Tensor]) -> Tensor {
    gradients(of: total, by: xs, unconnected: .zero).enumerated().reduce(total.scalar(0)) { sum, next in
      sum + weighted(next.element) * (1 + 0.3 * Double(next.offset))
    }
  }

  private func weighted(_ x: Tensor) -> Tensor {
    let flat = x.flattened(from: 0)
    return (flat * cos(1.0 + flat.graph.iota(flat.shape, axis: 0, dtype: .float64))).sum()
  }

  @Test func secondDerivativesOfVonMisesQuantiles() throws {
    let inputs = [
      GoldenTensor(shape: [4], values: [0.4, 0.2, -1, 3]), GoldenTensor(shape: [4], values: [0.3, 2, 15, 1.1]),
      GoldenTensor(shape: [4], values: [0.2, 0.55, 0.9, 0.6]),
    ]
    for backend in goldenBackends {
      let error = try largestGradientError(at: inputs, backend: backend) { _, x in
        slope(weighted(sin(VonMises(loc: x[0], concentration: x[1]).quantile(x[2]))), by: x)
      }
      #expect(error < 1e-6, "\(error) on \(backend.name)")
    }
  }

  @Test func secondDerivativesOfVonMisesDraws() throws {
    let inputs = [GoldenTensor(shape: [2], values: [0.4, -1]), GoldenTensor(shape: [2], values: [0.8, 5])]
    let error = try largestGradientError(at: inputs) { _, x in
      slope(weighted(sin(VonMises(loc: x[0], concentration: x[1]).sample([3]))), by: x)
    }
    #expect(error < 1e-6, "\(error)")
  }

  /// log P(a, x) has second derivatives by x, but not by a.
  @Test func secondDerivativesOfGammaDrawsAreRefused() {
    let graph = Graph()
    let a = graph.placeholder("a", shape: [2], dtype: .float64)
    let first = slope(Gamma(concentration: a, rate: 1).sample().sum(), by: [a])
    #expect(first.isValid)
    _ = gradient(of: first, by: a)
    #expect(
      graph.diagnostics.first?.message.contains("second derivatives by a gamma distribution's concentration") == true)
  }

  /// The quantities that a mixture's draws keep when parameters change: the conditional cdf of each element.
  private func invariants(_ mixture: MixtureSameFamily, _ loc: Tensor, _ scale: Tensor, _ logits: Tensor) -> [Tensor] {
    let x = mixture.sample([4])
    guard mixture.eventShape.rank > 0 else { return [mixture.cdf(x)] }
    var logWeights = logSoftmax(logits)
    return (0..<3).map { element in
      let z = (x[.ellipsis, element].expandedDims(-1) - loc[.ellipsis, element]) / scale[.ellipsis, element]
      let conditional = (softmax(logWeights) * ndtr(z)).sum(axes: [-1])
      logWeights = logWeights - 0.5 * z * z - log(scale[.ellipsis, element])
      return conditional
    }
  }

  @Test(arguments: ["scalars", "MultivariateNormalDiag", "Independent"])
  func drawsOfMixturesKeepTheirQuantiles(events: String) throws {
    for backend in goldenBackends {
      let graph = Graph()
      let isOfVectors = events != "scalars"
      var feeds: [String: HostArray] = [:]
      func input(_ name: String, _ values: [Double]) throws -> Tensor {
        let shape: Shape = isOfVectors && name != "logits" ? [2, 3] : [2]
        let extents = shape.extents ?? []
        feeds[name] = try HostArray([Double](values[..<extents.reduce(1, *)]), shape: extents)
        return graph.placeholder(name, shape: extents, dtype: .float64)
      }
      let loc = try input("loc", [-0.5, 0.8, 0.1, 1.2, -0.3, 0.4])
      let scale = try input("scale", [0.7, 1.3, 0.9, 1.1, 0.6, 1.5])
      let logits = try input("logits", [0.3, -0.4])
      let components: any Distribution =
        switch events {
        case "scalars": Normal(loc: loc, scale: scale)
        case "Independent": Independent(Normal(loc: loc, scale: scale), reinterpretedBatchNDims: 1)
        default: MultivariateNormalDiag(loc: loc, scaleDiag: scale)
        }
      let mixture = MixtureSameFamily(
        mixtureDistribution: Categorical(logits: logits), componentsDistribution: components, reparameterize: true)
      let parameters = [loc, scale, logits]
      let kept = invariants(mixture, loc, scale, logits).map(weighted).reduce(graph.constant(0, dtype: .float64), +)
      let moved = weighted(mixture.sample([4]) * mixture.sample([4]))
      func outputs(_ name: String, _ total: Tensor) -> [String: Tensor] {
        let first = slope(total, by: parameters)
        let second = gradients(of: first, by: parameters, unconnected: .zero).map { abs($0).max() }
        return [name + "1": abs(first), name + "2": second.reduce(first.scalar(0), maximum)]
      }
      let values = try backend.values(
        of: outputs("kept", kept).merging(outputs("moved", moved)) { $1 }, in: graph, feeding: feeds)
      for order in ["1", "2"] {
        let (zero, other) = (values["kept" + order]?.doubles[0] ?? .nan, values["moved" + order]?.doubles[0] ?? .nan)
        #expect(zero < 1e-11, "order \(order) on \(backend.name): \(zero)")
        #expect(other > 0.01, "order \(order) on \(backend.name): \(other)")
      }
    }
  }

  @Test func componentsThatAreNotIndependentAreRefused() throws {
    let graph = Graph()
    let components = MultivariateNormalTriL(loc: graph.zeros([2, 3]), scaleTriL: graph.ones([2, 3, 3]))
    let mixture = MixtureSameFamily(
      mixtureDistribution: Categorical(in: graph, probs: [0.5, 0.5]), componentsDistribution: components,
      reparameterize: true)
    #expect(!mixture.isValid)
    let message = try #require(graph.diagnostics.first?.message)
    #expect(message.contains("where the elements of an event are independent in each component"))
    #expect(message.contains("MultivariateNormalTriL"))
  }
}
