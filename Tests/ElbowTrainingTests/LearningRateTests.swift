import ElbowArrays
import ElbowGraph
import ElbowTraining
import Foundation
import TestSupport
import Testing

/// Schedules against their formulas, step by step, as the evaluator and compiled code compute them.
@Suite struct LearningRateTests {
  /// SGD on a gradient of 1 goes down by the rate.
  @Test func schedulesFollowTheirFormulas() throws {
    let cases: [(name: String, schedule: any LearningRateSchedule, formula: (Double) -> Double)] = [
      ("exponential", ExponentialDecay(0.5, decaySteps: 4, decayRate: 0.3), { 0.5 * pow(0.3, $0 / 4) }),
      (
        "staircase", ExponentialDecay(0.5, decaySteps: 4, decayRate: 0.3, staircase: true),
        { 0.5 * pow(0.3, ($0 / 4).rounded(.down)) }
      ),
      (
        "piecewise", PiecewiseConstantDecay(boundaries: [2, 5], values: [1, 0.5, 0.125]),
        { $0 <= 2 ? 1 : $0 <= 5 ? 0.5 : 0.125 }
      ),
      (
        "cosine", CosineDecay(2, decaySteps: 6, alpha: 0.1),
        { 2 * (0.9 * (1 + cos(.pi * min($0, 6) / 6)) / 2 + 0.1) }
      ),
      ("warmUp", 0.25.warmedUp(steps: 4), { 0.25 * min($0 / 4, 1) }),
      (
        "both", ExponentialDecay(1, decaySteps: 3, decayRate: 0.5).warmedUp(steps: 2),
        { pow(0.5, $0 / 3) * min($0 / 2, 1) }
      ),
    ]
    let graph = Graph()
    var signature = Signature("step")
    for (name, schedule, _) in cases {
      let variable = graph.variable(name, initialValue: graph.zeros([], dtype: .float64))
      signature.updates += SGD(learningRate: schedule).applying(gradients: [(variable, variable.onesLike())])
    }
    let program = try graph.program(signature)
    for backend in goldenBackends {
      var state = try backend.prepare(try graph.initializer()).run().updates
      let prepared = try backend.prepare(program)
      var expected = cases.map { _ in 0.0 }
      for step in 0..<9 {
        state.merge(try prepared.run(state: state).updates) { $1 }
        for (index, testCase) in cases.enumerated() {
          expected[index] -= testCase.formula(Double(step))
          let found = try #require(state[testCase.name]?.doubles.first)
          #expect(abs(found - expected[index]) < 1e-12, "\(testCase.name), step \(step) on \(backend.name)")
        }
      }
    }
  }

  @Test func theBaseRateIsFed() throws {
    let graph = Graph()
    let w = graph.variable("w", initialValue: graph.constant(1))
    let step = SGD(learningRate: ExponentialDecay(0.5, decaySteps: 1, decayRate: 0.5)).minimize(w * w)
    let evaluator = ReferenceEvaluator(try graph.program(step.signature()))
    let state = ["w": HostArray(scalar: Float(1)), "sgd/step": HostArray(scalar: Int64(1))]
    let rate = ["learning_rate": HostArray(scalar: Float(0.25))]
    #expect(try evaluator.run(state: state).updates["w"]?.doubles == [0.5])
    #expect(try evaluator.run(feeding: rate, state: state).updates["w"]?.doubles == [0.75])
    #expect(try evaluator.run(state: state).updates["sgd/step"]?.doubles == [2])
  }

  @Test func mistakesAreNamed() {
    func mistake(_ schedule: some LearningRateSchedule) -> String? {
      let graph = Graph()
      let w = graph.variable("w", initialValue: graph.constant(1))
      _ = SGD(learningRate: schedule).minimize(w * w)
      return graph.diagnostics.first?.message
    }
    #expect(
      mistake(ExponentialDecay(1, decaySteps: 0, decayRate: 0.5))
        == "ExponentialDecay needs at least 1 decay step and a positive rate of decay, not 0 and 0.5.")
    #expect(
      mistake(PiecewiseConstantDecay(boundaries: [5, 2], values: [1, 0.5, 0.1]))
        == "PiecewiseConstantDecay needs increasing boundaries and one more positive value than boundaries, not [5, 2] "
        + "and [1.0, 0.5, 0.1].")
    #expect(mistake(CosineDecay(1, decaySteps: -1)) == "CosineDecay needs at least 1 decay step, not -1.")
    #expect(mistake(0.1.warmedUp(steps: 0)) == "A warm-up takes at least 1 step, not 0.")
  }
}

@Suite struct GradientClippingTests {
  /// In a training step of several groups the norm is that of a group.
  @Test func clipsWhatTheOptimizerSees() throws {
    let graph = Graph()
    let a = graph.variable("a", initialValue: graph.constant([3, 4]))
    let b = graph.variable("b", initialValue: graph.constant([0.5]))
    let loss = (a * a).sum() + (b * b).sum()
    let step = SGD(learningRate: 1).minimize(loss, inTurn: [[a], [b]], clipping: .globalNorm(5))
    let state = try ReferenceEvaluator(try graph.initializer()).run().updates
    let updates = try ReferenceEvaluator(try graph.program(step.signature())).run(state: state).updates
    #expect(updates["a"]?.doubles == [0, 0])
    #expect(updates["b"]?.doubles == [-0.5])
  }

  @Test func aLimitThatIsNone() {
    let graph = Graph()
    let w = graph.variable("w", initialValue: graph.constant(1))
    _ = SGD().minimize(w * w, clipping: .norm(0))
    #expect(graph.diagnostics.first?.message == "Gradients are clipped to a positive number, not 0.0.")
  }

  @Test func threeOptimizersInOneStep() throws {
    let graph = Graph()
    let variables = ["a", "b", "c"].map { graph.variable($0, initialValue: graph.constant(1)) }
    let loss = variables[0] * variables[1] * variables[2]
    let step =
      SGD(learningRate: 0.5).minimize(loss, variables: [variables[0]])
      + Adam(learningRate: 0.1).minimize(loss, variables: [variables[1]])
      + SGD(learningRate: 0.25).minimize(loss, variables: [variables[2]])
    let state = try ReferenceEvaluator(try graph.initializer()).run().updates
    let updates = try ReferenceEvaluator(try graph.program(step.signature())).run(state: state).updates
    #expect(updates["a"]?.doubles == [0.5])
    #expect(abs((updates["b"]?.doubles.first ?? 0) - 0.9) < 1e-6)
    #expect(updates["c"]?.doubles == [0.75])
  }
}
