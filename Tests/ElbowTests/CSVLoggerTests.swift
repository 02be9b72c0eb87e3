import Elbow
import Foundation
import TestFolders
import Testing

/// Logs that grow by a line an epoch.
@Suite struct CSVLoggerTests {
  private let folder: TemporaryFolder
  private var log: URL { folder.file("log.csv") }

  init() throws { folder = try TemporaryFolder() }

  private func text() throws -> String { try String(contentsOf: log, encoding: .utf8) }
  private func epochs() throws -> [String] {
    try text().split(separator: "\n").dropFirst().map { String($0.prefix { $0 != "," }) }
  }

  @discardableResult
  private func train(_ epochs: Int, _ callbacks: [any TrainingCallback], from checkpoint: Checkpoint? = nil) throws
    -> TrainingReport
  {
    try ToyTraining().trainer().train(
      on: ToyTraining.training(), validation: ToyTraining.validation(), epochs: epochs, callbacks: callbacks,
      from: checkpoint)
  }

  @Test func hasALineAnEpoch() throws {
    // A log of earlier training is replaced.
    try Data("old".utf8).write(to: log)
    let report = try train(3, [CSVLogger(log)])
    #expect(try text() == report.csv)
    #expect(try text().hasPrefix("epoch,loss,bias,val_loss,seconds\n1,"))
  }

  /// The log has an epoch that the checkpoint lacks, and half a line.
  @Test func goesOnFromACheckpoint() throws {
    let checkpoints = try Checkpoints(in: folder.file("checkpoints"))
    try train(2, [CSVLogger(log), checkpoints])
    let checkpoint = try #require(try checkpoints.latest())
    let kept = try text()
    try Data((kept + "3,1.0,1.0,1.0,0.1\n4,0.").utf8).write(to: log)
    let report = try train(4, [CSVLogger(log)], from: checkpoint)
    #expect(try text() == report.csv)
    #expect(try text().hasPrefix(kept))
    #expect(try epochs() == ["1", "2", "3", "4"])
  }

  @Test func addsToEarlierTraining() throws {
    try train(2, [CSVLogger(log)])
    let before = try text()
    let checkpoints = try Checkpoints(in: folder.file("checkpoints"))
    try train(1, [CSVLogger(log, appends: true), checkpoints])
    #expect(try text().hasPrefix(before))
    #expect(try epochs() == ["1", "2", "1"])
    try train(2, [CSVLogger(log, appends: true)], from: try checkpoints.latest())
    #expect(try text().hasPrefix(before))
    #expect(try epochs() == ["1", "2", "1", "2"])
  }

  /// Training is worth more than its log: what cannot be written is said at once, and thrown at the end.
  @Test func filesThatCannotBeWritten() throws {
    let missing = #expect(throws: ElbowError.self) { try train(1, [CSVLogger(folder.file("none/log.csv"))]) }
    #expect(missing?.message.hasSuffix("its folder is not there, or cannot be written to.") == true)
    try Data("epoch,other,seconds\n1,2,3\n".utf8).write(to: log)
    let logger = CSVLogger(log, appends: true)
    var warnings: [String] = []
    logger.warn = { warnings.append($0) }
    let other = #expect(throws: ElbowError.self) { try train(2, [logger]) }
    #expect(
      other?.message
        == "The log \(log.path) does not begin with the line 'epoch,loss,bias,val_loss,seconds' of this training's "
        + "figures: choose another file, or remove it.")
    #expect(warnings.count == 2 && warnings[0].hasPrefix("no line was logged after epoch 1: The log "))
    #expect(try text() == "epoch,other,seconds\n1,2,3\n")
  }

  /// A file that is gone for an epoch has all lines again after the next.
  @Test func linesThatWereLostComeBack() throws {
    final class Remover: TrainingCallback {
      let log: URL
      init(_ log: URL) { self.log = log }
      func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) throws {
        if epoch.epoch == 1 { try FileManager.default.removeItem(at: log) }
      }
    }
    let logger = CSVLogger(log)
    var warnings: [String] = []
    logger.warn = { warnings.append($0) }
    let report = try train(3, [logger, Remover(log)])
    #expect(
      warnings.count == 1 && warnings[0].contains("after epoch 2: Cannot write \(log.path): the file cannot be opened"))
    #expect(try text() == report.csv)
  }
}
