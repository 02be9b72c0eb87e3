import Elbow
import Foundation

/// A training step compiled with one choice, and how long its runs take.
final class TuningTrial {
  /// A choice has to take less than this share of the time without it.
  static let worthwhile = 0.98
  /// Choices take turns this often, so that all see the same of whatever else the machine does.
  private static let rounds = 10

  let tuning: Tuning
  private let prepared: PreparedSignature
  private let feeds: [HostArray?]
  private var outputs: [HostArray] = []
  private var times: [Double] = []

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
    prepared = try CompiledModel(contentsOf: library, seed: 1, threads: threads).prepare(signature.name)
    var inputs = SyntheticInputs(seed: 1)
    feeds = try prepared.ordered(inputs.feeds(model.graph.program(signature), batchSize: batchSize))
    for _ in 0..<3 { try prepared.run(feeds, into: &outputs) }
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
    // What holds the whole batch is all the same.
    let known = Set(defaults.map { min($0, batchSize) })
    return Set(rows.filter { $0 >= 1 }.map { min($0, batchSize) }).filter { known != [$0] }.sorted()
  }
}
