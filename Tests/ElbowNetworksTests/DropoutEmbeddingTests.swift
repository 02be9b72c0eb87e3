import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowNetworks
import TestSupport
import Testing

@Suite struct DropoutTests {
  @Test func setsElementsToZeroWhileTrainingAlone() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 50], dtype: .float64)
    let layer = Dropout(0.25)
    let y = layer(x, training: true)
    let outputs = ["y": y, "gradient": gradients(of: (y * y).sum(), by: [x])[0], "plain": layer(x)]
    let values = (0..<10_000).map { Double($0 % 7) + 1 }
    let feeds = ["x": try HostArray(values, shape: [200, 50])]
    for backend in goldenBackends {
      let found = try backend.values(of: outputs, in: graph, feeding: feeds, seed: 5)
      let (kept, gradient) = (try #require(found["y"]).doubles, try #require(found["gradient"]).doubles)
      #expect(found["plain"]?.doubles == values)
      for (index, value) in values.enumerated() {
        let scaled = value * (1 / 0.75)
        #expect(kept[index] == 0 || kept[index] == scaled)
        #expect(abs(gradient[index] - 2 * kept[index] / 0.75) < 1e-12)
      }
      // Four standard deviations of a binomial.
      let zeros = kept.filter { $0 == 0 }.count
      #expect(abs(Double(zeros) - 2500) < 4 * (10_000 * 0.25 * 0.75).squareRoot())
    }
  }

  @Test func mistakes() {
    func message(_ layer: Dropout, _ dtype: DType = .float32) -> String? {
      let graph = Graph()
      _ = layer(graph.placeholder("x", shape: [nil, 3], dtype: dtype), training: true)
      return graph.diagnostics.first?.message
    }
    #expect(message(Dropout(1)) == "Dropout(1.0): the rate is from 0 and below 1.")
    #expect(
      message(Dropout(0.5), .uint8)
        == "Dropout(0.5) cannot be applied to uint8[n, 3]: its input is floating point; convert it with "
        + "cast(to: .float32).")
    #expect(message(Dropout(0)) == nil)
  }
}

@Suite struct EmbeddingTests {
  @Test func takesRows() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 2], dtype: .int32)
    let layer = Embedding(4, 3, dtype: .float64, name: "words")
    let y = layer(x)
    #expect(layer(x).type == y.type && graph.variables.map(\.name) == ["words/embeddings"])
    let table = try #require(layer.embeddings)
    let outputs = ["y": y, "gradient": gradients(of: (y * y).sum(), by: [table])[0]]
    let state = ["words/embeddings": try HostArray((0..<12).map { Double($0) }, shape: [4, 3])]
    let feeds = ["x": try HostArray([1, 3, 3, 1, 0, 3] as [Int32], shape: [3, 2])]
    for backend in goldenBackends {
      let found = try backend.values(of: outputs, in: graph, feeding: feeds, state: state)
      #expect(found["y"]?.shape == [3, 2, 3])
      #expect(found["y"]?.doubles == [3, 4, 5, 9, 10, 11, 9, 10, 11, 3, 4, 5, 0, 1, 2, 9, 10, 11])
      #expect(found["gradient"]?.doubles == [0, 2, 4, 12, 16, 20, 0, 0, 0, 54, 60, 66])
    }
  }

  @Test func mistakes() {
    func message(_ layer: Embedding, _ dtype: DType) -> String? {
      let graph = Graph()
      _ = layer(graph.placeholder("x", shape: [nil], dtype: dtype))
      return graph.diagnostics.first?.message
    }
    #expect(
      message(Embedding(4, 3), .float32)
        == "Embedding(4, 3) cannot be applied to float32[n]: its input is int32 or int64; convert it with "
        + "cast(to: .int32).")
    #expect(
      message(Embedding(0, 3), .int32) == "Embedding(0, 3) cannot be applied to int32[n]: its sizes are at least 1.")
  }
}
