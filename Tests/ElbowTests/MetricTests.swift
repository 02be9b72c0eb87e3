import Testing

@testable import Elbow

/// The figures of outputs beside targets, by hand.
@Suite struct MetricTests {
  private func mean(_ metric: Metric<Tensor>, _ output: [[Double]], _ target: (Graph) -> Tensor) throws -> Double {
    let graph = Graph()
    return try metric.figures(target(graph), graph.constant(output)).mean().value().item()
  }

  @Test func ranks() throws {
    let scores = [[0.1, 0.5, 0.4], [3, 2, 1], [0, 1, 2.0]]
    let labels = { (graph: Graph) in graph.constant([2, 2, 2], dtype: .int32) }
    #expect(try abs(mean(.accuracy, scores, labels) - 1.0 / 3) < 1e-6)
    #expect(try abs(mean(.topK(2), scores, labels) - 2.0 / 3) < 1e-6)
    #expect(try mean(.topK(3), scores, labels) == 1)
    // A class that is ruled out is behind all others.
    #expect(try mean(.topK(1), [[-.infinity, 1], [0, 1]]) { $0.constant([0, 1], dtype: .int32) } == 0.5)
  }

  @Test func probabilities() throws {
    // Even odds: (1/2)^2 + (1/2)^2 for each.
    let even = try mean(.brierScore, [[0, 0], [1, 1]]) { $0.constant([0, 1], dtype: .int32) }
    #expect(abs(even - 0.5) < 1e-6)
    let sure = try mean(.brierScore, [[40, 0]]) { $0.constant([0], dtype: .int32) }
    #expect(sure < 1e-6)
  }

  @Test func binaryAndErrors() throws {
    let labels = { (graph: Graph) in graph.constant([[1], [1], [0], [0]]) }
    #expect(try mean(.binaryAccuracy, [[2], [-1], [-3], [-0.5]], labels) == 0.75)
    #expect(try mean(.meanAbsoluteError, [[2], [0], [0], [-1]], labels) == 0.75)
    #expect(try mean(.meanSquaredError, [[2], [0], [0], [-1]], labels) == 0.75)
  }
}
