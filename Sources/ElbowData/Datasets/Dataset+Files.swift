import ElbowArrays
import Foundation

extension Dataset {
  /// Reads a user's file; its name says the format.
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
    self = try namingTheCallersLine { try Dataset(file: url, column: column) }
  }

  private init(file url: URL, column: String) throws {
    let name = url.lastPathComponent
    let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    switch url.pathExtension.lowercased() {
    case "npy":
      try self.init(name: name, columns: [(column, NPY.read(contentsOf: url))])
    case "npz":
      let (arrays, unsupported) = try NPZ.contents(of: url)
      try self.init(name: name, columns: arrays, without: unsupported)
    case "safetensors":
      let (tensors, _, unsupported) = try Safetensors.read(contentsOf: url)
      try self.init(name: name, columns: tensors, without: unsupported)
    case "csv":
      try self.init(name: name, columns: [(column, CSV.read(contentsOf: url).array())])
    case _ where plain.hasSuffix(".idx") || plain.hasSuffix("-ubyte"):
      try self.init(name: name, columns: [(column, IDX.read(contentsOf: url))])
    default:
      throw ElbowError(
        .data,
        """
        The file \(url.path) has an unknown format; data sets are read from .npy, .npz, .safetensors, .csv, .idx, \
        .idx.gz and from files in the style of train-images-idx3-ubyte.gz.
        """)
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
