import Foundation
import TestFolders
import Testing

@testable import Elbow

/// The records that a training run leaves behind.
@Suite struct TrainingHistoryTests {
  private static let epochs = [
    EpochSummary(
      epoch: 1, losses: [NamedLoss(name: "loss", value: 3.5), NamedLoss(name: "a,\"b\"", value: .nan)], seconds: 0.5),
    EpochSummary(
      epoch: 2, losses: [NamedLoss(name: "loss", value: 2)], validation: [NamedLoss(name: "loss", value: 2.5)],
      seconds: 0.25),
  ]

  @Test func tablesHaveAColumnForEachFigure() {
    #expect(
      TrainingHistory.csv(Self.epochs)
        == "epoch,loss,\"a,\"\"b\"\"\",val_loss,seconds\n1,3.5,nan,,0.5\n2,2.0,,2.5,0.25\n")
    #expect(TrainingHistory.csv([]) == "epoch,seconds\n")
  }

  @Test func objectsHaveAKeyForEachFigure() throws {
    let text = try TrainingHistory.json(Self.epochs)
    let read = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]]
    let first = try #require(read?.first)
    #expect(first["loss"] as? Double == 3.5 && first["a,\"b\""] as? String == "nan" && first["epoch"] as? Double == 1)
    #expect(read?.last?["val_loss"] as? Double == 2.5)
  }

  @Test func filesAreWrittenWhileTraining() throws {
    try withTemporaryFolder { folder in
      let (table, picture) = (folder.appendingPathComponent("h.csv"), folder.appendingPathComponent("l.png"))
      let trainer = try ToyTraining().trainer()
      let report = try trainer.train(
        on: ToyTraining.training(), validation: ToyTraining.validation(), epochs: 3,
        callbacks: [HistoryFile(table, picture: picture), TensorBoardLog(in: folder.appendingPathComponent("tb"))])
      #expect(try String(contentsOf: table, encoding: .utf8) == TrainingHistory.csv(report.epochs))
      #expect(report.epochs.count == 3 && report.epochs[0].validation.count == 1)
      #expect(try Data(contentsOf: picture).prefix(4) == Data([0x89, 0x50, 0x4e, 0x47]))
      for part in ["training", "validation"] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/tb/" + part)
        #expect(names.count == 1 && names[0].hasPrefix("events.out.tfevents."))
      }
    }
  }

  /// Looking at training does not change it.
  @Test func recordsDoNotChangeTheResult() throws {
    try withTemporaryFolder { folder in
      let toy = try ToyTraining()
      let plain = try toy.trainer().train(on: ToyTraining.training(), epochs: 2)
      let seen = try toy.trainer().train(on: ToyTraining.training(), epochs: 2, callbacks: [TensorBoardLog(in: folder)])
      #expect(plain.epochs.map(\.losses) == seen.epochs.map(\.losses))
    }
  }

  /// Whatever cannot be written, training goes on, and all that watch see its end.
  @Test func filesThatCannotBeWrittenDoNotEndTraining() throws {
    final class Ending: TrainingCallback {
      var epochs: Int?
      func onTrainEnd(_ run: TrainingRun) { epochs = run.report.epochs.count }
    }
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("h.csv")
      let history = try HistoryFile(file)
      var warnings: [String] = []
      history.warn = { warnings.append($0) }
      let ending = Ending()
      try FileManager.default.createDirectory(at: file, withIntermediateDirectories: true)
      let error = #expect(throws: ElbowError.self) {
        try ToyTraining().trainer().train(on: ToyTraining.training(), epochs: 2, callbacks: [ending, history])
      }
      #expect(error?.message.hasPrefix("Cannot write \(file.path)") == true)
      #expect(ending.epochs == 2)
      #expect(warnings.count == 1 && warnings[0].hasPrefix("the losses were not written after epoch 1: Cannot write"))
    }
  }

  @Test func mistakesAreExplained() throws {
    #expect(throws: ElbowError.self) { try HistoryFile(URL(fileURLWithPath: "/tmp/history.txt")) }
    #expect(throws: ElbowError.self) { try TensorBoardLog(in: URL(fileURLWithPath: "/dev/null/logs")) }
    #expect(throws: ElbowError.self) { try TensorBoardLog(in: URL(fileURLWithPath: "/dev/null"), interval: 0) }
    let unwritable = try HistoryFile(URL(fileURLWithPath: "/dev/null/history.csv"))
    let error = #expect(throws: ElbowError.self) {
      try ToyTraining().trainer().train(on: ToyTraining.training(), epochs: 1, callbacks: [unwritable])
    }
    #expect(error?.message.hasPrefix("Cannot write /dev/null/history.csv") == true)
  }
}
