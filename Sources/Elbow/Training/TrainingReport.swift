/// A loss by the name that the model gives it.
public struct NamedLoss: Sendable, Hashable, Codable {
  public var name: String
  public var value: Double

  public init(name: String, value: Double) {
    self.name = name
    self.value = value
  }
}

/// The losses and metrics of one pass over the training data.
public struct EpochSummary: Sendable, Hashable, Codable {
  /// From 1.
  public var epoch: Int
  /// Means over the epoch's examples, each as it was when its step ran.
  public var losses: [NamedLoss]
  /// Means over the validation data after the epoch; empty unless each epoch is validated.
  public var validation: [NamedLoss] = []
  /// How long the steps took.
  public var seconds: Double

  /// A figure by its name, `loss`, or with `val_` before it that of the validation data; nil if there is none.
  public subscript(name: String) -> Double? {
    if let found = losses.first(where: { $0.name == name }) { return found.value }
    guard name.hasPrefix("val_") else { return nil }
    return validation.first { "val_\($0.name)" == name }?.value
  }
}

/// What training came to.
public struct TrainingReport: Sendable {
  public var epochs: [EpochSummary] = []
  /// The losses on the validation data at the end; empty if there is none.
  public var validation: [NamedLoss] = []
  /// How long each step took.
  public var stepSeconds: [Double] = []
  /// How long all epochs took.
  public var seconds = 0.0

  public init() {}

  /// The number of steps.
  public var stepCount: Int { stepSeconds.count }

  /// The median time of a step in microseconds; nil without steps.
  public var medianStepMicroseconds: Double? {
    stepSeconds.isEmpty ? nil : stepSeconds.sorted()[stepSeconds.count / 2] * 1e6
  }
}

/// Running means of losses, each example counting once.
struct LossMeans {
  let names: [String]
  private var totals: [Double]
  private var count = 0.0

  init(_ names: [String]) {
    self.names = names
    totals = names.map { _ in 0 }
  }

  /// Adds each loss's values over some steps of `weight` examples.
  mutating func add(_ losses: [[Double]], weight: Int) {
    for (index, values) in losses.enumerated() {
      for value in values { totals[index] += value * Double(weight) }
    }
    count += Double(weight * (losses.first?.count ?? 0))
  }

  var values: [NamedLoss] { zip(names, totals).map { NamedLoss(name: $0, value: $1 / count) } }
}
