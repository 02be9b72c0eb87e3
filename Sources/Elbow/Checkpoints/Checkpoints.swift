import ElbowArrays
import Foundation

/// Saves checkpoints while training runs: the last few, and the best.
///
/// ```swift
/// let checkpoints = try Checkpoints(in: folder, every: .epochs(1))
/// try trainer.train(on: data, epochs: 20, callbacks: [checkpoints], from: checkpoints.latest())
/// ```
///
/// The files are `step-<steps>.safetensors` and `best.safetensors`; all other files are left alone. Training that begins
/// anew in a folder that has checkpoints is refused, unless they are to be overwritten: then they are removed once there is
/// another. Where a file cannot be written, those before it stay as they are, and training goes on with a warning; at
/// the end it is an error.
public final class Checkpoints: TrainingCallback {
  /// How often a checkpoint is saved, besides at the end of training.
  public enum Frequency: Sendable, Hashable {
    /// After every so many epochs.
    case epochs(Int)
    /// After at least so many steps.
    case steps(Int)
    /// After a step, once so much time has passed.
    case seconds(Double)
  }

  /// The folder of the checkpoints.
  public let folder: URL
  /// How often one is saved, besides at the end of training.
  public let frequency: Frequency
  /// How many are kept, the best not counted.
  public let keepLast: Int
  /// The figure that the best is best in, `val_loss`; nil for `val_loss` where there is one, else `loss`.
  public let monitor: String?
  /// Whether larger is better, as for an accuracy.
  public let isMaximized: Bool
  /// Whether training that begins anew may replace the checkpoints of earlier training.
  public let overwrites: Bool
  /// The best so far.
  public private(set) var best: Double?
  /// The step after which the newest was saved in this training, or from which it goes on; 0 before.
  public private(set) var savedStep = 0
  /// The function that is told when a checkpoint cannot be saved; by default it prints to standard error.
  public var warn: (String) -> Void = { Warning.print($0) }

  /// When a checkpoint was last saved, or tried to.
  private var lastStep = 0
  private var lastTime = ContinuousClock.now
  private var unsavedBest: Checkpoint?
  /// Whether the best of this training is in its file.
  private var hasSavedBest = false
  /// Checkpoints of earlier training, which go once there is one of this.
  private var stale: [URL] = []

  /// - Parameters:
  ///   - folder: Where they are; made if need be.
  ///   - frequency: When one is written.
  ///   - keepLast: How many of the latest are kept, at least one; the best is kept besides.
  ///   - monitor: The loss that says which is the best, such as `val_loss`; if nil, the held-out loss, or without one the
  ///     loss.
  ///   - isMaximized: Whether the best has the largest value instead of the smallest.
  ///   - overwrites: Whether training that begins anew may replace checkpoints that are there.
  /// - Throws: `ElbowError` of kind `file` when the folder cannot be made or written to.
  public init(
    in folder: URL, every frequency: Frequency = .epochs(1), keepLast: Int = 3, monitor: String? = nil,
    isMaximized: Bool = false, overwrites: Bool = false
  ) throws {
    self.folder = folder
    self.frequency = frequency
    self.keepLast = max(keepLast, 1)
    self.monitor = monitor
    self.isMaximized = isMaximized
    self.overwrites = overwrites
    try Folder.make(folder)
  }

  /// The newest checkpoint of the folder; nil if there is none.
  ///
  /// - Throws: `ElbowError` of kind `file` when it cannot be read, although older ones might.
  public func latest() throws -> Checkpoint? {
    guard let file = try files().last else { return nil }
    do {
      return try Checkpoint(contentsOf: file)
    } catch var error as ElbowError {
      error.notes.append("without this file, --resume goes on from the checkpoint before it")
      throw error
    }
  }

  /// The step of the newest checkpoint of the folder, by its name; nil if there is none.
  ///
  /// - Throws: `ElbowError` of kind `file` when the folder cannot be read.
  public func latestStep() throws -> Int? { try files().last.flatMap { Checkpoints.steps(of: $0.lastPathComponent) } }

  /// Where the best is saved.
  public var bestFile: URL { folder.appendingPathComponent("best.safetensors") }

  /// The checkpoints by their steps.
  private func files() throws -> [URL] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw ElbowError(.file, "The folder '\(folder.path)' cannot be read: \(error.systemReason).")
    }
    return names.compactMap { name in Checkpoints.steps(of: name).map { (steps: $0, name: name) } }
      .sorted { $0.steps < $1.steps }.map { folder.appendingPathComponent($0.name) }
  }

  /// The number in a checkpoint's name; nil for other files.
  private static func steps(of name: String) -> Int? {
    guard name.hasPrefix("step-"), name.hasSuffix(".safetensors") else { return nil }
    return Int(name.dropFirst("step-".count).dropLast(".safetensors".count))
  }

  public var state: CallbackState? {
    get { CallbackState(numbers: best.map { ["best": $0] } ?? [:]) }
    set { best = newValue?.numbers["best"] }
  }

  public func onTrainBegin(_ run: TrainingRun) throws {
    if run.totalSteps == 0, !overwrites, let step = try latestStep() {
      throw ElbowError(
        .file,
        "The folder '\(folder.path)' holds checkpoints of earlier training, up to step \(step), and this training begins "
          + "anew: go on from latest(), choose another folder, or let Checkpoints overwrite them.")
    }
    stale = try files().filter {
      run.totalSteps == 0 || (Checkpoints.steps(of: $0.lastPathComponent) ?? 0) > run.totalSteps
    }
    (savedStep, lastStep, lastTime) = (run.totalSteps, run.totalSteps, .now)
    AtomicFile.removeAbandoned(in: folder)
  }

  public func onStepEnd(_ run: TrainingRun) {
    switch frequency {
    case .steps(let count) where run.totalSteps - lastStep >= count: saveOrWarn(run)
    case .seconds(let seconds) where (ContinuousClock.now - lastTime).seconds >= seconds: saveOrWarn(run)
    default: break
    }
  }

  public func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) throws {
    let name = monitor ?? (epoch.validation.isEmpty ? "loss" : "val_loss")
    let value = try epoch.figure(name, for: "Checkpoints")
    if best.map({ isMaximized ? value > $0 : value < $0 }) ?? !value.isNaN {
      best = value
      unsavedBest = try Checkpoint(run)
    }
    if case .epochs(let count) = frequency, epoch.epoch % max(count, 1) == 0 { saveOrWarn(run) }
  }

  public func onTrainEnd(_ run: TrainingRun) throws {
    guard run.totalSteps > savedStep || unsavedBest != nil else { return }
    do {
      try save(run)
    } catch var error as ElbowError {
      if hasSavedBest, FileManager.default.fileExists(atPath: bestFile.path) {
        error.notes.append("the best weights of this training are whole, in '\(bestFile.path)'; --weights takes them")
      }
      throw error
    }
  }

  /// The state in memory is worth more than the file, so training goes on without.
  private func saveOrWarn(_ run: TrainingRun) {
    do {
      try save(run)
    } catch {
      (lastStep, lastTime) = (run.totalSteps, .now)
      warn("no checkpoint was saved after step \(run.totalSteps): \((error as? ElbowError)?.message ?? "\(error)")")
    }
  }

  private func save(_ run: TrainingRun) throws {
    // The best comes first: the other says that it is there.
    if let unsavedBest {
      try unsavedBest.write(to: bestFile)
      (self.unsavedBest, hasSavedBest) = (nil, true)
    }
    let number = String(run.totalSteps)
    let padded = String(repeating: "0", count: max(0, 9 - number.count)) + number
    let file = folder.appendingPathComponent("step-\(padded).safetensors")
    try Checkpoint(run).write(to: file)
    for old in stale where old.lastPathComponent != file.lastPathComponent {
      try? FileManager.default.removeItem(at: old)
    }
    stale = []
    (savedStep, lastStep, lastTime) = (run.totalSteps, run.totalSteps, .now)
    for file in try files().dropLast(keepLast) { try? FileManager.default.removeItem(at: file) }
  }
}
