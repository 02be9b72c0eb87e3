import Elbow
import ElbowCodegen
import Testing

/// Kernels with slow functions work on several vectors in turn.
@Suite struct InterleavingTests {
  /// Random numbers, functions whose results later parts need, a total of each row, and a flat loop.
  private static func model() -> (graph: Graph, signature: Signature) {
    let graph = Graph()
    let x = graph.placeholder("way", shape: [nil, 149], dtype: .float32)
    let flat = graph.placeholder("flat", shape: [nil], dtype: .float32)
    let rest = log1p(exp(-abs(x)))
    let entropy = rest + abs(x) * sigmoid(-abs(x))
    let draws = graph.randomNormal([149], dtype: .float32)
    var signature = Signature("f")
    signature.outputs = [
      (name: "rest", tensor: rest), (name: "entropy", tensor: entropy),
      (name: "totals", tensor: entropy.sum(axes: [1])), (name: "largest", tensor: rest.max(axes: [1])),
      (name: "flat", tensor: tanh(log(flat)) * cos(flat)), (name: "draws", tensor: draws),
    ]
    return (graph, signature)
  }

  /// Groups of vectors, single ones and a part of one, in rows and in a flat loop that threads divide.
  @Test func agreesWithReference() throws {
    let (graph, signature) = Self.model()
    var random = SplitMix64(seed: 5)
    let feeds = [
      "way": try HostArray.random(.float32, [3, 149], -9...9, &random),
      "flat": try HostArray.random(.float32, [331], 0.1...9, &random),
    ]
    let expected = try Session(graph, seed: 2, backend: .reference).run(signature, feeding: feeds)
    let cache = try temporaryCache()
    let found = try [1, 3].map {
      try Session(graph, seed: 2, threads: $0, cache: cache).run(signature, feeding: feeds)
    }
    for (name, value) in expected {
      expectClose(try #require(found[0][name]), value, name, tolerance: 2e-6)
      #expect(found[0][name] == found[1][name], "\(name)")
    }
  }

  /// The same number gives the same bits wherever in a row it stands.
  @Test func positionsDoNotMatter() throws {
    let (graph, signature) = Self.model()
    var random = SplitMix64(seed: 6)
    let period = try HostArray.random(.float32, [7], -3...3, &random).doubles
    let row = (0..<149).map { Float(period[$0 % 7]) }
    let found = try Session(graph, threads: 1, cache: temporaryCache()).run(
      signature, feeding: ["way": HostArray(row, shape: [1, 149]), "flat": HostArray([1 as Float], shape: [1])])
    for name in ["rest", "entropy"] {
      let values = try #require(found[name]).doubles
      #expect(values.indices.allSatisfy { values[$0] == values[$0 % 7] }, "\(name)")
    }
  }

  private func text(_ dtype: DType = .float32, _ build: (Tensor) -> Tensor) throws -> String {
    let graph = Graph()
    let y = build(graph.placeholder("x", shape: [nil, 100], dtype: dtype))
    return try ModelCompiler(name: "m").emit(graph, [Signature("f", outputs: ["y": y])]).sources.map(\.text).joined()
  }

  @Test func whatIsKnownToLieFromZeroToOne() throws {
    for known in [try text { softplus($0) }, try text { log1p(exp(-abs($0))) }] {
      #expect(known.contains("el_log1p_unit_f32(") && !known.contains("el_log1p_f32("))
    }
    for other in [
      try text { log1p(exp($0)) }, try text { log1p(exp(abs($0))) }, try text { log1p(exp(select($0 >= 1, -$0, $0))) },
      try text { log1p(exp(select($0 >= 0, $0, -$0))) }, try text { log1p(-abs($0)) },
    ] {
      #expect(other.contains("el_log1p_f32(") && !other.contains("el_log1p_unit"))
    }
    #expect(try !text(.float64) { softplus($0) }.contains("el_log1p_unit"))
  }

  @Test func whatIsInterleaved() throws {
    let both = try text { log1p(exp($0)) * 2 }
    #expect(both.components(separatedBy: "EL_EACH_WAY(way) {").count == 4)
    #expect(both.contains("el_store_f32") && both.contains("el_store_n_f32"))
    // Cheap operations, numbers that fill two registers a vector anyway, rows too short for a group, and very many functions.
    for other in [
      try text { x in (0..<9).reduce(x) { y, _ in exp(-y) } },
      try text { sqrt($0) / 2 }, try text(.float64) { exp($0) }, try text { exp($0[TensorIndex.all, ..<63]) },
    ] {
      #expect(!other.contains("EL_EACH_WAY"))
    }
  }
}
