import ElbowArrays

/// A figure of the epochs that a callback waits for to become better.
struct BestFigure {
  /// The figure, `val_loss`: see ``EpochSummary/subscript(_:)``.
  let monitor: String
  /// By how much it has to be better.
  let minDelta: Double
  /// Whether larger is better, as for an accuracy.
  let isMaximized: Bool
  /// The best so far; nil before the first epoch.
  var best: Double?
  /// How many epochs have passed since.
  var waited = 0

  /// Looks at an epoch; whether it is better than all before.
  mutating func update(_ value: Double) -> Bool {
    let isBetter = best.map { isMaximized ? value > $0 + minDelta : value < $0 - minDelta } ?? !value.isNaN
    if isBetter { best = value }
    waited = isBetter ? 0 : waited + 1
    return isBetter
  }

  /// The numbers that a checkpoint keeps; empty before the first epoch.
  var numbers: [String: Double] {
    get { best.map { ["best": $0, "waited": Double(waited)] } ?? [:] }
    set {
      best = newValue["best"]
      waited = newValue["waited"].flatMap { Int(exactly: $0) } ?? 0
    }
  }
}

extension EpochSummary {
  /// A figure that a callback goes by.
  func figure(_ name: String, for callback: String) throws -> Double {
    guard let value = self[name] else {
      let known = figures.map { "'\($0.name)'" }.joined(separator: ", ")
      throw ElbowError(
        .invalidArgument,
        "\(callback) goes by '\(name)', but the epochs have no such figure: they have \(known).",
        notes: name.hasPrefix("val_") ? ["figures that begin with 'val_' need validation data after each epoch"] : [])
    }
    return value
  }
}
