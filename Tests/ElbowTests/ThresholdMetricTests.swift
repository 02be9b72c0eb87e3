import Foundation
import Testing

@testable import Elbow

/// Figures that are no means over examples, by hand, over batches of several sizes of which the last is smaller.
@Suite struct ThresholdMetricTests {
  /// A network that gives its inputs, so that they are the logits.
  private func identity(
    _ width: Int, _ metrics: [Metric<Tensor>], labels: DType
  ) throws -> Network<Tensor> {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, width])
    let y = graph.placeholder("y", shape: [nil], dtype: labels)
    let network = Network(inputs: x, Dense(width, kernelInitializer: .zeros))
    try network.compile(
      optimizer: SGD(learningRate: 1e-12), targets: y, loss: { y, x in x.mean(axes: [1]) + 0 * y.cast(to: .float32) },
      metrics: metrics, options: BuildOptions(optimization: 1), verbose: false)
    let kernel = (0..<width * width).map { Float($0 % (width + 1) == 0 ? 1 : 0) }
    try network.compiled.setValue(HostArray(kernel, shape: [width, width]), of: "dense/kernel")
    return network
  }

  private func figures(_ network: Network<Tensor>, _ data: Dataset, batchSize: Int) throws -> [String: Double] {
    let figures = try network.evaluate(data, batchSize: batchSize)
    return Dictionary(uniqueKeysWithValues: figures.map { ($0.name, $0.value) })
  }

  private func data(_ x: [Float], width: Int, _ y: HostArray) throws -> Dataset {
    try Dataset(columns: [("x", HostArray(x, shape: [x.count / width, width])), ("y", y)])
  }

  @Test func areaPrecisionAndRecall() throws {
    // Of the 8 x 5 pairs of a yes and a no, the yes is higher in 0 + 2 + (2 + 1/2) + 3 + 4 + 4 + 5 + 5; the half is of the two zeros.
    let logits: [Float] = [-2, -1, -0.5, 0, 0, 0.3, 0.7, 1, 1.5, 2, 2.5, 3, -3]
    let labels: [Int32] = [0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1]
    let network = try identity(1, [.auc(), .precision, .recall], labels: .int32)
    let data = try data(logits, width: 1, HostArray(labels))
    for batchSize in [1, 5, 13] {
      let found = try figures(network, data, batchSize: batchSize)
      #expect(try abs(#require(found["auc"]) - 25.5 / 40) < 1e-6, "\(batchSize)")
      #expect(try abs(#require(found["precision"]) - 5.0 / 7) < 1e-6, "\(batchSize)")
      #expect(try abs(#require(found["recall"]) - 5.0 / 8) < 1e-6, "\(batchSize)")
    }
    // Figures of training, whose steps run many in a call, or one by one.
    final class EachStep: TrainingCallback {
      let needsEveryStep = true
      var areas: [Double] = []
      func onStepEnd(_ run: TrainingRun) { areas.append(run.stepLosses.first { $0.name == "auc" }?.value ?? -1) }
    }
    let each = EachStep()
    for callbacks in [[], [each]] {
      let report = try network.fit(data, batchSize: 5, epochs: 2, callbacks: callbacks, verbose: false)
      #expect(report["auc"].count == 2 && report["auc"].allSatisfy { abs($0 - 25.5 / 40) < 1e-6 })
    }
    #expect(each.areas.count == 6 && each.areas.allSatisfy { $0 >= 0 && $0 <= 1 || $0.isNaN })
    // With no examples of one kind there is no area, and nothing to be recalled.
    let none = try figures(network, self.data([1, 2], width: 1, HostArray([0, 0] as [Int32])), batchSize: 2)
    #expect(none["auc"]?.isNaN == true && none["recall"]?.isNaN == true && none["precision"] == 0)
  }

  /// Few thresholds make logits alike that lie between the same two.
  @Test func thresholdsCount() throws {
    let network = try identity(1, [.auc(thresholds: 3)], labels: .int32)
    // Thresholds at the probabilities 1/2 and 1: all above are alike.
    let data = try data([-1, 1, 2], width: 1, HostArray([0, 1, 0] as [Int32]))
    #expect(try abs(#require(figures(network, data, batchSize: 2)["auc"]) - 0.75) < 1e-6)
  }

  @Test func calibration() throws {
    // Probabilities of the first of two classes, and labels. Bins of a tenth: above 0.9 two of three are right, with a sum of
    // probabilities of 2.84; above 0.6 one of three, with 1.95; above 0.5 one, with 0.55.
    let examples: [(Double, Int32)] = [(0.95, 0), (0.65, 0), (0.92, 0), (0.38, 0), (0.97, 1), (0.32, 0), (0.55, 0)]
    let logits = examples.flatMap { (p: Double, _) -> [Float] in [Float(log(p)), Float(log(1 - p))] }
    let expected: Double = (0.84 + 0.95 + 0.45) / 7
    let network = try identity(2, [.expectedCalibrationError(bins: 10)], labels: .int32)
    let data = try data(logits, width: 2, HostArray(examples.map(\.1)))
    for batchSize in [1, 3, 7] {
      let found = try figures(network, data, batchSize: batchSize)["expected_calibration_error"]
      #expect(try abs(#require(found) - expected) < 1e-6, "\(batchSize)")
    }
  }

  @Test func onesOwn() throws {
    let rmse = Metric<Tensor>("rmse", ofMeans: { y, x in ((x - y.expandedDims(-1)) * (x - y.expandedDims(-1))).mean() })
    {
      $0[0].squareRoot()
    }
    let network = try identity(1, [rmse], labels: .float32)
    let data = try data([1, 2, 3], width: 1, HostArray([0, 2, 6] as [Float]))
    #expect(try abs(#require(figures(network, data, batchSize: 2)["rmse"]) - (10.0 / 3).squareRoot()) < 1e-6)
  }

  @Test func mistakes() throws {
    func message(_ metric: Metric<Tensor>, targets: [Int?], _ dtype: DType = .int32) -> String? {
      let graph = Graph()
      let network = Network(inputs: graph.placeholder("x", shape: [nil, 3]), Dense(3))
      let y = graph.placeholder("y", shape: targets, dtype: dtype)
      let error = #expect(throws: ElbowError.self) {
        try network.compile(
          optimizer: SGD(), targets: y, loss: { $1.mean() + 0 * $0.cast(to: .float32).mean() }, metrics: [metric])
      }
      return error?.message
    }
    #expect(
      message(.auc(), targets: [nil])
        == "The area under the curve of an output float32[n, 3] cannot be told from targets int32[m]: expected logits, and a label, "
        + "0 or 1, for each.")
    #expect(
      message(.auc(thresholds: 1), targets: [nil, 3]) == "The area under a curve takes at least 2 thresholds, not 1.")
    #expect(
      message(.expectedCalibrationError(), targets: [nil, 2])?.hasPrefix(
        "The calibration error in 15 bins of an output float32[n, 3] cannot be told from targets int32[m, 2]") == true)
    #expect(
      message(Metric("all", ofMeans: { y, x in x }, value: { $0[0] }), targets: [nil])
        == "The metric 'all' follows from means of the shape [n, 3]; expected a shape that does not depend on the batch."
    )
  }
}
