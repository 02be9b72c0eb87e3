import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// The data that a model is trained on.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A named data set (\(NamedDatasets.names.joined(separator: ", "))) or a file whose columns are the model's "
        + "inputs: of a CSV file, an input of one number takes the column of its name, and one other all that are left; "
        + "- is standard input; by default the model's own.", valueName: "name|file"))
  var data: String?

  @Option(help: ArgumentHelp("Where the files of named data sets are looked for first.", valueName: "folder"))
  var dataDir: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Use only the first N training and N validation examples.", valueName: "n"))
  var limit: Int?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is at least 1, not \(limit).") }
  }

  /// The data: a named set, or a file, of which the last tenth is kept for validation.
  func load(for model: Model) throws -> DataSplit {
    guard let name = data ?? model.dataset else {
      throw ElbowError(.data, "The model '\(model.name)' does not say what it trains on; name a data set with --data.")
    }
    let directory = dataDir.map { URL(fileURLWithPath: $0, isDirectory: true) }
    var split: DataSplit
    if NamedDatasets.names.contains(name) {
      split = try NamedDatasets.load(name, directory: directory)
    } else if case let file = URL(input: name), FileManager.default.fileExists(atPath: file.path) {
      let whole = try read(DataFile(contentsOf: file), for: model)
      split = try whole.split(at: whole.count - whole.count / 10)
    } else {
      let names = NamedDatasets.names.joined(separator: ", ")
      throw ElbowError(.data, "There is no data set and no file '\(name)'; the named data sets are \(names).")
    }
    for note in split.training.notes { Console.report("note: \(note.printable())") }
    if let limit {
      split = DataSplit(training: split.training.prefix(limit), validation: split.validation.prefix(limit))
    }
    return split
  }

  /// A file's data: the columns of a table go to the inputs by their names, and so do arrays that have names.
  private func read(_ file: DataFile, for model: Model) throws -> Dataset {
    guard file.format == .csv, let signature = model.train ?? model.evaluate else {
      return try Dataset(file, column: model.graph.placeholders.first?.name ?? "data")
    }
    let inputs = try model.graph.program(signature).inputs.filter { $0.defaultValue == nil }
    return try CSV.decode(file.bytes, named: file.url.path).dataset(
      named: file.url.lastPathComponent,
      inputs: inputs.map { input in
        (name: input.name, dtype: input.type.dtype, shape: input.type.shape.dimensions.dropFirst().map(\.value))
      })
  }
}
