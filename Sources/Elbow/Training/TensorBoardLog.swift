import ElbowArrays
import ElbowData
import ElbowGraph
import ElbowPlots
import ElbowRuntime
import Foundation

/// Writes what TensorBoard shows: the graph at the beginning, and after each epoch the losses, histograms of the parameters,
/// and what the model draws.
///
/// ```swift
/// try trainer.train(on: digits, validation: heldOut, epochs: 20, callbacks: [TensorBoardLog(in: folder)])
/// // tensorboard --logdir FOLDER
/// ```
///
/// Losses of the validation data go to a subfolder of their own, so that TensorBoard draws them into the same charts.
/// Steps are steps of training.
public final class TensorBoardLog: TrainingCallback {
  private let folder: URL
  private let training: EventFile
  private var validation: EventFile?
  /// How often images and histograms are written, in epochs.
  private let interval: Int

  /// - Parameters:
  ///   - folder: Where the event files go, in the subfolders `training` and `validation`; made if need be.
  ///   - interval: Images and histograms are written after every so many epochs.
  /// - Throws: `ElbowError` when the folder cannot be written to, or the interval is not positive.
  public init(in folder: URL, interval: Int = 1) throws {
    guard interval >= 1 else {
      throw namingTheCallersLine(
        ElbowError(.invalidArgument, "Images are written every 1 or more epochs, not every \(interval)."))
    }
    self.folder = folder
    self.interval = interval
    training = try EventFile(in: folder.appendingPathComponent("training"))
  }

  public func onTrainBegin(_ run: TrainingRun) throws {
    guard let train = run.model.train else { return }
    try training.addGraph(run.model.graph.program(train))
  }

  public func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) throws {
    let step = run.totalSteps
    for loss in epoch.losses { try training.addScalar(loss.name, loss.value, step: step) }
    if epoch.seconds > 0 {
      try training.addScalar("examples per second", Double(run.examplesPerEpoch) / epoch.seconds, step: step)
    }
    if !epoch.validation.isEmpty {
      let events = try validation ?? EventFile(in: folder.appendingPathComponent("validation"))
      validation = events
      for loss in epoch.validation { try events.addScalar(loss.name, loss.value, step: step) }
    }
    guard epoch.epoch % interval == 0 || epoch.epoch == run.epochs else { return }
    for variable in run.model.graph.variables where variable.role == .parameter {
      try training.addHistogram(variable.name, Histogram(run.compiled.value(of: variable.name)), step: step)
    }
    try addSamples(run, step: step)
  }

  private func addSamples(_ run: TrainingRun, step: Int) throws {
    guard let images = try LatentModel(run.compiled).samplesIfAny() else { return }
    try training.addImage("samples", ImageSheet(images: images).pixels, step: step)
  }
}

extension LatentModel {
  /// The draws of one run of `sample`, if the model has such a signature, and it draws images without being fed. Random numbers
  /// go on afterwards where they were before.
  public func samplesIfAny() throws -> HostArray? {
    guard let sample = compiled.signatures.first(where: { $0.role == .sample }),
      sample.inputs.allSatisfy(\.hasDefault),
      let images = sample.outputs.firstIndex(where: { (3...4).contains($0.shape.count) })
    else { return nil }
    let random = compiled.randomState
    defer { compiled.randomState = random }
    return try compiled.prepare(.sample).run(sample.inputs.map { _ in nil })[images]
  }
}
