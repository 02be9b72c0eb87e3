import ElbowArrays
import ElbowPlots
import Foundation

/// A loss by the name that the model gives it.
public struct NamedLoss: Sendable, Hashable, Codable {
  /// The name of the model's output, `loss`.
  public var name: String
  /// The mean over examples, or the value of one step.
  public var value: Double

  /// A loss of a name and a value.
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

  /// A summary as given.
  ///
  /// - Parameters:
  ///   - epoch: The epoch's number, from 1.
  ///   - losses: The means over the epoch's examples.
  ///   - validation: The means over the validation data; empty if there was none.
  ///   - seconds: How long the steps took.
  public init(epoch: Int, losses: [NamedLoss], validation: [NamedLoss] = [], seconds: Double) {
    self.epoch = epoch
    self.losses = losses
    self.validation = validation
    self.seconds = seconds
  }

  /// A figure by its name, `loss`, or with `val_` before it that of the validation data; nil if there is none.
  public subscript(name: String) -> Double? { figures.first { $0.name == name }?.value }

  /// All losses, and those of the validation data with `val_` before their names.
  public var figures: [NamedLoss] { losses + validation.map { NamedLoss(name: "val_\($0.name)", value: $0.value) } }
}

/// The result of training.
public struct TrainingReport: Sendable {
  /// All epochs, those before a resumption too.
  public var epochs: [EpochSummary] = []
  /// The losses on the validation data at the end; empty if there is none.
  public var validation: [NamedLoss] = []
  /// How long each step took, since training was begun or resumed.
  public var stepSeconds: [Double] = []
  /// How long all epochs took, since training was begun or resumed.
  public var seconds = 0.0
  /// Why training ended before its time; nil if it did not.
  public var stopReason: String?

  /// A report of nothing done yet.
  public init() {}

  /// The number of steps, since training was begun or resumed.
  public var stepCount: Int { stepSeconds.count }

  /// The median time of a step in microseconds; nil without steps.
  public var medianStepMicroseconds: Double? {
    stepSeconds.isEmpty ? nil : stepSeconds.sorted()[stepSeconds.count / 2] * 1e6
  }

  /// A figure over the epochs, by its name, `loss` or `val_loss`; empty if there is none.
  public subscript(name: String) -> [Double] { epochs.compactMap { $0[name] } }

  /// A table with a row for each epoch: `epoch,loss,val_loss,seconds`.
  public var csv: String { TrainingHistory.csv(epochs) }

  /// The losses over the epochs as a picture: `try history.plot().write(to: url)`.
  public func plot(title: String? = nil) -> Plot { TrainingHistory.curves(epochs, title: title) }

  /// The epochs as JSON: `[{"epoch":1,"loss":...,"seconds":...,"val_loss":...}, ...]`.
  public var json: String {
    get throws {
      let rows = epochs.map { epoch in
        Dictionary(epoch.figures.map { ($0.name, $0.value) }) { first, _ in first }
          .merging(["epoch": Double(epoch.epoch), "seconds": epoch.seconds]) { $1 }
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      return String(decoding: try encoder.encode(rows), as: UTF8.self)
    }
  }
}

/// Running means of losses and of what metrics follow from, each example counting once.
struct LossMeans: Sendable, Hashable, Codable {
  let names: [String]
  /// For each name one number, or all those that a metric follows from.
  private var totals: [[Double]]
  private var count = 0.0

  /// - Parameter figures: The names, and of how many numbers each figure follows.
  init(_ figures: [(name: String, size: Int)]) {
    names = figures.map(\.name)
    totals = figures.map { [Double](repeating: 0, count: $0.size) }
  }

  /// The same figures, of no steps yet.
  var empty: LossMeans { LossMeans(zip(names, totals).map { ($0, $1.count) }) }

  /// Adds each figure's numbers over some steps of `weight` examples, one step's after the other's.
  mutating func add(_ figures: [[Double]], steps: Int, weight: Int) {
    for (index, numbers) in figures.enumerated() {
      let size = totals[index].count
      for (position, number) in numbers.enumerated() { totals[index][position % size] += number * Double(weight) }
    }
    count += Double(weight * steps)
  }

  /// The figures; those that are no means themselves follow by the functions of their names.
  func values(_ metrics: [String: MetricValue]) -> [NamedLoss] {
    guard count > 0 else { return [] }
    return zip(names, totals).map { name, totals in
      let means = totals.map { $0 / count }
      return NamedLoss(name: name, value: metrics[name].map { $0(means) } ?? means.first ?? .nan)
    }
  }

  /// Whether it has as many totals as names, which a file need not.
  var isConsistent: Bool { names.count == totals.count && count.isFinite && count >= 0 }

  /// Whether both are of the same figures.
  func isAlike(_ other: LossMeans) -> Bool {
    names == other.names && totals.map(\.count) == other.totals.map(\.count)
  }
}
