import ElbowArrays
import Foundation

extension Dataset {
  /// Reads a user's file; its name says the format. The contents do where the name has no ending, as `/dev/stdin` has none.
  ///
  /// | name | columns |
  /// |---|---|
  /// | `.npy`, `.idx`, `.idx.gz`, `-ubyte`, `-ubyte.gz` | the array, named by `column` |
  /// | `.npz`, `.safetensors` | the arrays by their own names |
  /// | `.csv` | all numbers as `float32[rows, columns]`, named by `column` |
  ///
  /// Arrays of other types than a column can have are left out, and a note says so. For a table with labels, see
  /// ``CSVTable/dataset(named:labels:)``.
  ///
  /// - Throws: ``ElbowError`` when the format is unknown, the file is not what it says, or its arrays do not have the
  ///   same leading extent.
  public init(contentsOf url: URL, column: String = "data") throws {
    self = try namingTheCallersLine { try Dataset(DataFile(contentsOf: url), column: column) }
  }

  /// The data of a file that has been read.
  package init(_ file: DataFile, column: String) throws {
    let (name, path) = (file.url.lastPathComponent, file.url.path)
    switch file.format {
    case .npy:
      try self.init(name: name, columns: [(column, NPY.decode(file.bytes, named: path))])
    case .npz:
      let (arrays, unsupported) = try NPZ.decode(file.bytes, named: path)
      try self.init(name: name, columns: arrays, without: unsupported)
    case .safetensors:
      let (tensors, _, unsupported) = try Safetensors.decode(file.bytes, named: path)
      try self.init(name: name, columns: tensors, without: unsupported)
    case .csv:
      try self.init(name: name, columns: [(column, CSV.decode(file.bytes, named: path).array())])
    case .idx:
      try self.init(name: name, columns: [(column, IDX.decode(file.bytes, named: path))])
    }
  }

  /// - Parameter unsupported: The types of what is left out, by name.
  private init(name: String, columns: [(name: String, array: HostArray)], without unsupported: [String: String]) throws
  {
    let others = unsupported.sorted { $0.key < $1.key }.map { "'\($0.key)' (\($0.value))" }.joined(separator: ", ")
    guard !columns.isEmpty || unsupported.isEmpty else {
      throw ElbowError(.data, "The data set \(name) has only arrays of types that no column can have: \(others).")
    }
    let note = "these arrays of \(name) are left out, for no column can have their type: \(others)"
    try self.init(name: name, columns: columns, notes: unsupported.isEmpty ? [] : [note])
  }
}
