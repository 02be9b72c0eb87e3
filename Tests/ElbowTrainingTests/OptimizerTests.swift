import ElbowArrays
import ElbowGraph
import ElbowNetworks
import ElbowTraining
import TestSupport
import Testing

@Suite struct OptimizerTests {
  @Test func adamDeclaresItsSlotsInOrder() throws {
    let graph = Graph()
    let y = Dense(2, name: "b")(Dense(3, name: "a")(graph.placeholder("x", shape: [nil, 4])))
    let step = Adam().minimize((y * y).mean())
    try graph.check()
    let parameters = ["a/kernel", "a/bias", "b/kernel", "b/bias"]
    #expect(graph.variables.filter { $0.group == "adam/m" }.map(\.name) == parameters.map { "adam/m/\($0)" })
    #expect(graph.variables.filter { $0.group == "adam/v" }.map(\.name) == parameters.map { "adam/v/\($0)" })
    #expect(graph.variables.filter { $0.role == .counter }.map { "\($0.name) \($0.type)" } == ["adam/step int64[]"])
    #expect(step.updates.count == 1 + 3 * 4)
    #expect(step.gradients.count == 4)
  }

  @Test func theLearningRateIsFed() throws {
    let graph = Graph()
    let w = graph.variable("w", initialValue: graph.constant(1))
    let optimizer = SGD(learningRate: 0.5)
    let step = optimizer.minimize(w * w)
    #expect(optimizer.learningRate.name == "learning_rate")
    let program = try graph.program(step.signature())
    let state = ["w": HostArray(scalar: Float(1))]
    let evaluator = ReferenceEvaluator(program)
    #expect(try evaluator.run(state: state).updates["w"]?.doubles == [0])
    let rate = ["learning_rate": HostArray(scalar: Float(0.25))]
    #expect(try evaluator.run(feeding: rate, state: state).updates["w"]?.doubles == [0.5])
  }

  /// Numbers that make no sense are told when a step is made, at the user's line.
  @Test func numbersThatMakeNoSense() {
    let cases: [(any Optimizer, String)] = [
      (SGD(learningRate: Double.nan), "SGD: the learning rate is a positive number, not nan."),
      (SGD(learningRate: 0), "SGD: the learning rate is a positive number, not 0.0."),
      (Adam(learningRate: -1), "Adam: the learning rate is a positive number, not -1.0."),
      (Adam(learningRate: Double.infinity), "Adam: the learning rate is a positive number, not inf."),
      (
        Adam(learningRate: CosineDecay(-1, decaySteps: 2)), "Adam: the learning rate is a positive number, not -1.0."
      ),
      (
        Adam(learningRate: CosineDecay(1, decaySteps: 2, alpha: 3)),
        "CosineDecay ends at a part alpha from 0 to 1, not 3.0."
      ),
      (SGD(momentum: 1.5), "SGD: momentum is from 0 to 1, not 1.5."),
      (Adam(beta1: 9), "Adam: beta1 is from 0 and below 1, not 9.0."),
      (Adam(beta2: 1), "Adam: beta2 is from 0 and below 1, not 1.0."),
      (Adam(epsilon: -1), "Adam: epsilon is at least 0 and finite, not -1.0."),
      (AdamW(weightDecay: -1), "AdamW: weightDecay is at least 0 and finite, not -1.0."),
      (AdamW(beta1: .nan), "AdamW: beta1 is from 0 and below 1, not nan."),
      (RMSprop(rho: 1), "RMSprop: rho is from 0 and below 1, not 1.0."),
      (RMSprop(momentum: -0.1), "RMSprop: momentum is from 0 to 1, not -0.1."),
      (Adagrad(initialAccumulatorValue: -1), "Adagrad: initialAccumulatorValue is at least 0 and finite, not -1.0."),
    ]
    for (optimizer, message) in cases {
      let graph = Graph()
      let w = graph.variable("w", initialValue: graph.constant(1))
      _ = optimizer.minimize(w * w)
      #expect(graph.diagnostics.map(\.message) == [message])
    }
  }

  @Test func twoOptimizersDoNotShareAnything() throws {
    let graph = Graph()
    let w = graph.variable("w", initialValue: graph.constant(1))
    let v = graph.variable("v", initialValue: graph.constant(1))
    let (first, second) = (Adam(), Adam())
    let updates = first.minimize(w * w, variables: [w]).updates + second.minimize(v * v, variables: [v]).updates
    #expect(second.learningRate.name == "learning_rate_1")
    #expect(graph.variables.map(\.name).contains("adam_1/step"))
    _ = try graph.program(Signature("both", updates: updates))
  }

  /// Means of gradients that have stopped fade to 0, not into subnormal numbers, which are slow.
  @Test(arguments: [DType.float32, .float64]) func meansDoNotBecomeSubnormal(_ dtype: DType) throws {
    let least = dtype == .float64 ? Double.leastNormalMagnitude : Double(Float.leastNormalMagnitude)
    func array(_ values: [Double]) throws -> HostArray {
      try dtype == .float64 ? HostArray(values, shape: [3]) : HostArray(values.map { Float($0) }, shape: [3])
    }
    for optimizer: any Optimizer in [
      SGD(momentum: 0.9), SGD(momentum: 0.9, nesterov: true), Adam(), AdamW(), RMSprop(momentum: 0.9, centered: true),
    ] {
      let graph = Graph()
      let w = graph.variable("w", initialValue: graph.ones([3], dtype: dtype))
      let step = optimizer.applying(gradients: [(variable: w, gradient: w.zerosLike())])
      let program = try graph.program(Signature("step", updates: step))
      var state = try ReferenceEvaluator(try graph.initializer()).run().updates
      let slots = graph.variables.map(\.name).filter { $0.hasSuffix("/w") }
      #expect(slots.count == optimizer.slots.count)
      for slot in slots { state[slot] = try array([1.0001 * least, -1.0001 * least, .nan]) }
      state.merge(try ReferenceEvaluator(program).run(state: state).updates) { $1 }
      for slot in slots {
        let values = state[slot]?.doubles ?? []
        #expect(values.prefix(2) == [0, 0], "\(slot) of \(optimizer.name)")
        #expect(values.last?.isNaN == true)
      }
    }
  }

  @Test func aRandomStepMakesTheLossSmaller() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let y = Dense(1)(Dense(8, activation: tanh)(x))
    let target = x.sum(axes: [1], keepDims: true)
    let difference = y - target
    let step = Adam(learningRate: 0.01).minimize((difference * difference).mean())
    let program = ReferenceEvaluator(try graph.program(step.signature()))
    var state = try ReferenceEvaluator(try graph.initializer()).run().updates
    let feeds = ["x": try HostArray((0..<30).map { Float($0 % 7) / 7 }, shape: [10, 3])]
    var losses: [Double] = []
    for _ in 0..<100 {
      let result = try program.run(feeding: feeds, state: state)
      losses += result.outputs["loss"]?.doubles ?? []
      state.merge(result.updates) { $1 }
    }
    #expect((losses.last ?? 1) < 0.1 * (losses.first ?? 0))
    #expect(state["adam/step"]?.doubles == [100])
  }
}

/// One case a mistake.
@Suite struct OptimizerErrorTests {
  @Test func nothingToTrain() {
    let graph = Graph()
    _ = SGD().minimize(graph.placeholder("x"))
    #expect(
      graph.diagnostics.first?.message
        == "There is nothing to minimize by: there are no parameters. Layers have parameters once they have been called."
    )
  }
  @Test func aGroupWithoutParameters() {
    let graph = Graph()
    let w = graph.variable("w", initialValue: graph.ones([]))
    _ = Adam().minimize(w * w, inTurn: [[w], []])
    #expect(
      graph.diagnostics.first?.message
        == "There is nothing to minimize by: the group 2 of 2 has no parameters. Layers have parameters once they have been "
        + "called.")
  }
  @Test func aLossThatIsNoScalar() {
    let graph = Graph()
    let w = graph.variable("w", initialValue: graph.ones([3]))
    _ = SGD().minimize(w)
    #expect(
      graph.diagnostics.first?.message
        == "Gradients are of floating-point scalars, but this is float32[3]: take its mean or sum first.")
    #expect(graph.diagnostics.count == 1)
  }
  /// It is left out, with a warning.
  @Test func aParameterThatTheLossDoesNotDependOn() {
    let graph = Graph()
    let w = graph.variable("w", initialValue: graph.ones([]))
    let idle = graph.variable("idle", initialValue: graph.ones([3]))
    let step = Adam().minimize(w * w)
    #expect(graph.diagnostics.isEmpty)
    #expect(step.gradients.map(\.variable) == [w])
    #expect(!step.updates.contains { $0.variable == idle })
    #expect(graph.variables.map(\.name) == ["w", "idle", "adam/m/w", "adam/v/w", "adam/step"])
  }
  @Test func aLossThatDependsOnNoParameter() {
    let graph = Graph()
    let w = graph.variable("w", initialValue: graph.ones([]))
    _ = graph.variable("idle", initialValue: graph.ones([3]))
    _ = Adam().minimize(w * w, variables: graph.variables(role: .parameter).filter { $0 != w })
    #expect(
      graph.diagnostics.first?.message
        == "There is no gradient by the variable 'idle': the value does not depend on it in a differentiable way.")
  }
  @Test func aGradientOfAnotherShape() {
    let graph = Graph()
    let w = graph.variable("w", initialValue: graph.ones([3]))
    _ = SGD().applying(gradients: [(w, graph.ones([4]))])
    #expect(
      graph.diagnostics.first?.message
        == "SGD: the variable 'w' is float32[3], but its gradient is float32[4].")
  }
}
