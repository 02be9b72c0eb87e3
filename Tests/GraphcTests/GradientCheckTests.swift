import Elbow
import Testing

@testable import graphc

/// The comparison of gradients with differences, by the reference evaluator alone.
@Suite struct GradientCheckTests {
  private func findings(_ seed: UInt64 = 1, _ makeLoss: (Graph) -> Tensor) throws -> [VerifyCommand.Finding] {
    let graph = Graph()
    let model = try Model(
      name: "m", graph: graph, signatures: [Signature("evaluate", outputs: ["loss": makeLoss(graph)])])
    let state = try ReferenceEvaluator(graph.initializer()).run(random: RandomState(seed: seed)).updates
    let signature = try #require(model.evaluate)
    return try GradientCheck(model: model, signature: signature, state: state, batchSize: 2, seed: seed).findings()
  }

  /// A number added to all of a feature is taken away again: the gradient is 0, and what is computed of it is rounding.
  @Test func aBiasBeforeBatchNormalization() throws {
    for trainsAll in [true, false] {
      let findings = try findings { graph in
        let x = graph.placeholder("x", shape: [nil, 5, 5, 2])
        let kernel = graph.randomNormal([3, 3, 2, 3])
        let bias = graph.variable("bias", initialValue: graph.zeros([3]))
        let weight = trainsAll ? graph.variable("kernel", initialValue: kernel) : kernel
        let normalized = BatchNormalization(center: false, scale: false)(conv2D(x, weight) + bias, training: true)
        return (tanh(normalized) * graph.randomNormal([3, 3, 3])).mean()
      }
      #expect(findings.map(\.isGood) == [true, true, true], "\(findings)")
    }
  }

  /// Units of a relu that change sides within a float32 difference do not within a float64 one.
  @Test func kinks() throws {
    for seed in 1...4 {
      let findings = try findings(UInt64(seed)) { graph in
        let x = graph.placeholder("x", shape: [nil, 20])
        let y = Dense(1)(Dense(60, activation: relu)(Dense(60, activation: relu)(x)))
        return (y * y).mean() + 500
      }
      #expect(findings.map(\.isGood) == [true, true, true], "\(findings)")
    }
  }

  @Test func aWrongGradient() throws {
    let findings = try findings { graph in
      let w = graph.variable("w", initialValue: graph.constant((1...20).map { Double($0) }))
      return (w * stopGradient(w)).sum()
    }
    #expect(findings.map(\.isGood) == [false, false, false] && abs(findings[0].error - 1) < 1e-6)
  }
}
