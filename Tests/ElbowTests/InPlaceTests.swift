import Elbow
import Foundation
import Testing

/// Random networks, whose maps take each other's places in many ways, against the reference evaluator.
@Suite struct InPlaceTests {
  private static let width = 24

  /// A value computed from earlier ones.
  private func next(_ graph: Graph, _ values: [Tensor], _ weight: Tensor, _ random: inout SplitMix64) -> Tensor {
    let (a, b) = (values[values.count - 1], values[Int.random(in: 0..<values.count, using: &random)])
    switch Int.random(in: 0..<10, using: &random) {
    case 0, 1, 2: return matmul(a, weight)
    case 3: return matmul(a, weight) + b
    case 4:
      let product = matmul(a, weight)
      return matmul(product + a, weight) - matmul(tanh(product) * a, weight)
    case 5: return tanh(a)
    case 6: return (a.reshaped([-1, 4, 6]) * b.reshaped([-1, 4, 6]) - 0.5).reshaped([-1, 24])
    case 7: return a.reversed(axes: [1]) + tanh(b)
    case 8: return a - mean(b, axes: [1], keepDims: true)
    default: return softplus(a) * b.reversed(axes: [1])
    }
  }

  @Test func randomNetworksAgreeWithTheReference() throws {
    let graph = Graph()
    var random = SplitMix64(seed: 11)
    let x = graph.placeholder("x", shape: [nil, InPlaceTests.width])
    let weight = graph.placeholder("w", shape: [InPlaceTests.width, InPlaceTests.width])
    let signatures = (0..<10).map { network in
      var values = [x]
      for _ in 0..<Int.random(in: 4..<14, using: &random) { values.append(next(graph, values, weight, &random)) }
      let wanted = values[Int.random(in: 1..<values.count, using: &random)]
      let loss = mean(values[values.count - 1] * tanh(wanted))
      return Signature(
        "network\(network)",
        outputs: [
          "loss": loss, "wanted": wanted, "sum": matmul(wanted, values[values.count - 1], transposeA: true),
          "by_x": gradient(of: loss, by: x), "by_w": gradient(of: loss, by: weight),
        ])
    }
    let feeds = [
      "x": try HostArray.random(.float32, [37, InPlaceTests.width], -1...1, &random),
      "w": try HostArray.random(.float32, [InPlaceTests.width, InPlaceTests.width], -0.3...0.3, &random),
    ]
    let reference = try Session(graph, backend: .reference)
    for threads in [1, 3] {
      let session = try Session(
        graph, threads: threads, options: BuildOptions(optimization: 1), cache: temporaryCache())
      for signature in signatures {
        let expected = try reference.run(signature, feeding: feeds)
        let found = try session.run(signature, feeding: feeds)
        for (output, _) in signature.outputs {
          let (a, b) = (try #require(expected[output]), try #require(found[output]))
          expectClose(b, a, "\(signature.name) \(output)", tolerance: 1e-4)
        }
      }
    }
  }
}
