import ElbowArrays
import ElbowGraph
import ElbowTraining
import TestSupport
import Testing

/// Every case of optimizers.json, weights, slots and clipped gradients, in float64: all in one program, since what takes time
/// is the C compiler.
@Suite struct GoldenOptimizers {
  private static let tolerance = Tolerance(relative: 1e-10, absolute: 1e-15)

  /// A case with what the program has of it.
  private struct Rule {
    let golden: GoldenCase
    let number: Int
    /// The names of the variables that are changed, each followed by its slots.
    var variables: [[String]] = []

    func input(_ index: Int) -> String { "g\(number)_\(index)" }
  }

  private static func optimizer(_ golden: GoldenCase) -> (any Optimizer)? {
    guard let hyper = golden["hyper"], let rate = hyper["learning_rate"]?.number else { return nil }
    func number(_ name: String) -> Double { hyper[name]?.number ?? .nan }
    switch golden["optimizer"]?.text {
    case "sgd": return SGD(learningRate: rate)
    case "momentum": return SGD(learningRate: rate, momentum: number("momentum"))
    case "nesterov": return SGD(learningRate: rate, momentum: number("momentum"), nesterov: true)
    case "adam", "adam_amsgrad", "adam_tf1_shared":
      return Adam(
        learningRate: rate, beta1: number("beta1"), beta2: number("beta2"), epsilon: number("epsilon"),
        amsgrad: golden["optimizer"]?.text == "adam_amsgrad")
    case "adamw":
      return AdamW(
        learningRate: rate, weightDecay: number("weight_decay"), beta1: number("beta1"), beta2: number("beta2"),
        epsilon: number("epsilon"))
    case "rmsprop", "rmsprop_tf1":
      return RMSprop(
        learningRate: rate, rho: number("rho"), momentum: number("momentum"), epsilon: number("epsilon"),
        centered: hyper["centered"]?.flag ?? false,
        initialAccumulatorValue: golden["optimizer"]?.text == "rmsprop_tf1" ? 1 : 0)
    case "adagrad", "adagrad_tf1":
      return Adagrad(
        learningRate: rate, initialAccumulatorValue: number("initial_accumulator_value"),
        epsilon: hyper["epsilon"]?.number ?? 0)
    default: return nil
    }
  }

  @Test func areWhatTensorFlowComputes() throws {
    let cases = try GoldenFile.cases("optimizers.json")
    let graph = Graph()
    var signature = Signature("step")
    var rules: [Rule] = []
    for (number, golden) in cases.enumerated() {
      var rule = Rule(golden: golden, number: number)
      guard golden["init"] != nil else {
        signature.outputs += try clipped(rule, in: graph)
        rules.append(rule)
        continue
      }
      let updates = try updates(rule, in: graph)
      signature.updates += updates
      let names = updates.compactMap { graph.declaration(of: $0.variable) }.filter { $0.role != .counter }.map(\.name)
      let width = names.count / (golden["init"]?.list.count ?? 1)
      rule.variables = stride(from: 0, to: names.count, by: width).map { [String](names[$0..<$0 + width]) }
      rules.append(rule)
    }
    try graph.check()
    let program = try graph.program(signature)
    for backend in goldenBackends { try compare(rules, program, graph, backend) }
  }

  private func updates(_ rule: Rule, in graph: Graph) throws -> [VariableUpdate] {
    let optimizer = try #require(GoldenOptimizers.optimizer(rule.golden), "there is no optimizer for \(rule.golden.id)")
    let pairs = try #require(rule.golden["init"]).list.compactMap(\.tensor).enumerated().map { index, tensor in
      (
        variable: graph.variable(
          "w\(rule.number)_\(index)", initialValue: graph.constant(try tensor.array(.float64))),
        gradient: graph.placeholder(rule.input(index), shape: tensor.shape, dtype: .float64)
      )
    }
    guard let groups = rule.golden["hyper"]?["groups"]?.list else { return optimizer.applying(gradients: pairs) }
    return optimizer.applying(
      gradients: groups.map { group in group.list.compactMap { $0.number }.map { pairs[Int($0)] } })
  }

  private func clipped(_ rule: Rule, in graph: Graph) throws -> [(name: String, tensor: Tensor)] {
    let hyper = try #require(rule.golden["hyper"])
    let limit = hyper["clip_norm"]?.number ?? hyper["high"]?.number ?? .nan
    let gradients = try inputs(rule).enumerated().map {
      graph.placeholder(rule.input($0), shape: $1.shape, dtype: .float64)
    }
    let clipping: GradientClipping
    switch rule.golden["optimizer"]?.text {
    case "clip_by_value": clipping = .value(limit)
    case "clip_by_norm": clipping = .norm(limit)
    default: clipping = .globalNorm(limit)
    }
    return clipping.clipped(gradients).enumerated().map { ("\(rule.input($0)).clipped", $1) }
  }

  /// The gradients of a case of clipping, or those of a step.
  private func inputs(_ rule: Rule, step: Int = 0) throws -> [GoldenTensor] {
    let gradients = try #require(rule.golden["gradients"])
    guard rule.golden["init"] != nil else { return gradients.list.compactMap(\.tensor) }
    return gradients.list[min(step, gradients.list.count - 1)].list.compactMap(\.tensor)
  }

  private func compare(_ rules: [Rule], _ program: Program, _ graph: Graph, _ backend: any GoldenBackend) throws {
    var state = try backend.prepare(try graph.initializer()).run().updates
    let prepared = try backend.prepare(program)
    for step in 0..<(rules.map { $0.golden["weights"]?.list.count ?? 0 }.max() ?? 0) {
      var feeds: [String: HostArray] = [:]
      for rule in rules {
        for (index, gradient) in try inputs(rule, step: step).enumerated() {
          feeds[rule.input(index)] = try gradient.array(.float64)
        }
      }
      let result = try prepared.run(feeding: feeds, state: state)
      state.merge(result.updates) { $1 }
      for rule in rules {
        try compare(rule, step, result.outputs, state, backend.name)
      }
    }
  }

  private func compare(
    _ rule: Rule, _ step: Int, _ outputs: [String: HostArray], _ state: [String: HostArray], _ backend: String
  ) throws {
    func check(_ actual: HostArray?, _ expected: GoldenTensor?, _ what: String) throws {
      let found = difference(actual, try #require(expected), Self.tolerance)
      #expect(found == nil, "\(rule.golden.id) step \(step) \(what) on \(backend): \(found ?? "")")
    }
    for (index, expected) in (rule.golden["clipped"]?.list ?? []).enumerated() {
      try check(outputs["\(rule.input(index)).clipped"], expected.tensor, "gradient \(index)")
    }
    guard let weights = rule.golden["weights"]?.list, step < weights.count else { return }
    for (index, names) in rule.variables.enumerated() {
      try check(state[names[0]], weights[step].list[index].tensor, names[0])
      let slots = rule.golden["slots"]?.list[step].list[index].list ?? []
      for (slot, name) in zip(slots, names.dropFirst()) { try check(state[name], slot.tensor, name) }
    }
  }
}
