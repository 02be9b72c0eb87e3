import ArgumentParser
import Elbow
import Foundation

/// `graphc train`: trains a model, and saves its weights and what it draws.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a model; 'graphc train cs20-vae' is enough.",
    discussion: """
      Saves FOLDER/weights.safetensors and, if the model has a signature 'sample' that gives images, \
      FOLDER/samples.png. When a loss becomes NaN or infinite, training stops and the last good weights are saved.
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
  @OptionGroup var toolchain: ToolchainOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    if let epochs, epochs < 1 { throw ValidationError("Training takes at least 1 epoch, not \(epochs).") }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("A learning rate is a positive number, not \(learningRate).")
    }
  }

  /// The last line with `--json`. A missing figure is null.
  private struct Summary: Encodable {
    var trainElbo: Double?
    var validationElbo: Double?
    var stepUs: Double?
    var steps: Int
    var seconds: Double
    var threads: Int
    var seed: UInt64

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(trainElbo, forKey: .trainElbo)
      try container.encode(validationElbo, forKey: .validationElbo)
      try container.encode(stepUs, forKey: .stepUs)
      try container.encode(steps, forKey: .steps)
      try container.encode(seconds, forKey: .seconds)
      try container.encode(threads, forKey: .threads)
      try container.encode(seed, forKey: .seed)
    }

    enum CodingKeys: String, CodingKey { case trainElbo, validationElbo, stepUs, steps, seconds, threads, seed }
  }

  func run() throws {
    let model = try source.load()
    let split = try data.load(for: model)
    let folder = try outputFolder(model)
    let epochs = epochs ?? model.epochs
    let (library, seconds) = try timed { try CompiledLibrary.make(model, toolchain.build) }
    Console.report(
      "\(model.name): \(model.parameterCount.grouped) parameters, ready after \(seconds.fixed(2)) s\n"
        + "\(split.training), \(split.validation.count) for validation")
    let compiled = try CompiledModel(contentsOf: library, seed: seed, threads: compute.threads)
    let trainer = try Trainer(
      model, compiled: compiled, batchSize: compute.batchSize, learningRate: learningRate, seed: seed)
    trainer.checksNumerics = checkNumerics

    let weights = folder.appendingPathComponent("weights.safetensors")
    let report: TrainingReport
    do {
      report = try trainer.train(on: split, epochs: epochs, callbacks: [TrainingDisplay(epochs: epochs)])
    } catch var error as ElbowError where error.kind == .numerics {
      try Weights.save(compiled, to: weights, metadata: ["seed": "\(seed)"])
      error.notes.append("the last good weights were saved to \(weights.path)")
      throw error
    }
    try Weights.save(compiled, to: weights, metadata: ["seed": "\(seed)", "step": "\(report.stepCount)"])
    let drawn = try drawSamples(compiled, to: folder)
    try show(report, files: [weights] + drawn)
  }

  private func outputFolder(_ model: Model) throws -> URL {
    // A model's name is not to be trusted as a path.
    let safe = String(model.name.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : "_" })
    let folder = URL(fileURLWithPath: output ?? "runs/\(safe)", isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ElbowError(.file, "The folder '\(folder.path)' cannot be made: \(error.localizedDescription)")
    }
    guard access(folder.path, W_OK) == 0 else {
      throw ElbowError(.file, "The folder '\(folder.path)' cannot be written to.")
    }
    return folder
  }

  /// A sheet of what the model draws, if it draws images.
  private func drawSamples(_ compiled: CompiledModel, to folder: URL) throws -> [URL] {
    guard let signature = compiled.signatures.first(where: { $0.name == "sample" }),
      signature.inputs.allSatisfy(\.hasDefault),
      let images = signature.outputs.first(where: { (3...4).contains($0.shape.count) }),
      let samples = try compiled.run("sample")[images.name]
    else { return [] }
    let url = folder.appendingPathComponent("samples.png")
    try ImageSheet(images: samples).write(to: url)
    return [url]
  }

  private func show(_ report: TrainingReport, files: [URL]) throws {
    let heldOut = TrainingDisplay.ordered(report.validation)
    func loss(_ losses: [NamedLoss]?) -> Double? { losses?.first { $0.name == "loss" }?.value }
    let summary = Summary(
      trainElbo: loss(report.epochs.last?.losses).map { -$0 }, validationElbo: loss(report.validation).map { -$0 },
      stepUs: report.medianStepMicroseconds, steps: report.stepCount, seconds: report.seconds,
      threads: compute.threadCount, seed: seed)
    var lines: [String] = []
    if !heldOut.isEmpty {
      let figures = heldOut.map { "\($0.name) \($0.value.fixed(3))" }.joined(separator: ", ")
      lines.append("held-out: \(figures), ELBO \((summary.validationElbo ?? .nan).fixed(3))")
    }
    lines.append(
      "\(report.stepCount.grouped) steps in \(report.seconds.fixed(2)) s, "
        + "median \((summary.stepUs ?? .nan).fixed(1)) us a step"
    )
    lines.append("saved: " + files.map(\.relativePath).joined(separator: ", "))
    if format.json { Console.report(lines.joined(separator: "\n")) }
    try format.print(summary, text: lines.joined(separator: "\n"))
  }
}
