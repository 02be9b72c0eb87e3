import ElbowArrays
import ElbowGraph
import ElbowNetworks
import Foundation
import TestSupport
import Testing

/// Attention against its equation, written out in plain numbers.
@Suite struct AttentionTests {
  private func isClose(_ found: [Double]?, _ expected: [Double]) -> Bool {
    found?.count == expected.count && zip(found ?? [], expected).allSatisfy { abs($0 - $1) < 1e-12 }
  }

  /// Queries, keys and values of one head, rows of numbers.
  private func attention(
    _ queries: [[Double]], _ keys: [[Double]], _ values: [[Double]], sees: (Int, Int) -> Bool = { _, _ in true }
  ) -> [[Double]] {
    queries.enumerated().map { i, query in
      let scores = keys.map { key in exp(zip(query, key).map { $0 * $1 }.reduce(0, +) / sqrt(Double(key.count))) }
      let weights = scores.enumerated().map { sees(i, $0) ? $1 : 0 }
      let total = weights.reduce(0, +)
      return values[0].indices.map { column in
        zip(weights, values).map { $0 * $1[column] }.reduce(0, +) / total
      }
    }
  }

  private func matrix(_ rows: Int, _ columns: Int, _ scale: Double) -> [[Double]] {
    let numbers = pattern(rows * columns, scale: scale)
    return (0..<rows).map { [Double](numbers[$0 * columns..<($0 + 1) * columns]) }
  }

  /// With keys whose scores differ by log(3), three quarters of the one value and a quarter of the other.
  @Test func twoKeysByHand() throws {
    let graph = Graph()
    let query = graph.constant([[1]], dtype: .float64)
    let key = graph.constant([[log(3.0)], [0]], dtype: .float64)
    let value = graph.constant([[4, 8], [0, 16]], dtype: .float64)
    let y = scaledDotProductAttention(query: query, key: key, value: value)
    #expect(isClose(try ReferenceBackend().value(y).doubles, [3, 10]))
    let doubled = scaledDotProductAttention(query: query, key: key, value: value, scale: 2)
    #expect(isClose(try ReferenceBackend().value(doubled).doubles, [3.6, 8.8]))
  }

  @Test func masksLeaveKeysOut() throws {
    let (queries, keys, values) = (matrix(3, 2, 1.3), matrix(4, 2, 2.1), matrix(4, 3, 3.7))
    let graph = Graph()
    let (q, k, v) = (
      graph.constant(queries, dtype: .float64), graph.constant(keys, dtype: .float64),
      graph.constant(values, dtype: .float64)
    )
    func mask(_ sees: (Int, Int) -> Bool) throws -> Tensor {
      let numbers = (0..<3).flatMap { i in (0..<4).map { sees(i, $0) ? 1.0 : 0 } }
      return graph.constant(try HostArray(numbers, shape: [3, 4])) > 0
    }
    let chosen = { (i: Int, j: Int) in (i + j) % 3 != 0 }
    let outputs = [
      "all": scaledDotProductAttention(query: q, key: k, value: v),
      "causal": scaledDotProductAttention(query: q, key: k, value: v, isCausal: true),
      "chosen": scaledDotProductAttention(query: q, key: k, value: v, mask: try mask(chosen)),
      "both": scaledDotProductAttention(query: q, key: k, value: v, mask: try mask { $1 != 1 }, isCausal: true),
      "none": scaledDotProductAttention(query: q, key: k, value: v, mask: try mask { i, _ in i != 1 }),
    ]
    try graph.check()
    let found = try ReferenceBackend().values(of: outputs, in: graph).mapValues(\.doubles)
    #expect(isClose(found["all"], attention(queries, keys, values).flatMap { $0 }))
    #expect(isClose(found["causal"], attention(queries, keys, values) { $0 >= $1 }.flatMap { $0 }))
    #expect(isClose(found["chosen"], attention(queries, keys, values, sees: chosen).flatMap { $0 }))
    #expect(isClose(found["both"], attention(queries, keys, values) { $0 >= $1 && $1 != 1 }.flatMap { $0 }))
    // A query that sees no key has the mean of the values.
    let means = (0..<3).map { column in values.map { $0[column] }.reduce(0, +) / 4 }
    #expect(isClose(found["none"].map { [Double]($0[3..<6]) }, means))
  }

  /// Scores of a thousand would overflow if they were exponents.
  @Test func largeScores() throws {
    let graph = Graph()
    let query = graph.constant([[1000]], dtype: .float32)
    let key = graph.constant([[1], [1], [-1]], dtype: .float32)
    let value = graph.constant([[2], [4], [100]], dtype: .float32)
    #expect(
      try ReferenceBackend().value(scaledDotProductAttention(query: query, key: key, value: value)).doubles == [3])
  }

  /// Two heads of two, keys and values of another size and number than the queries.
  @Test func headsAreProjectedApart() throws {
    let graph = Graph()
    let layer = MultiHeadAttention(numHeads: 2, keyDim: 2, valueDim: 1, outputDim: 3, name: "a")
    let (queries, sources) = (matrix(2, 3, 1.9), matrix(4, 2, 2.3))
    let y = layer(
      query: graph.constant(queries, dtype: .float64).expandedDims(0),
      value: graph.constant(sources, dtype: .float64).expandedDims(0))
    try graph.check()
    #expect("\(y.shape)" == "[1, 2, 3]")
    var state: [String: HostArray] = [:]
    for (index, variable) in graph.variables.enumerated() {
      let shape = variable.type.shape.extents ?? []
      state[variable.name] = try HostArray(pattern(shape.reduce(1, *), scale: 1.7 + Double(index)), shape: shape)
    }
    func projected(_ rows: [[Double]], _ name: String, head: Int, size: Int) throws -> [[Double]] {
      let kernel = try #require(state["a/\(name)/kernel"]).doubles
      let bias = try #require(state["a/\(name)/bias"]).doubles
      return rows.map { row in
        (0..<size).map { column in
          row.indices.reduce(bias[head * size + column]) { $0 + row[$1] * kernel[($1 * 2 + head) * size + column] }
        }
      }
    }
    let kernel = try #require(state["a/attention_output/kernel"]).doubles
    var expected = [[Double]](repeating: try #require(state["a/attention_output/bias"]).doubles, count: 2)
    for head in 0..<2 {
      let seen = attention(
        try projected(queries, "query", head: head, size: 2), try projected(sources, "key", head: head, size: 2),
        try projected(sources, "value", head: head, size: 1))
      for row in 0..<2 { for column in 0..<3 { expected[row][column] += seen[row][0] * kernel[head * 3 + column] } }
    }
    #expect(isClose(try ReferenceBackend().value(y, state: state).doubles, expected.flatMap { $0 }))
  }

  @Test func variablesAreNamedAndShapedAsKerasHasThem() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, nil, 6])
    let layer = MultiHeadAttention(numHeads: 3, keyDim: 2, valueDim: 5)
    #expect("\(layer(x).type)" == "float32[n, m, 6]")
    _ = layer(x, useCausalMask: true)
    #expect(
      graph.variables.map { "\($0.name) \($0.type.shape)" } == [
        "multi_head_attention/query/kernel [6, 3, 2]", "multi_head_attention/query/bias [3, 2]",
        "multi_head_attention/key/kernel [6, 3, 2]", "multi_head_attention/key/bias [3, 2]",
        "multi_head_attention/value/kernel [6, 3, 5]", "multi_head_attention/value/bias [3, 5]",
        "multi_head_attention/attention_output/kernel [3, 5, 6]", "multi_head_attention/attention_output/bias [6]",
      ])
    #expect(layer.parameters.count == 8)
    try graph.check()
  }

  /// The i-th result does not depend on what comes after it.
  @Test func aCausalMaskHidesWhatComesLater() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [1, 4, 3], dtype: .float64)
    let y = MultiHeadAttention(numHeads: 2, keyDim: 3)(x, useCausalMask: true)
    let initial = try ReferenceBackend().run(
      graph.initializer(), feeding: [:], state: [:], random: RandomState(seed: 3)
    ).updates
    func run(_ last: Double) throws -> [Double] {
      var numbers = pattern(12, scale: 1.4)
      for column in 9..<12 { numbers[column] = last * Double(column) }
      let feeds = ["x": try HostArray(numbers, shape: [1, 4, 3])]
      return try ReferenceBackend().values(of: ["y": y], in: graph, feeding: feeds, state: initial)["y"]?.doubles ?? []
    }
    let (first, second) = (try run(0.1), try run(-0.3))
    #expect(first[..<9] == second[..<9] && first[9...] != second[9...])
  }

  @Test func dropoutIsDoneWhileTraining() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [2, 5, 4])
    let layer = MultiHeadAttention(numHeads: 2, keyDim: 3, dropout: 0.5)
    let plain = layer(x)
    let before = graph.nodes.count
    let trained = layer(x, training: true)
    #expect(graph.nodes[before...].contains { $0.primitive is RandomBits })
    #expect(
      !graph.nodes[..<before].contains { node in
        node.primitive is RandomBits && node.type.shape == Shape([2, 2, 5, 5])
      })
    #expect(plain.shape == trained.shape)
    try graph.check()
  }

  @Test func gradients() throws {
    let layer = MultiHeadAttention(numHeads: 2, keyDim: 2, outputDim: 3)
    let error = try largestLayerGradientError(inputs: [[2, 3, 2], [2, 4, 3]], parameters: { layer.parameters }) {
      layer(query: $0[0], value: $0[1], useCausalMask: true)
    }
    #expect(error < 1e-6)
    let function = try largestLayerGradientError(inputs: [[2, 3, 2], [2, 4, 2], [2, 4, 1]], parameters: { [] }) { x in
      let hidden = x[0].graph.constant([[1, 0, 1, 1], [0, 0, 0, 0], [1, 1, 0, 0]], dtype: .float64) > 0
      return scaledDotProductAttention(query: x[0], key: x[1], value: x[2], mask: hidden)
    }
    #expect(function < 1e-6)
  }
}

/// One case a mistake.
@Suite struct AttentionErrorTests {
  private func mistake(_ body: (Graph) -> Void) -> String? {
    let graph = Graph()
    body(graph)
    return graph.diagnostics.first?.message
  }

  @Test func ofOtherSizes() {
    #expect(
      mistake {
        _ = scaledDotProductAttention(query: $0.zeros([2, 3]), key: $0.zeros([5, 4]), value: $0.zeros([5, 1]))
      }
        == "'scaledDotProductAttention' of queries float32[2, 3] and keys float32[5, 4]: both are [..., count, size], and of "
        + "one size.")
    #expect(
      mistake {
        _ = scaledDotProductAttention(query: $0.zeros([2, 3]), key: $0.zeros([5, 3]), value: $0.zeros([4, 1]))
      }
        == "'scaledDotProductAttention' of keys float32[5, 3] and values float32[4, 1]: there is a value for each key, "
        + "[..., keys, size].")
  }
  @Test func withNumbersAsMask() {
    #expect(
      mistake {
        let x = $0.zeros([2, 3])
        _ = scaledDotProductAttention(query: x, key: x, value: x, mask: $0.ones([2, 2]))
      } == "'scaledDotProductAttention' with the mask float32[2, 2]: it is of bool, true where a query sees a key.")
  }
  @Test func layers() {
    let prefix = "MultiHeadAttention(numHeads: 2, keyDim: 3)"
    let operands = "the query float32[1, 4, 5], the value float32[1, 4, 5] and the key float32[1, 4, 5]"
    #expect(
      mistake { _ = MultiHeadAttention(numHeads: 2, keyDim: 0)($0.zeros([1, 4, 5])) }
        == "MultiHeadAttention(numHeads: 2, keyDim: 0) cannot be applied to \(operands): its heads and sizes are at least 1."
    )
    #expect(
      mistake { _ = MultiHeadAttention(numHeads: 2, keyDim: 3)($0.zeros([4, 5])) }
        == "\(prefix) cannot be applied to the query float32[4, 5], the value float32[4, 5] and the key float32[4, 5]: they "
        + "are [n, count, features] of known features, and there are as many keys as values.")
    #expect(
      mistake {
        let x = $0.zeros([1, 4, 5])
        _ = MultiHeadAttention(numHeads: 2, keyDim: 3)(query: x, value: x, attentionMask: $0.ones([4, 4]))
      }
        == "\(prefix) cannot be applied to \(operands): the mask is float32[4, 4], but has to be bool[n, queries, keys] or "
        + "bool[queries, keys].")
    #expect(
      mistake {
        let layer = MultiHeadAttention(numHeads: 2, keyDim: 3, name: "a")
        _ = layer($0.zeros([1, 4, 6]))
        _ = layer($0.zeros([1, 4, 5]))
      }
        == "\(prefix) 'a' cannot be applied to \(operands): it has weights for a query of float32 with 6 features, from its "
        + "first call.")
  }
}
