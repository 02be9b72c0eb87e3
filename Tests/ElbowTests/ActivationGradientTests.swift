import Elbow
import Foundation
import Testing

/// Gradients of activations at numbers that comparisons treat in ways of their own: the reference evaluator, which goes by
/// the graph as it was built, and compiled code agree.
@Suite struct ActivationGradientTests {
  @Test func specialValuesAgree() throws {
    let values: [Float] = [
      -.infinity, -2, -.leastNonzeroMagnitude, -0.0, 0, .leastNonzeroMagnitude, 1e-38, 3, .infinity, .nan, -.nan, 7, -7,
    ]
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil])
    let activations: [(String, (Tensor) -> Tensor)] = [
      ("relu", relu), ("leaky", { leakyRelu($0, alpha: 0.3) }), ("negative", { leakyRelu($0, alpha: -0.3) }),
      ("elu", { elu($0) }), ("steep", { leakyRelu($0, alpha: 6) }),
    ]
    let one = graph.ones([1, 1])
    var signature = Signature("gradients")
    for (name, activation) in activations {
      // A product of one row and column each.
      let y = activation(matmul(x.expandedDims(-1), one)).squeezed(axes: [-1])
      signature.outputs.append((name: name, tensor: y))
      signature.outputs.append((name: "\(name) by x", tensor: gradient(of: (y * (y + 1)).sum(), by: x)))
    }
    let feeds = ["x": HostArray(values)]
    let expected = try Session(graph, backend: .reference).run(signature, feeding: feeds)
    let found = try Session(graph, threads: 1, cache: temporaryCache()).run(signature, feeding: feeds)
    for (name, _) in signature.outputs {
      let (a, b) = (try #require(expected[name]).doubles, try #require(found[name]).doubles)
      for (index, value) in values.enumerated() {
        let isSame = a[index] == b[index] || a[index].isNaN && b[index].isNaN
        #expect(
          isSame || abs(a[index] - b[index]) <= 1e-5 * abs(a[index]), "\(name) at \(value): \(b[index]), \(a[index])")
      }
    }
  }
}
