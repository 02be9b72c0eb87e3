import Elbow

/// Compares the gradient of a loss with differences of the loss itself, all by the reference evaluator.
///
/// Along a direction d, g . d is compared with (loss(w + h d) - loss(w - h d)) / 2h. One direction is the gradient's
/// own; for the others a random half of it is left out. The noise of samples is the same throughout.
struct GradientCheck {
  /// The relative error that is accepted: differences of float32 losses are no better.
  static let tolerance = 0.02

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
    try ReferenceEvaluator(program).run(feeding: feeds, state: state, random: RandomState(seed: seed)).outputs
  }

  /// The least relative error over some step sizes: large ones suffer from curvature, small ones from rounding.
  private func error(
    along direction: [String: [Double]], _ loss: ([String: HostArray]) throws -> Double
  ) throws -> Double {
    let slope = direction.values.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard slope.isFinite else { return .infinity }
    let base = try loss(state)
    guard slope > 0 else { return 0 }
    var best = Double.infinity
    for change in [1e-2, 1e-3, 1e-4] {
      // So large a step that the loss changes by this part of itself.
      let step = change * max(abs(base), 1) / slope
      let (above, below) = (try moved(direction, step / slope), try moved(direction, -step / slope))
      let difference = (try loss(above) - loss(below)) / (2 * step)
      best = min(best, abs(difference - slope) / slope)
      if best <= GradientCheck.tolerance / 4 { break }
    }
    return best
  }

  /// The state with some weights moved along the direction.
  private func moved(_ direction: [String: [Double]], _ factor: Double) throws -> [String: HostArray] {
    var moved = state
    for (name, step) in direction {
      guard let value = state[name] else { continue }
      let sums = zip(value.doubles, step).map { $0 + factor * $1 }
      moved[name] =
        value.dtype == .float64
        ? try HostArray(sums, shape: value.shape) : try HostArray(sums.map { Float($0) }, shape: value.shape)
    }
    return moved
  }
}

extension Program {
  /// Whether it takes an input of that name.
  func needs(_ input: String) -> Bool { inputs.contains { $0.name == input } }
}
