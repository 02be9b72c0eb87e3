import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc train`: trains a model, and saves its weights and what it draws.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a model; 'graphc train cs20-vae' is enough.",
    discussion: """
      Saves FOLDER/weights.safetensors, the losses in FOLDER/history.csv and FOLDER/losses.png, and a picture of what \
      the model has learned, if there is one: FOLDER/samples.png, density.png or uncertainty.png; and while it trains, checkpoints in \
      FOLDER/checkpoints: the last three and the best. --resume goes on from the newest as if training had never \
      stopped. A folder that holds an earlier run is left as it is, unless --resume or --overwrite says what to do with it. \
      Ctrl-C ends training after the step that is running. When a loss becomes NaN or infinite, training stops and \
      the last good weights are saved.
      """)

  @OptionGroup var source: GraphOptions
  @OptionGroup var data: DataOptions
  @Option(parsing: .unconditional, help: "How often training goes through the data; by default what the model says.")
  var epochs: Int?
  @OptionGroup var compute: ComputeOptions
  @Option(help: "Of the first weights, the order of the examples, and everything random.")
  var seed: UInt64 = 0
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The optimiser's learning rate; by default the model's.", valueName: "rate"))
  var learningRate: Double?
  @Option(help: ArgumentHelp("Where results are saved; by default runs/NAME.", valueName: "folder"))
  var output: String?
  @Flag(
    help: """
      Check every step for NaN and infinity, and name the operation and the line that made the first; slows training \
      down.
      """)
  var checkNumerics = false
  @Flag(help: "Go on from the newest checkpoint in the output folder, with the same data, batches, seed and rate.")
  var resume = false
  @Flag(help: "Begin anew in a folder that holds an earlier run, and replace that.")
  var overwrite = false
  @Option(help: ArgumentHelp("Begin with the weights of this file that fit by name and shape.", valueName: "file"))
  var weights: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Save a checkpoint after so many steps; by default every ten seconds, and at the end.", valueName: "n"))
  var checkpointSteps: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop when the loss on the validation data has not become better for so many epochs, and keep the best weights.",
      valueName: "epochs"))
  var patience: Int?
  @OptionGroup var records: RecordOptions
  @OptionGroup var toolchain: ToolchainOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    if let epochs, epochs < 1 { throw ValidationError("Training takes at least 1 epoch, not \(epochs).") }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("A learning rate is a positive number, not \(learningRate).")
    }
    if let checkpointSteps, checkpointSteps < 1 {
      throw ValidationError("Checkpoints are at least 1 step apart, not \(checkpointSteps).")
    }
    if let patience, patience < 1 { throw ValidationError("Patience lasts at least 1 epoch, not \(patience).") }
    if resume, weights != nil {
      throw ValidationError("--resume goes on with the weights of the checkpoint; leave --weights out.")
    }
    if resume, overwrite { throw ValidationError("--resume goes on with what --overwrite would replace; choose one.") }
  }

  /// The last line with `--json`. A missing figure is null.
  private struct Summary: Encodable {
    var trainLoss: Double?
    var validationLoss: Double?
    var trainElbo: Double?
    var validationElbo: Double?
    var stepUs: Double?
    var steps: Int
    var seconds: Double
    var threads: Int
    var seed: UInt64

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(trainLoss, forKey: .trainLoss)
      try container.encode(validationLoss, forKey: .validationLoss)
      try container.encode(trainElbo, forKey: .trainElbo)
      try container.encode(validationElbo, forKey: .validationElbo)
      try container.encode(stepUs, forKey: .stepUs)
      try container.encode(steps, forKey: .steps)
      try container.encode(seconds, forKey: .seconds)
      try container.encode(threads, forKey: .threads)
      try container.encode(seed, forKey: .seed)
    }

    enum CodingKeys: String, CodingKey {
      case trainLoss, validationLoss, trainElbo, validationElbo, stepUs, steps, seconds, threads, seed
    }
  }

  func run() throws {
    let model = try source.load()
    let folder = try outputFolder(model)
    let split = try data.load(for: model)
    let epochs = epochs ?? model.epochs
    let batchSize = compute.batchSize(of: model)
    let (library, seconds) = try timed { try CompiledLibrary.make(model, toolchain.build) }
    Console.report(
      "\(model.name): \(model.parameterCount.grouped) parameters, ready after \(seconds.fixed(2)) s\n"
        + "\(split.training), \(split.validation.count) for validation")
    let compiled = try CompiledModel(contentsOf: library, seed: seed, threads: compute.threads)
    if let weights { try takeOver(weights, into: compiled) }
    let trainer = try Trainer(model, compiled: compiled, learningRate: learningRate)
    trainer.checksNumerics = checkNumerics
    let checkpoints = try Checkpoints(
      in: folder.appendingPathComponent("checkpoints", isDirectory: true),
      every: checkpointSteps.map { .steps($0) } ?? .seconds(10), overwrites: overwrite)
    let interrupt = StopOnInterrupt()
    let stopping = patience.map { EarlyStopping(patience: $0, restoresBestWeights: true) }

    let file = folder.appendingPathComponent("weights.safetensors")
    let report: TrainingReport
    do {
      report = try trainer.train(
        on: pipeline(split.training, batchSize).shuffled(seed: seed),
        validation: split.validation.count > 0 ? pipeline(split.validation, batchSize) : nil, epochs: epochs,
        callbacks: [TrainingDisplay(epochs: epochs), interrupt, checkpoints] + (stopping.map { [$0] } ?? [])
          + records.callbacks(in: folder),
        from: try start(checkpoints))
    } catch var error as ElbowError where error.kind == .numerics {
      try Weights.save(compiled, to: file, metadata: ["seed": "\(seed)"])
      error.notes.append("the last good weights were saved to \(file.path)")
      throw error
    } catch var error as ElbowError where error.kind == .file && checkpoints.savedStep > 0 {
      error.notes.append("the same command with --resume goes on after step \(checkpoints.savedStep)")
      throw error
    }
    if let reason = report.stopReason { Console.report("stopped: \(reason)") }
    try Weights.save(compiled, to: file, metadata: ["seed": "\(seed)", "epochs": "\(report.epochs.count)"])
    let drawn =
      try drawSamples(compiled, to: folder) + drawDensity(compiled, split.validation, to: folder)
      + drawUncertainty(compiled, split.validation, to: folder)
    try show(
      report, files: [file, records.historyFile(in: folder), records.lossPicture(in: folder)] + drawn)
    if let signal = interrupt.signal {
      Console.report("to go on: the same command with --resume")
      throw ExitCode(128 + signal)
    }
  }

  private func takeOver(_ file: String, into compiled: CompiledModel) throws {
    let report = try Weights.load(matching: URL(input: file), into: compiled)
    guard !report.fitting.isEmpty else {
      throw ElbowError(
        .file, "None of the weights in '\(file)' fits the model '\(compiled.manifest.name)' by name and shape.",
        notes: "\(report)".split(separator: "\n").dropFirst().prefix(10).map(String.init))
    }
    Console.report("\(file): \(report)")
  }

  private func pipeline(_ data: Dataset, _ batchSize: Int) throws -> DataPipeline {
    if batchSize > data.count, data.count > 0 {
      Console.report(
        "note: a batch of \(batchSize) is more than the \(data.count) examples of \(data.name): all are one batch")
    }
    return try DataPipeline(data, batchSize: batchSize)
  }

  /// The checkpoint to go on from; nil for the beginning.
  private func start(_ checkpoints: Checkpoints) throws -> Checkpoint? {
    guard resume else { return nil }
    guard let checkpoint = try checkpoints.latest() else {
      throw ElbowError(
        .file, "There is no checkpoint in '\(checkpoints.folder.path)' to go on from; leave --resume out to begin.")
    }
    Console.report("going on after step \(checkpoint.totalSteps), in epoch \(checkpoint.epoch)")
    return checkpoint
  }

  /// The folder for the results, which is this training's alone.
  private func outputFolder(_ model: Model) throws -> URL {
    let folder = output.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? RunFolder.standard(model)
    try Folder.make(folder)
    try RunLock.take(folder)
    AtomicFile.removeAbandoned(in: folder)
    guard !resume, !overwrite, let found = try RunFolder.earlierRun(in: folder) else { return folder }
    throw ElbowError(
      .file,
      "The folder '\(folder.relativePath)' holds an earlier run: \(found). Go on with it with --resume, keep it and choose "
        + "another folder with --output, or replace it with --overwrite.")
  }

  /// A sheet of what the model draws, if it draws images.
  private func drawSamples(_ compiled: CompiledModel, to folder: URL) throws -> [URL] {
    guard let samples = try LatentModel(compiled).samplesIfAny() else { return [] }
    let url = folder.appendingPathComponent("samples.png")
    let title = "\(compiled.manifest.name): \(samples.shape[0]) samples"
    try ImageSheet(images: samples, title: title).write(to: url)
    return [url]
  }

  /// The density of a model of points of the plane, and points that it draws.
  private func drawDensity(_ compiled: CompiledModel, _ heldOut: Dataset, to folder: URL) throws -> [URL] {
    guard DensityModel.fits(compiled.manifest), heldOut.count > 0 else { return [] }
    let flow = try DensityModel(compiled)
    let url = folder.appendingPathComponent("density.png")
    try flow.plot(around: heldOut[flow.inputName], points: flow.sample(count: 1000)).write(to: url)
    return [url]
  }

  /// How sure a classifier of random weights is of some of the held-out examples.
  private func drawUncertainty(_ compiled: CompiledModel, _ heldOut: Dataset, to folder: URL) throws -> [URL] {
    guard ClassifierModel.fits(compiled.manifest), heldOut.count > 0 else { return [] }
    let classifier = try ClassifierModel(compiled)
    let examples = heldOut.prefix(1000)
    let says = try classifier.predict(examples[classifier.inputName], draws: 100)
    let url = folder.appendingPathComponent("uncertainty.png")
    try classifier.uncertaintySheet(of: examples, says).write(to: url)
    return [url]
  }

  private func show(_ report: TrainingReport, files: [URL]) throws {
    let heldOut = TrainingDisplay.ordered(report.validation)
    let trained = report.epochs.last?.losses ?? []
    let summary = Summary(
      trainLoss: trained.value("loss"), validationLoss: heldOut.value("loss"),
      trainElbo: trained.evidenceLowerBound, validationElbo: heldOut.evidenceLowerBound,
      stepUs: report.medianStepMicroseconds, steps: report.stepCount, seconds: report.seconds,
      threads: compute.threadCount, seed: seed)
    var lines: [String] = []
    if !heldOut.isEmpty {
      let figures =
        heldOut.filter { $0.name != "elbo" }.map { "\($0.name) \($0.value.fixed(3))" }
        + (summary.validationElbo.map { ["ELBO \($0.fixed(3))"] } ?? [])
      lines.append("held-out: " + figures.joined(separator: ", "))
    }
    lines.append(
      report.stepCount == 0
        ? "nothing left to do: \(report.epochs.count) epochs were done before; --epochs \(report.epochs.count + 1) goes on"
        : "\(report.stepCount.grouped) steps in \(report.seconds.fixed(2)) s, "
          + "median \((summary.stepUs ?? .nan).fixed(1)) us a step"
    )
    lines.append("saved: " + files.map(\.relativePath).joined(separator: ", "))
    if format.json { Console.report(lines.joined(separator: "\n")) }
    try format.print(summary, text: lines.joined(separator: "\n"))
  }
}
