import ElbowArrays
import ElbowData
import Foundation

/// A log of training: a table to which each epoch adds a line, in the form of ``TrainingHistory/csv(_:)``.
///
/// A line is written whole or not at all, and those before it are never written again, so that a log of many epochs takes no
/// longer than a short one (``HistoryFile`` writes all of the history anew). Training that goes on from a checkpoint keeps the
/// lines of the epochs before it; lines that came after the checkpoint are replaced. Where the file cannot be written, training goes
/// on with a warning; at the end it is an error.
public final class CSVLogger: TrainingCallback {
  private let file: URL
  /// Whether training that begins anew keeps the lines that are there.
  private let appends: Bool
  /// The epochs that were done when this training began.
  private var doneBefore = 0
  /// The lines before those of this training, the header included; nil before the file is read.
  private var earlier: String?
  /// The figures in the file's columns; nil while the file lacks lines of this training.
  private var names: [String]?
  private var failure: ElbowError?
  /// The function that is told when a line cannot be written; by default it prints to standard error.
  public var warn: (String) -> Void = { Warning.print($0) }

  /// - Parameters:
  ///   - file: The log, usually `.csv`.
  ///   - appends: Whether training that begins anew keeps the lines that are there, of other training with the same figures, and adds
  ///     to them.
  public init(_ file: URL, appends: Bool = false) {
    self.file = file
    self.appends = appends
  }

  public func onTrainBegin(_ run: TrainingRun) throws {
    (doneBefore, earlier, names, failure) = (run.report.epochs.count, nil, nil, nil)
    // Said now, it costs no training.
    guard access(file.deletingLastPathComponent().path, W_OK) == 0 else {
      throw ElbowError(.file, "Cannot write \(file.path): its folder is not there, or cannot be written to.")
    }
  }

  public func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) {
    do {
      if let names {
        try AtomicFile.append(Data(TrainingHistory.csvRow(epoch, names).utf8), to: file)
      } else {
        try begin(run.report.epochs[doneBefore...])
      }
      failure = nil
    } catch {
      let reason = error as? ElbowError ?? ElbowError(.file, "Cannot write \(file.path): \(error).")
      warn("no line was logged after epoch \(epoch.epoch): \(reason.message)")
      (names, failure) = (nil, reason)
    }
  }

  public func onTrainEnd(_ run: TrainingRun) throws {
    if let failure { throw failure }
  }

  /// Writes the file as it is after some epochs of this training.
  private func begin(_ epochs: ArraySlice<EpochSummary>) throws {
    let figures = TrainingHistory.names([EpochSummary](epochs))
    let before = try earlier ?? linesToKeep(TrainingHistory.csvHeader(figures))
    earlier = before
    let rows = epochs.map { TrainingHistory.csvRow($0, figures) }.joined()
    try AtomicFile.write(Data((before + rows).utf8), to: file)
    names = figures
  }

  /// The largest log that is gone on with.
  private static let limit = 64 << 20

  /// The header, and the whole lines of the file that stay.
  ///
  /// - Throws: `ElbowError` of kind `file` when the file is a log of other figures, or none.
  private func linesToKeep(_ header: String) throws -> String {
    guard doneBefore > 0 || appends, FileManager.default.fileExists(atPath: file.path) else { return header }
    let text = String(decoding: try FileContents.read(file, limit: CSVLogger.limit), as: UTF8.self)
    guard text.hasPrefix(header) || text.isEmpty else {
      throw ElbowError(
        .file,
        "The log \(file.path) does not begin with the line '\(header.dropLast().prefix(500))' of this training's figures: choose "
          + "another file, or remove it.")
    }
    // Text after the last end of a line is what a machine that lost its power had begun to write.
    var lines = text.dropFirst(header.count).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    func epoch(_ line: Substring) -> Int? { line.split(separator: ",").first.flatMap { Int($0) } }
    if doneBefore > 0 {
      while let last = lines.last, epoch(last).map({ $0 > doneBefore }) ?? true { lines.removeLast() }
    }
    return header + lines.map { $0 + "\n" }.joined()
  }
}
