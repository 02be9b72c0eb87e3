import Elbow

/// Compares the gradient of a loss with differences of the loss itself, all by the reference evaluator in float64.
///
/// Along a direction d of unit length, g . d is compared with (loss(w + t d) - loss(w - t d)) / 2t. One direction is the
/// gradient's own; for the others a random half of it is left out. The noise of samples is the same throughout.
struct GradientCheck {
  /// The relative error that is accepted, where a kink of the loss lies between the two ends of a difference.
  static let tolerance = 1e-3
  /// A loss in float64 is exact but for this part of it, with room: gradients that only this could show count as 0.
  private static let noise = 1e-13

  let model: Model
  let signature: Signature
  let state: [String: HostArray]
  let batchSize: Int
  let seed: UInt64

  func findings() throws -> [VerifyCommand.Finding] {
    guard let loss = signature.outputs.first?.tensor else { return [] }
    let graph = model.graph
    let parameters = graph.variables(role: .parameter)
    let names = parameters.compactMap { graph.declaration(of: $0)?.name }
    var wanted = Signature("gradient")
    wanted.outputs = zip(names, gradients(of: loss, by: parameters, unconnected: .zero)).map { (name: $0, tensor: $1) }
    let gradientProgram = try graph.program(wanted)
    let lossProgram = try graph.program(Signature("loss", outputs: ["loss": loss]))
    var inputs = SyntheticInputs(seed: seed)
    let feeds = try inputs.feeds(lossProgram, batchSize: batchSize)
    let gradient = try run(gradientProgram, feeds, state).mapValues(\.doubles)

    return try (0..<3).map { trial in
      let direction = gradient.keys.sorted().reduce(into: [String: [Double]]()) { result, name in
        result[name] = gradient[name]?.map { trial == 0 || inputs.number(below: 2) == 1 ? $0 : 0 }
      }
      let error = try error(along: direction) { state in
        let values = try run(lossProgram, feeds.filter { lossProgram.needs($0.key) }, state)
        return values["loss"]?.doubles.first ?? .nan
      }
      return VerifyCommand.Finding(
        signature: "gradient", value: trial == 0 ? "whole" : "part \(trial)", error: error,
        isGood: error <= GradientCheck.tolerance)
    }
  }

  private func run(
    _ program: Program, _ feeds: [String: HostArray], _ state: [String: HostArray]
  ) throws -> [String: HostArray] {
    try ReferenceEvaluator(program, arithmetic: .wide).run(
      feeding: feeds, state: state, random: RandomState(seed: seed)
    ).outputs
  }

  /// The least relative error over some steps: short ones suffer from rounding, and long ones from curvature and kinks.
  private func error(
    along direction: [String: [Double]], _ loss: ([String: HostArray]) throws -> Double
  ) throws -> Double {
    let slope = length(direction.values.joined())
    guard slope.isFinite else { return .infinity }
    let size = try abs(loss(state))
    let weights = length(direction.keys.flatMap { state[$0]?.doubles ?? [] })
    var best = Double.infinity
    for change in [1e-5, 1e-6, 1e-4, 1e-7] {
      let step = change * max(weights, 1)
      // A gradient of 0 has no direction, and no step leads anywhere.
      let factor = slope > 0 ? step / slope : 0
      let (above, below) = (try moved(direction, factor), try moved(direction, -factor))
      let difference = (try loss(above) - loss(below)) / (2 * step)
      let noise = GradientCheck.noise * max(size, 1) / step
      best = min(best, abs(difference - slope) / max(slope, noise / GradientCheck.tolerance))
      if best <= GradientCheck.tolerance / 10 { break }
    }
    return best
  }

  private func length(_ values: some Sequence<Double>) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// The state in float64, with some weights moved along the direction.
  private func moved(_ direction: [String: [Double]], _ factor: Double) throws -> [String: HostArray] {
    var moved = state
    for (name, step) in direction {
      guard let value = state[name] else { continue }
      moved[name] = try HostArray(zip(value.doubles, step).map { $0 + factor * $1 }, shape: value.shape)
    }
    return moved
  }
}

extension Program {
  /// Whether it takes an input of that name.
  func needs(_ input: String) -> Bool { inputs.contains { $0.name == input } }
}
