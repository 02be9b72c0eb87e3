import ElbowArrays
import Foundation

/// The four files of a data set, found in one folder.
struct DatasetFolder {
  let trainingImages: URL
  let trainingLabels: URL
  let validationImages: URL
  let validationLabels: URL
  /// Notes for the user about the files.
  var notes: [String] = []

  /// The NumPy archives that KMNIST's publisher offers beside the files; each holds its array as `arr_0`.
  private static let archives = [
    "train-images-idx3-ubyte": "kmnist-train-imgs.npz", "train-labels-idx1-ubyte": "kmnist-train-labels.npz",
    "t10k-images-idx3-ubyte": "kmnist-test-imgs.npz", "t10k-labels-idx1-ubyte": "kmnist-test-labels.npz",
    "train-first7011-images-idx3-ubyte": "kmnist-train-first7011-imgs.npz",
    "train-first7011-labels-idx1-ubyte": "kmnist-train-first7011-labels.npz",
  ]

  /// Looks for a data set's files in `folder/name` and then in `folder` itself, each file with or without `.gz`, or, of KMNIST, as a
  /// NumPy archive.
  ///
  /// - Returns: nil unless all are there.
  init?(_ catalog: DatasetCatalog, in folder: URL) {
    if let found = DatasetFolder(catalog, at: folder.appendingPathComponent(catalog.name)) {
      self = found
    } else if let found = DatasetFolder(catalog, at: folder), !DatasetFolder.isOther(catalog, found.trainingImages) {
      self = found
    } else {
      return nil
    }
  }

  private init?(_ catalog: DatasetCatalog, at folder: URL) {
    func find(_ name: String) -> URL? {
      let archive = catalog.name == "kmnist" ? DatasetFolder.archives[name] : nil
      return ([name + ".gz", name] + [archive].compactMap { $0 }).map(folder.appendingPathComponent)
        .first { FileManager.default.fileExists(atPath: $0.path) }
    }
    guard let validationImages = find(catalog.validationImages.name),
      let validationLabels = find(catalog.validationLabels.name)
    else { return nil }
    self.validationImages = validationImages
    self.validationLabels = validationLabels
    if let images = find(catalog.trainingImages.name), let labels = find(catalog.trainingLabels.name) {
      trainingImages = images
      trainingLabels = labels
    } else if catalog.name == "kmnist", let images = find("train-first7011-images-idx3-ubyte"),
      let labels = find("train-first7011-labels-idx1-ubyte")
    {
      trainingImages = images
      trainingLabels = labels
      notes.append(
        """
        Only the first 7,011 of KMNIST's 60,000 training images are present: results are not results on the KMNIST \
        benchmark.
        """)
    } else {
      return nil
    }
  }

  /// Whether a file in a folder without the data set's name is known to belong to another one: they all use the same
  /// file names, but their sizes differ.
  private static func isOther(_ catalog: DatasetCatalog, _ trainingImages: URL) -> Bool {
    let size = (try? trainingImages.resourceValues(forKeys: [.fileSizeKey]))?.fileSize
    return DatasetCatalog.all.contains { $0.name != catalog.name && $0.trainingImages.byteCount == size }
  }

  /// Reads the files.
  ///
  /// - Throws: ``ElbowError`` when one is not what its name says, or images and labels differ in number.
  func load(named name: String) throws -> DataSplit {
    DataSplit(
      training: try DatasetFolder.load(trainingImages, trainingLabels, name, notes),
      validation: try DatasetFolder.load(validationImages, validationLabels, name, notes))
  }

  private static func array(_ url: URL) throws -> HostArray {
    guard url.pathExtension == "npz" else { return try IDX.read(contentsOf: url) }
    let arrays = try NPZ.read(contentsOf: url)
    guard let array = arrays["arr_0"] else {
      let names = arrays.keys.sorted().map { "'\($0.printable())'" }.joined(separator: ", ")
      throw ElbowError(
        .file, "Expected \(url.path) to hold an array 'arr_0', but it holds \(names.isEmpty ? "none" : names).")
    }
    return array
  }

  private static func load(_ images: URL, _ labels: URL, _ name: String, _ notes: [String]) throws -> Dataset {
    let pixels = try array(images)
    guard pixels.dtype == .uint8, pixels.shape.count == 3, pixels.shape[1...] == [28, 28] else {
      throw ElbowError(
        .file, "Expected \(images.path) to hold uint8[N, 28, 28], but it holds \(pixels.dtype)\(pixels.shape).")
    }
    let classes = try array(labels)
    guard classes.dtype == .uint8, classes.shape == [pixels.shape[0]] else {
      throw ElbowError(
        .file,
        """
        Expected \(labels.path) to hold uint8[\(pixels.shape[0])], a label for each image, but it holds \
        \(classes.dtype)\(classes.shape).
        """)
    }
    return try Dataset(
      name: name, columns: [("images", pixels), ("labels", HostArray(classes.bytes.map(Int32.init)))], notes: notes)
  }
}
