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
  /// For a table with labels, see ``CSVTable/dataset(named:labels:)``.
  ///
  /// - Throws: ``ElbowError`` when the format is unknown, the file is not what it says, or its arrays do not have the
  ///   same leading extent.
  public init(contentsOf url: URL, column: String = "data") throws {
    let name = url.lastPathComponent
    let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    switch url.pathExtension.lowercased() {
    case "npy":
      try self.init(name: name, columns: [(column, NPY.read(contentsOf: url))])
    case "npz":
      try self.init(name: name, columns: NPZ.entries(contentsOf: url))
    case "safetensors":
      try self.init(name: name, columns: Safetensors.read(contentsOf: url).tensors)
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
}
