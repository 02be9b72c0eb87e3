import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc tune`: tries out what can be chosen when a model is compiled, and remembers the best.
struct TuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune", abstract: "Measure choices of the compiler on a training step, and remember the best.",
    discussion: """
      Compiles the training step with tiles of the batch of several sizes, with every product of its convolutions \
      carried out, and with OpenBLAS where that is installed and OPENBLAS_NUM_THREADS is 1, and runs them in turn on \
      random inputs. The best is kept in the cache for this graph and this kind of CPU; train, build, bench, explain \
      and sessions then use it. A choice that gains less than 2% is not made, nor one whose results are not those of the \
      compiler's own but for their last bits.
      """)

  @OptionGroup var source: GraphOptions
  @OptionGroup var compute: ComputeOptions
  @Option(help: ArgumentHelp("How long each choice is run.", valueName: "seconds"))
  var duration = 1.0
  @Flag(help: "Forget what was chosen for the graph, and measure nothing.") var forget = false
  @OptionGroup var toolchain: ToolchainOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard duration > 0, duration <= 3600 else {
      throw ValidationError("The duration is more than 0 and at most 3600 seconds, not \(duration).")
    }
  }

  private struct Candidate: Encodable {
    /// Null for the compiler's own choice.
    let tileRows: Int?
    let contractions: ContractionBackend
    let medianUs: Double
    let isChosen: Bool

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(tileRows, forKey: .tileRows)
      try container.encode(contractions, forKey: .contractions)
      try container.encode(medianUs, forKey: .medianUs)
      try container.encode(isChosen, forKey: .isChosen)
    }

    enum CodingKeys: String, CodingKey { case tileRows, contractions, medianUs, isChosen }
  }
  private struct Report: Encodable {
    let model: String
    let batchSize: Int
    let threads: Int
    let candidates: [Candidate]
    let remembered: String
  }
  private struct Forgotten: Encodable {
    let model: String
    let forgot: Bool
  }

  func run() throws {
    let model = try source.load()
    guard let train = model.train else {
      throw ElbowError(.invalidArgument, "The model '\(model.name)' has no training step that could be measured.")
    }
    let program = try model.graph.program(train)
    let store = TuningStore(try ArtifactCache.standard())
    if forget {
      let had = try store.forget(program)
      return try format.print(
        Forgotten(model: model.name, forgot: had),
        text: had ? "\(model.name): forgotten" : "\(model.name): nothing was remembered")
    }
    let trials = try measure(model, train, program)
    guard let first = trials.first, let best = trials.min(by: { $0.median < $1.median }) else { return }
    let chosen = best.median < first.median * TuningTrial.worthwhile ? best : first
    try store.remember(chosen.tuning, for: program)
    let report = Report(
      model: model.name, batchSize: compute.batchSize(of: model), threads: compute.threadCount,
      candidates: trials.map {
        Candidate(
          tileRows: $0.tuning.tileRows, contractions: $0.tuning.contractions ?? .emitted, medianUs: $0.median * 1e6,
          isChosen: $0 === chosen)
      }, remembered: store.location(program).path)
    try format.print(report, text: text(report))
  }

  /// Tile rows first, then what multiplies matrices.
  private func measure(_ model: Model, _ train: Signature, _ program: Program) throws -> [TuningTrial] {
    let schedule = try SchedulePipeline().run(Pipeline().run(program))
    let extents = Extents(schedule.program, batchSize: compute.batchSize(of: model)).symbols
    let analysis = try ScheduleAnalysis(schedule, symbols: extents)
    let rows = TuningTrial.tileRows(analysis, batchSize: compute.batchSize(of: model))
    var trials: [TuningTrial] = []
    /// A choice that computes what the compiler's own computes; nil if it does not.
    func trial(_ tuning: Tuning) throws -> TuningTrial? {
      Console.report("compiling with \(describe(tuning))")
      let trial = try TuningTrial(
        tuning, model, train, batchSize: compute.batchSize(of: model), threads: compute.threads, toolchain.build)
      guard let problem = trials.first.flatMap(trial.disagreement(with:)) else { return trial }
      Console.report("left out, for it computes something else: \(problem)")
      return nil
    }
    for rows in [nil] + rows.map({ $0 }) {
      if let trial = try trial(Tuning(tileRows: rows)) { trials.append(trial) }
    }
    try TuningTrial.run(trials, seconds: duration)
    var others: [ContractionBackend] = analysis.kernels.contains { $0.algorithm != nil } ? [.direct] : []
    if let obstacle = OpenBLAS.obstacle {
      Console.report("OpenBLAS is left out: \(obstacle)")
    } else {
      others.append(.openBLAS)
    }
    guard let best = trials.min(by: { $0.median < $1.median }) else { return trials }
    for contractions in others {
      guard let other = try trial(Tuning(tileRows: best.tuning.tileRows, contractions: contractions)) else { continue }
      try TuningTrial.run([other, best], seconds: duration)
      trials.append(other)
    }
    return trials
  }

  private func describe(_ tuning: Tuning) -> String {
    (tuning.tileRows.map { "tiles of \($0) rows" } ?? "tiles as they are by default")
      + (tuning.contractions.map { ", \(describe($0))" } ?? "")
  }

  private func describe(_ contractions: ContractionBackend) -> String {
    switch contractions {
    case .emitted: "emitted"
    case .direct: "every product carried out"
    case .openBLAS: "OpenBLAS"
    }
  }

  private func text(_ report: Report) -> String {
    let base = report.candidates.first?.medianUs ?? .nan
    let rows = report.candidates.map { candidate in
      [
        candidate.tileRows.map(\.description) ?? "default",
        describe(candidate.contractions),
        candidate.medianUs.fixed(1), (candidate.medianUs / base * 100).fixed(1) + "%",
        candidate.isChosen ? "remembered" : "",
      ]
    }
    return "\(report.model), batch \(report.batchSize), \(report.threads) threads\n"
      + Console.table([["tile rows", "products", "median us", "of default", ""]] + rows, left: [0, 1, 4])
  }
}
