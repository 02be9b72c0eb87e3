import ArgumentParser
import Elbow
import Foundation

/// The files that a training run leaves behind besides its weights.
struct RecordOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where the losses of all epochs are written; by default FOLDER/history.csv.", valueName: "file.csv|file.json"))
  var history: String?

  @Option(help: ArgumentHelp("Write event files for TensorBoard to a folder.", valueName: "folder"))
  var tensorboard: String?

  func validate() throws {
    if let history, !history.hasSuffix(".csv"), !history.hasSuffix(".json") {
      throw ValidationError("The name of a history file ends in .csv or .json, not '\(history)'.")
    }
  }

  /// The losses of all epochs.
  func historyFile(in folder: URL) -> URL {
    history.map { URL(fileURLWithPath: $0) } ?? folder.appendingPathComponent("history.csv")
  }

  /// The picture of the losses.
  func lossPicture(in folder: URL) -> URL { folder.appendingPathComponent("losses.png") }

  /// The callbacks that write them while training runs.
  func callbacks(in folder: URL) throws -> [any TrainingCallback] {
    let file = try HistoryFile(historyFile(in: folder), picture: lossPicture(in: folder))
    guard let tensorboard else { return [file] }
    return [file, try TensorBoardLog(in: URL(fileURLWithPath: tensorboard, isDirectory: true))]
  }
}
