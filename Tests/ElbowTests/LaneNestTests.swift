import Elbow
import Foundation
import Testing

/// Loops of independent rows, which are carried out on as many rows at a time as a vector has lanes.
@Suite struct LaneNestTests {
  /// Small matrices with factors of their own and with one for all, and running sums: batches that are less than a vector,
  /// one and a half, and several; the same bits for any number of threads.
  @Test(arguments: [DType.float32, .float64]) func rowsAgree(_ dtype: DType) throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 5], dtype: dtype)
    let w = graph.variable(
      "w", initialValue: 0.2 * graph.ones([5, 5], dtype: dtype) + diag(graph.ones([5], dtype: dtype)))
    let outer = x.expandedDims(-1) * x.expandedDims(-2) + diag(graph.full([5], 2, dtype: dtype))
    let factor = cholesky(outer)
    let shared = triangularSolve(tril(w), tanh(x).expandedDims(-1))
    let transposed = triangularSolve(w, outer * outer, lower: false, transposed: true)
    let own = triangularSolve(factor, outer + 1)
    let sums = cumsum(x, axis: 1, reverse: true)
    var outputs = ["factor": factor, "shared": shared, "transposed": transposed, "own": own, "sums": sums]
    for (name, y) in outputs {
      let weighted = (y * (1 + cumsum(y, axis: 1))).sum()
      outputs["\(name) by x"] = gradient(of: weighted, by: x)
      if ["shared", "transposed"].contains(name) { outputs["\(name) by w"] = gradient(of: weighted, by: w) }
    }
    var signature = Signature("rows")
    signature.outputs = outputs.sorted { $0.key < $1.key }.map { (name: $0.key, tensor: $0.value) }
    var random = SplitMix64(seed: 11)
    let sessions = try [1, 3].map { try Session(graph, threads: $0, cache: temporaryCache()) }
    for count in [1, 16, 23, 100] {
      let feeds = ["x": try HostArray.random(dtype, [count, 5], -1...1, &random)]
      let expected = try Session(graph, backend: .reference).run(signature, feeding: feeds)
      let found = try sessions.map { try $0.run(signature, feeding: feeds) }
      for (name, value) in expected {
        let one = try #require(found[0][name])
        let three = found[1][name]
        expectClose(one, value, "\(name), \(count) rows", tolerance: dtype == .float32 ? 2e-4 : 1e-11)
        #expect(one == three, "\(name), \(count) rows")
      }
    }
  }

  /// The rows of a matrix are where they are asked for, and what is too large for a block stays scalar.
  @Test func whatIsWrittenForLanes() throws {
    func text(_ build: (Tensor) -> Tensor) throws -> String {
      let graph = Graph()
      let y = build(graph.placeholder("x", shape: [nil, 6]))
      let library = try ModelCompiler(name: "rows").emit(graph, [Signature("f", outputs: ["y": y])])
      return library.sources.map(\.text).joined()
    }
    #expect(try text { cumsum($0, axis: 1) }.contains("el_f32 lanes0[6]"))
    #expect(try text { triangularSolve($0.graph.ones([6, 6]), $0.expandedDims(-1)) }.contains("el_f32 lanes1[6]"))
    #expect(try !text { cumsum($0.expandedDims(-1) * $0.graph.ones([400]), axis: 1) }.contains("lanes0"))
    #expect(try !text { cumsum($0, axis: 0) }.contains("lanes0"))
  }
}
