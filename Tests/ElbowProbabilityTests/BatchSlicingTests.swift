import ElbowArrays
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// Parts of batches of distributions.
@Suite struct BatchSlicingTests {
  /// A batch of 3 by 2 distributions whose parameters all differ.
  private func batch(_ constructor: DistributionConstructor, _ graph: Graph) -> any Distribution {
    let rank = constructor.parameters.map(\.eventNDims).max() ?? 0
    var made: [String: Tensor] = [:]
    for parameter in constructor.parameters {
      let shape = [3, 2] + [Int](repeating: 2, count: parameter.eventNDims)
      let count = shape.reduce(1, *)
      let numbers = graph.constant((0..<count).map { 0.2 + 0.5 * Double($0) / Double(count) }, dtype: .float64)
      let x = numbers.reshaped(to: shape)
      var value =
        switch parameter.constraint {
        case .real, .logits, .unitInterval, .nonNegative: x
        case .positive: x + Double(rank + 1)
        case .wholeNumber: graph.iota(Shape(shape), axis: 0, dtype: .float64) + 2
        case .simplex: softmax(x)
        case .lowerTriangular: tril(x)
        case .positiveDefinite: matmul(tril(x), tril(x), transposeB: true)
        }
      if let bound = parameter.lowerBound.flatMap({ made[$0] }) { value = bound + x }
      made[parameter.name] = value
    }
    return constructor.make(constructor.parameters.compactMap { made[$0.name] })
  }

  @Test(arguments: DistributionConstructor.all.map(\.name).filter { !$0.contains("LKJ") })
  func partsAreThoseOfTheParameters(_ name: String) throws {
    let constructor = try #require(DistributionConstructor.named(name))
    let graph = Graph()
    let whole = batch(constructor, graph)
    #expect(whole.batchShape == [3, 2])
    let (row, element, column) = (whole[1], whole[-1, 0], whole[.all, 1])
    #expect(row.batchShape == [2] && element.batchShape == [] && column.batchShape == [3])
    #expect(row.eventShape == whole.eventShape && type(of: row) == type(of: whole))
    try graph.check()
    guard constructor.quantities.contains(.mean) else { return }
    let values = try ReferenceBackend().values(
      of: [
        "whole": whole.mean(), "row": row.mean(), "element": element.mean(), "column": column.mean(),
        "of row": whole.mean()[1], "of element": whole.mean()[2, 0], "of column": whole.mean()[.all, 1],
      ], in: graph)
    for part in ["row", "element", "column"] {
      #expect(try #require(values[part]) == #require(values["of \(part)"]), "\(name), \(part)")
    }
  }

  @Test func distributionsOfOthersAreCutWithThem() throws {
    let graph = Graph()
    let loc = graph.constant((0..<12).map(Double.init), dtype: .float64).reshaped(to: [3, 2, 2])
    let normal = Normal(loc: loc, scale: 0.5)
    let pairs = Independent(normal, reinterpretedBatchNDims: 1)
    #expect(pairs[0].batchShape == [2] && pairs[0].eventShape == [2])
    let mixture = MixtureSameFamily(
      mixtureDistribution: Categorical(logits: loc), componentsDistribution: Normal(loc: loc, scale: 1))
    let positive = TransformedDistribution(normal, bijector: Bijectors.Exp())
    let drawn = Sample(normal, sampleShape: [4])
    let values = try ReferenceBackend().values(
      of: [
        "pairs": pairs[1].mean(), "pairs expected": pairs.mean()[1],
        "mixture": mixture[.ellipsis, 1].mean(), "mixture expected": mixture.mean()[.all, 1],
        "positive": positive[2, 1].cdf(3000), "positive expected": positive.cdf(3000)[2, 1],
        "drawn": drawn[0].mean(), "drawn expected": drawn.mean()[0],
      ], in: graph)
    for name in ["pairs", "mixture", "positive", "drawn"] {
      #expect(try #require(values[name]) == #require(values["\(name) expected"]), "\(name)")
    }
  }

  @Test func theRestRecordsAMistake() {
    let graph = Graph()
    _ = LKJ(dimension: 3, concentration: graph.ones([4]))[0]
    #expect(graph.diagnostics.first?.message.contains("cannot be cut along its batch axes") == true)
  }

  @Test func bijectorsAreAppliedToDistributions() throws {
    let graph = Graph()
    let normal = Normal(in: graph, loc: 0.5, scale: 0.4, dtype: .float64)
    let logNormal = Bijectors.Exp()(normal)
    let x = graph.constant(2, dtype: .float64)
    let values = try ReferenceBackend().values(
      of: [
        "applied": logNormal.logProb(x),
        "known": LogNormal(in: graph, loc: 0.5, scale: 0.4, dtype: .float64).logProb(x),
        "chain": Bijectors.Exp()(Bijectors.Scale(2))(x), "forward": exp(2 * x),
      ], in: graph)
    #expect(try #require(values["applied"]).isClose(to: #require(values["known"]), relative: 1e-12))
    #expect(try #require(values["chain"]).isClose(to: #require(values["forward"]), relative: 1e-12))
  }

  @Test func plainNumbersAndArraysAreParameters() throws {
    let graph = Graph()
    let scale: Float = 0.5
    let normal = Normal(in: graph, loc: [Float](arrayLiteral: 0, 1), scale: scale)
    #expect(normal.batchShape == [2] && normal.dtype == .float32)
    let rows = Normal(in: graph, loc: try HostArray([[0, 1], [2, 3]] as [[Double]]), scale: 1)
    #expect(rows.batchShape == [2, 2] && rows.dtype == .float32)
    try graph.check()
    _ = Normal(in: graph, loc: [Double](), scale: 1)
    #expect(graph.diagnostics.first?.message == "An empty array does not stand for a tensor.")
  }
}
