import ElbowArrays
import ElbowData
import ElbowPlots
import Foundation

/// The figures of all epochs, for files and pictures.
public enum TrainingHistory {
  /// A table with a row for each epoch: its number, the losses, those of the validation data with `val_` before their
  /// names, and the seconds that the epoch took. What an epoch lacks is left empty.
  public static func csv(_ epochs: [EpochSummary]) -> String {
    let names = names(epochs)
    return csvHeader(names) + epochs.map { csvRow($0, names) }.joined()
  }

  /// The first line of a table with these figures.
  static func csvHeader(_ names: [String]) -> String {
    (["epoch"] + names.map(quoted) + ["seconds"]).joined(separator: ",") + "\n"
  }

  /// An epoch's line.
  static func csvRow(_ epoch: EpochSummary, _ names: [String]) -> String {
    (["\(epoch.epoch)"] + names.map { epoch[$0].map { "\($0)" } ?? "" } + ["\(epoch.seconds)"]).joined(separator: ",")
      + "\n"
  }

  /// A list with an object for each epoch, with the names of ``csv(_:)``; what is not finite is a text, `"nan"`.
  public static func json(_ epochs: [EpochSummary]) throws -> String {
    let names = names(epochs)
    let objects = epochs.map { epoch in
      var object = ["epoch": Double(epoch.epoch), "seconds": epoch.seconds]
      for name in names { object[name] = epoch[name] }
      return object
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(objects), as: UTF8.self) + "\n"
  }

  /// The losses over the epochs, the total first.
  ///
  /// - Parameters:
  ///   - epochs: The epochs, in order.
  ///   - title: The text over the plot; nil for one that says how many epochs there are.
  public static func curves(_ epochs: [EpochSummary], title: String? = nil) -> Plot {
    func values(_ name: String) -> [Double] { epochs.map { $0[name] ?? .nan } }
    let names = names(epochs).filter { !$0.hasPrefix("val_") }
    let ordered = names.filter { $0 == "loss" } + names.filter { $0 != "loss" }
    let curves = ordered.map { LossCurve($0, training: values($0), validation: values("val_\($0)")) }
    return .lossCurves(curves, title: title, firstEpoch: epochs.first?.epoch ?? 1)
  }

  /// The figures that any epoch has, in the order in which they come up, those of the validation data last.
  static func names(_ epochs: [EpochSummary]) -> [String] {
    var names: [String] = []
    let all = epochs.flatMap { $0.losses.map(\.name) } + epochs.flatMap { $0.validation.map { "val_\($0.name)" } }
    for name in all where !names.contains(name) { names.append(name) }
    return names
  }

  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { ",\"\n\r".contains($0) }) else { return field }
    return "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}

/// Keeps a file of the training's history up to date, and a picture of its losses if asked for. Both are written anew after
/// an epoch, but not more than once a second, and at the end. Where they cannot be written, training goes on with a warning;
/// at the end it is an error.
public final class HistoryFile: TrainingCallback {
  private let file: URL
  private let picture: URL?
  private var lastWrite: ContinuousClock.Instant?
  /// The function that is told when they cannot be written; by default it prints to standard error.
  public var warn: (String) -> Void = { Warning.print($0) }

  /// - Parameters:
  ///   - file: Its name ends in `.csv` or `.json`.
  ///   - picture: Where a PNG picture of the losses goes; nil for none.
  /// - Throws: `ElbowError` when the file's name ends otherwise.
  public init(_ file: URL, picture: URL? = nil) throws {
    guard ["csv", "json"].contains(file.pathExtension) else {
      throw namingTheCallersLine(
        ElbowError(
          .invalidArgument, "The name of a history file ends in .csv or .json, but this one is '\(file.relativePath)'.")
      )
    }
    self.file = file
    self.picture = picture
  }

  public func onTrainBegin(_ run: TrainingRun) throws {
    // Said now, it costs no training.
    guard access(file.deletingLastPathComponent().path, W_OK) == 0 else {
      throw ElbowError(.file, "Cannot write \(file.path): its folder is not there, or cannot be written to.")
    }
  }

  public func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) {
    // Writing after each of many short epochs would take longer than training.
    guard lastWrite.map({ ContinuousClock.now - $0 > .seconds(1) }) ?? true else { return }
    do {
      try write(run)
    } catch {
      warn("the losses were not written after epoch \(epoch.epoch): \((error as? ElbowError)?.message ?? "\(error)")")
    }
  }

  public func onTrainEnd(_ run: TrainingRun) throws { try write(run) }

  private func write(_ run: TrainingRun) throws {
    lastWrite = ContinuousClock.now
    let epochs = run.report.epochs
    let text = file.pathExtension == "csv" ? TrainingHistory.csv(epochs) : try TrainingHistory.json(epochs)
    try AtomicFile.write(Data(text.utf8), to: file)
    if let picture {
      try TrainingHistory.curves(epochs, title: "\(run.model.name): losses by epoch").write(to: picture)
    }
  }
}
