import Testing

@testable import Elbow

/// Losses with a weight for each example.
@Suite struct SampleWeightTests {
  private func network(
    weight: (Graph) -> Tensor?, loss: @escaping (Tensor, Tensor) -> Tensor = { ($1 - $0) * ($1 - $0) }
  ) throws -> Network<Tensor> {
    let graph = Graph()
    let network = Network(inputs: graph.placeholder("x", shape: [nil, 3]), Dense(3, kernelInitializer: .ones))
    try network.compile(
      optimizer: SGD(learningRate: 0.01), loss: loss, sampleWeight: weight(graph), metrics: [.meanSquaredError],
      options: BuildOptions(optimization: 1), verbose: false)
    return network
  }

  private func data(_ weights: [Float], _ rows: Range<Int>) throws -> Dataset {
    let x: [Float] = try ToyTraining.data()["x"].values()
    return try Dataset(columns: [
      ("x", HostArray([Float](x[3 * rows.lowerBound..<3 * rows.upperBound]), shape: [rows.count, 3])),
      ("weight", HostArray(weights)), ("group", HostArray(weights.map { $0 == 0 ? 0 : 1 } as [Int32])),
    ])
  }

  /// The mean of weight times loss, over batches of which the last is smaller; metrics are not weighed.
  @Test func theLossIsWeighed() throws {
    let weights = (0..<20).map { Float($0 % 4) / 2 }
    let data = try data(weights, 0..<20)
    let network = try network(weight: { $0.placeholder("weight", shape: [nil]) })
    let (x, output) = (try data["x"].doubles, try network.predict(["x": data["x"]]).doubles)
    let squares = (0..<60).map { (output[$0] - x[$0]) * (output[$0] - x[$0]) }
    let expected = (0..<60).reduce(0) { $0 + Double(weights[$1 / 3]) * squares[$1] } / 60
    for batchSize in [7, 20] {
      let found = try network.evaluate(data, batchSize: batchSize)
      #expect(abs(found[0].value - expected) < 1e-5 * expected)
      #expect(abs(found[1].value - squares.reduce(0, +) / 60) < 1e-5 * expected)
    }
  }

  /// With weights of 2 for one half and 0 for the other, a step is that of the one half; weights of classes are taken by labels.
  @Test func stepsAreWeighed() throws {
    let weights = (0..<20).map { Float($0 < 10 ? 2 : 0) }
    func trained(_ network: Network<Tensor>, _ data: Dataset) throws -> [Double] {
      try network.fit(data, batchSize: 20, epochs: 5, verbose: false)
      return try network.compiled.value(of: "dense/kernel").doubles
    }
    let half = try trained(network(weight: { _ in nil }), data([Float](weights[..<10]), 0..<10))
    let all = try trained(network(weight: { _ in nil }), data(weights, 0..<20))
    let weighed = try trained(network(weight: { $0.placeholder("weight", shape: [nil]) }), data(weights, 0..<20))
    let classes = try trained(
      network(weight: { take($0.constant([0, 2]), $0.placeholder("group", shape: [nil], dtype: .int32), axis: 0) }),
      data(weights, 0..<20))
    #expect(zip(half, all).contains { abs($0 - $1) > 1e-3 })
    for found in [weighed, classes] { #expect(zip(half, found).allSatisfy { abs($0 - $1) < 1e-5 }) }
  }

  @Test func mistakes() throws {
    func message(_ weight: @escaping (Graph) -> Tensor, _ loss: @escaping (Tensor, Tensor) -> Tensor) -> String? {
      #expect(throws: ElbowError.self) { try network(weight: weight, loss: loss) }?.message
    }
    #expect(
      message({ $0.placeholder("weight", shape: [nil]) }, { ($1 - $0).mean() })
        == "The loss float32[] cannot be weighed by sampleWeight float32[m]: expected the loss of each example, not their mean, and "
        + "a number for each, of a shape that the loss's begins with.")
    #expect(
      message({ $0.placeholder("weight", shape: [nil, 1]) }, { ($1 - $0).mean(axes: [1]) })?.hasPrefix(
        "The loss float32[n] cannot be weighed by sampleWeight float32[m, 1]: ") == true)
  }
}
