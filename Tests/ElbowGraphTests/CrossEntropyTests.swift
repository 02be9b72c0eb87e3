import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import Foundation
import TestSupport
import Testing

/// Losses of classification where their obvious formulas fail, and their mistakes.
@Suite struct CrossEntropyTests {
  private func values(_ outputs: [String: Tensor], _ graph: Graph) throws -> [String: [Double]] {
    try ReferenceBackend().values(of: outputs, in: graph).mapValues(\.doubles)
  }

  @Test func sigmoidKeepsItsDigitsInTheTails() throws {
    let graph = Graph()
    let logits = graph.constant([-800, -40, 0, 40, 800], dtype: .float64)
    let labels = graph.constant([0, 0, 0.25, 1, 1], dtype: .float64)
    let loss = sigmoidCrossEntropy(logits: logits, labels: labels)
    let found = try values(["loss": loss, "gradient": gradients(of: loss.sum(), by: [logits])[0]], graph)
    let tail = 4.248354255291589e-18  // log1p(exp(-40))
    for (value, expected) in zip(try #require(found["loss"]), [0, tail, 0.6931471805599453, tail, 0]) {
      #expect(abs(value - expected) <= 1e-15 * expected)
    }
    for (value, expected) in zip(try #require(found["gradient"]), [0, tail, 0.25, -tail, 0]) {
      #expect(abs(value - expected) <= 1e-15 * abs(expected))
    }
  }

  /// A class that is ruled out has the logit -inf; a label that is none has the probability 0.
  @Test func classesThatCannotBe() throws {
    let graph = Graph()
    let logits = graph.constant([0, -.infinity, 0], dtype: .float64).broadcast(to: [4, 3])
    let x = graph.constant([0, 1, 2], dtype: .float64)
    let labels = graph.constant([0, 1, 3, -1], dtype: .int32)
    let some = graph.constant([0.5, 0, 0.5], dtype: .float64)
    let none = softmaxCrossEntropy(logits: x, labels: graph.constant(7, dtype: .int32))
    let found = try values(
      [
        "classes": softmaxCrossEntropy(logits: logits, labels: labels),
        "probabilities": softmaxCrossEntropy(logits: logits, probabilities: some),
        "gradient": gradients(of: none, by: [x])[0],
      ], graph)
    let log2 = 0.6931471805599453
    #expect(found["classes"] == [log2, .infinity, .infinity, .infinity])
    #expect(found["probabilities"] == [log2, log2, log2, log2])
    #expect(found["gradient"] == [0, 0, 0])
  }

  /// Smoothed labels by hand, and the gradient: softmax or sigmoid less the labels.
  @Test func labelSmoothing() throws {
    let graph = Graph()
    let x = [0.5, -1, 2.0]
    let logits = graph.constant(x, dtype: .float64)
    let (even, own) = (0.3 / 3, 1 - 0.3 + 0.3 / 3)
    let total = x.reduce(0) { $0 + exp($1) }
    let logs = x.map { $0 - log(total) }
    func spread(_ p: [Double]) -> [Double] { p.map { 0.7 * $0 + 0.3 / 3 } }
    func entropy(_ p: [Double]) -> Double { -zip(p, logs).reduce(0) { $0 + $1.0 * $1.1 } }
    let some = [0.2, 0.8, 0]
    let losses = [
      "labels": softmaxCrossEntropy(logits: logits, labels: graph.constant(2, dtype: .int32), labelSmoothing: 0.3),
      "probabilities": softmaxCrossEntropy(
        logits: logits, probabilities: graph.constant(some, dtype: .float64), labelSmoothing: 0.3),
      "binary": sigmoidCrossEntropy(
        logits: logits, labels: graph.constant([1, 0, 0.5], dtype: .float64), labelSmoothing: 0.2
      ).sum(),
      "none": softmaxCrossEntropy(logits: logits, labels: graph.constant(2, dtype: .int32), labelSmoothing: 0),
    ]
    var outputs = losses
    for (name, loss) in losses { outputs["gradient of \(name)"] = gradients(of: loss, by: [logits])[0] }
    let found = try values(outputs, graph)
    let targets = ["labels": [even, even, own], "probabilities": spread(some), "none": [0, 0, 1]]
    for (name, target) in targets {
      #expect(try abs(#require(found[name])[0] - entropy(target)) < 1e-12, "\(name)")
      for index in 0..<3 {
        let expected = exp(logs[index]) - target[index]
        #expect(try abs(#require(found["gradient of \(name)"])[index] - expected) < 1e-12, "\(name)")
      }
    }
    let binary = [0.9, 0.1, 0.5]
    let expected = zip(x, binary).reduce(0) { sum, pair in
      sum + log(1 + exp(pair.0)) - pair.1 * pair.0
    }
    #expect(try abs(#require(found["binary"])[0] - expected) < 1e-12)
    for index in 0..<3 {
      let slope = 1 / (1 + exp(-x[index])) - binary[index]
      #expect(try abs(#require(found["gradient of binary"])[index] - slope) < 1e-12)
    }
  }

  @Test func mistakesNameTheUsersLine() throws {
    func message(_ make: (Graph, Tensor) -> Tensor) throws -> (String, line: Int?) {
      let graph = Graph()
      _ = make(graph, graph.placeholder("logits", shape: [nil, 3]))
      let error = try #require(graph.diagnostics.first)
      return (error.message, error.location?.line)
    }
    let line = #line + 2
    let labels = try message { graph, logits in
      softmaxCrossEntropy(logits: logits, labels: graph.placeholder("labels", shape: [nil, 1], dtype: .int32))
    }
    #expect(
      labels.0
        == "'softmaxCrossEntropy' of logits float32[n, 3] and labels int32[m, 1]: labels have the axes of the logits "
        + "but for the last, the classes.")
    #expect(labels.line == line)
    let probabilities = try message { graph, logits in
      softmaxCrossEntropy(logits: logits, labels: graph.placeholder("labels", shape: [nil]))
    }
    #expect(probabilities.0.hasSuffix("use softmaxCrossEntropy(logits:probabilities:)."))
    let classes = try message { graph, logits in
      softmaxCrossEntropy(logits: logits, probabilities: graph.placeholder("p", shape: [nil, 4]))
    }
    #expect(classes.0.hasSuffix("both have the classes on their last axis."))
    let smoothing = try message { graph, logits in
      softmaxCrossEntropy(
        logits: logits, labels: graph.placeholder("labels", shape: [nil], dtype: .int32), labelSmoothing: 1.5)
    }
    #expect(smoothing.0 == "'softmaxCrossEntropy': labelSmoothing is from 0 to 1, not 1.5.")
    let rate = try message { _, logits in dropout(logits, rate: 1, uniform: logits) }
    #expect(rate.0 == "dropout of float32[n, 3] at rate 1.0: the rate is from 0 and below 1.")
  }
}
