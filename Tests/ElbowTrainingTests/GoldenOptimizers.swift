import ElbowArrays
import ElbowGraph
import ElbowTraining
import TestSupport
import Testing

/// Every step of every case of optimizers.json: weights and slots, in float64.
@Suite struct GoldenOptimizers {
  static let cases = ((try? GoldenFile.cases("optimizers.json")) ?? []).filter { make($0) != nil }
  static let tolerance = Tolerance(relative: 1e-10, absolute: 1e-15)

  static func make(_ golden: GoldenCase) -> (any Optimizer)? {
    guard let hyper = golden["hyper"], let rate = hyper["learning_rate"]?.number else { return nil }
    switch golden["optimizer"]?.text {
    case "sgd": return SGD(learningRate: rate)
    case "momentum": return SGD(learningRate: rate, momentum: hyper["momentum"]?.number ?? 0)
    case "nesterov": return SGD(learningRate: rate, momentum: hyper["momentum"]?.number ?? 0, nesterov: true)
    case "adam":
      return Adam(
        learningRate: rate, beta1: hyper["beta1"]?.number ?? 0.9, beta2: hyper["beta2"]?.number ?? 0.999,
        epsilon: hyper["epsilon"]?.number ?? 1e-8)
    default: return nil
    }
  }

  @Test(arguments: ["sgd", "momentum", "nesterov", "adam"])
  func optimizerHasCases(name: String) { #expect(Self.cases.contains { $0["optimizer"]?.text == name }) }

  @Test(arguments: cases)
  func steps(_ golden: GoldenCase) throws {
    let graph = Graph()
    let optimizer = try #require(Self.make(golden))
    let initial = try #require(golden["init"]).list.compactMap(\.tensor)
    var pairs: [(variable: Tensor, gradient: Tensor)] = []
    for (index, tensor) in initial.enumerated() {
      pairs.append(
        (
          graph.variable("w\(index)", initialValue: graph.constant(try tensor.array(.float64))),
          graph.placeholder("g\(index)", shape: tensor.shape, dtype: .float64)
        ))
    }
    var signature = Signature("step")
    signature.updates = optimizer.applying(gradients: pairs)
    let program = try graph.program(signature)
    let slotNames = golden["optimizer"]?.text == "adam" ? ["adam/m", "adam/v"] : ["sgd/momentum"]

    for backend in goldenBackends {
      var state = try backend.run(try graph.initializer(), feeding: [:], state: [:], random: RandomState(seed: 0))
        .updates
      for (step, gradients) in try #require(golden["gradients"]).list.enumerated() {
        var feeds: [String: HostArray] = [:]
        for (index, gradient) in gradients.list.enumerated() {
          feeds["g\(index)"] = try gradient.tensor?.array(.float64)
        }
        let updates = try backend.run(program, feeding: feeds, state: state, random: RandomState(seed: 0)).updates
        state.merge(updates) { $1 }
        for index in initial.indices {
          let weight = try #require(golden["weights"]?.list[step].list[index].tensor)
          let found = difference(state["w\(index)"], weight, Self.tolerance)
          #expect(found == nil, "\(golden.id) step \(step) w\(index) on \(backend.name): \(found ?? "")")
          for (slot, name) in zip(golden["slots"]?.list[step].list[index].list ?? [], slotNames) {
            let found = difference(state["\(name)/w\(index)"], try #require(slot.tensor), Self.tolerance)
            #expect(found == nil, "\(golden.id) step \(step) \(name)/w\(index) on \(backend.name): \(found ?? "")")
          }
        }
      }
    }
  }
}
