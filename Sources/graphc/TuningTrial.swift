import Elbow
import ElbowConsole
import Foundation

/// A training step compiled with one choice, and how long its runs take.
final class TuningTrial {
  /// A choice has to take less than this share of the time without it.
  static let worthwhile = 0.98
  /// How far the values of a choice may be from those without it. An optimiser's first step takes gradients of nearly 0 for
  /// what their sign is, so a few of its changes differ as a whole.
  private static let tolerance = 1e-2
  /// Choices take turns this often, so that all see the same of whatever else the machine does.
  private static let rounds = 10

  let tuning: Tuning
  private let prepared: PreparedSignature
  private let feeds: [HostArray?]
  private var outputs: [HostArray] = []
  private var times: [Double] = []
  /// The results of the first run: the outputs, and all variables.
  private let values: [String: HostArray]

  init(
    _ tuning: Tuning, _ model: Model, _ signature: Signature, batchSize: Int, threads: Int, _ options: BuildOptions
  ) throws {
    self.tuning = tuning
    var options = options
    options.usesTuning = false
    options.tileRows = tuning.tileRows
    if let contractions = tuning.contractions { options.contractions = contractions }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("graphc-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let library = try ModelCompiler(name: model.name, options: options).compile(model.graph, [signature], to: folder)
    let compiled = try CompiledModel(contentsOf: library, seed: 1, threads: threads)
    prepared = try compiled.prepare(signature.name)
    var inputs = SyntheticInputs(seed: 1)
    feeds = try prepared.ordered(inputs.feeds(model.graph.program(signature), batchSize: batchSize))
    try prepared.run(feeds, into: &outputs)
    var values: [String: HostArray] = [:]
    for (output, value) in zip(prepared.signature.outputs, outputs) { values["output '\(output.name)'"] = value }
    for name in compiled.variableNames { values["variable '\(name)'"] = try compiled.value(of: name) }
    self.values = values
    for _ in 0..<2 { try prepared.run(feeds, into: &outputs) }
  }

  /// Something that a run leaves and that is not as another choice leaves it, with the difference; nil if all agrees. A
  /// choice changes the order of sums, and no more than that shows of.
  func disagreement(with other: TuningTrial) -> String? {
    values.sorted { $0.key < $1.key }.lazy.compactMap { name, value in
      let error = other.values[name].map { TuningTrial.error(value, $0) } ?? .infinity
      return error <= TuningTrial.tolerance ? nil : "the \(name) is off by \(String(format: "%.1e", error))"
    }.first
  }

  /// The largest difference of two arrays' elements, relative to the largest element.
  private static func error(_ found: HostArray, _ expected: HostArray) -> Double {
    guard found.dtype == expected.dtype, found.shape == expected.shape else { return .infinity }
    let (a, b) = (found.doubles, expected.doubles)
    let differences = zip(a, b).map { $0 == $1 || $0.isNaN && $1.isNaN ? 0 : ($0 - $1).magnitude }
    guard let largest = differences.max(), largest > 0 else { return 0 }
    guard !differences.contains(where: \.isNaN) else { return .infinity }
    return largest / (b.filter(\.isFinite).map(\.magnitude).max() ?? 0)
  }

  /// The median of all runs, in seconds.
  var median: Double { times.isEmpty ? .infinity : times.sorted()[times.count / 2] }

  /// Runs trials in turn, each for so many seconds in all.
  static func run(_ trials: [TuningTrial], seconds: Double) throws {
    for _ in 0..<rounds {
      for trial in trials { try trial.run(seconds: seconds / Double(rounds)) }
    }
  }

  private func run(seconds: Double) throws {
    let end = ContinuousClock.now + .seconds(seconds)
    var runs = 0
    repeat {
      times.append(try timed { try prepared.run(feeds, into: &outputs) }.seconds)
      runs += 1
    } while ContinuousClock.now < end && runs < 1_000_000
  }

  /// The rows of tiles that are worth a try: around what the compiler chooses, and some round numbers.
  static func tileRows(_ analysis: ScheduleAnalysis, batchSize: Int) -> [Int] {
    let isSliced = analysis.tasks.contains(where: \.isSliced)
    let defaults = Set(analysis.tasks.filter { $0.isSliced == isSliced }.compactMap(\.tileRows))
    guard !defaults.isEmpty else { return [] }
    let rows = defaults.flatMap { [$0 / 2, 2 * $0] } + (isSliced ? [1, 2, 4, 8] : [8, 16, 32, 64])
    // Tiles that hold the whole batch are all the same.
    let known = Set(defaults.map { min($0, batchSize) })
    return Set(rows.filter { $0 >= 1 }.map { min($0, batchSize) }).filter { known != [$0] }.sorted()
  }
}
