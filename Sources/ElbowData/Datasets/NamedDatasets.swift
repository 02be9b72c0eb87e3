import ElbowArrays
import Foundation

/// Data sets by name.
///
/// | name | columns | training | validation |
/// |---|---|---|---|
/// | `auto-mpg` | features float32[N, 7], labels float32[N, 1] | 320 | 72 |
/// | `digits` | images uint8[N, 28, 28], labels int32[N] | 4,500 | 500 |
/// | `fashion-mnist`, `kmnist`, `mnist` | as `digits` | 60,000 | 10,000 |
/// | `normal-2d` | points float32[N, 2] | 1,000 | 1,000 |
/// | `two-moons` | points float32[N, 2] | 10,000 | 2,000 |
///
/// `auto-mpg` and `digits` come with the library, and points are drawn on the spot. The others are looked for in the given directory, in `$ELBOW_DATA`,
/// where Debian's package installs them, and in the download cache, and are downloaded at last. They all use the same
/// file names, so a folder for several of them needs a subfolder for each.
public enum NamedDatasets {
  /// The names that ``load(_:directory:)`` knows.
  public static let names = ["auto-mpg", "digits", "fashion-mnist", "kmnist", "mnist", "normal-2d", "two-moons"]

  /// Loads a data set.
  ///
  /// - Parameters:
  ///   - name: One of ``names``.
  ///   - directory: A folder that holds the files, or a folder of the data set's name that does. Where it lacks them,
  ///     they are looked for elsewhere, and a note of the data set says so.
  /// - Throws: ``ElbowError`` when the name is unknown, when the directory is not there, when the files cannot be found or downloaded, which says where
  ///   they were looked for, and when they are not what they should be.
  public static func load(_ name: String, directory: URL? = nil) throws -> DataSplit {
    try namingTheCallersLine {
      try load(name, directory: directory, environment: ProcessInfo.processInfo.environment)
    }
  }

  static func load(_ name: String, directory: URL?, environment: [String: String]) throws -> DataSplit {
    if let directory, (try? directory.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) != true {
      throw ElbowError(
        .data, "There is no folder '\(directory.path)' to look for the data set \(name) in.",
        notes: ["without a folder, Elbow looks where data sets usually are"])
    }
    switch name {
    case "auto-mpg":
      return try CSV.read(contentsOf: BundledResources.url("auto-mpg.csv"))
        .dataset(named: name, labels: ["mpg"]).split(at: 320)
    case "digits": return try loadDigits()
    case "normal-2d": return try SyntheticDatasets.normal2D()
    case "two-moons": return try SyntheticDatasets.twoMoons()
    default:
      guard let catalog = DatasetCatalog.all.first(where: { $0.name == name }) else {
        throw ElbowError(
          .data, "There is no data set named '\(name)'; there are \(names.joined(separator: ", ")).")
      }
      return try load(catalog, directory: directory, environment: environment)
    }
  }

  private static func loadDigits() throws -> DataSplit {
    let images = try IDX.read(contentsOf: BundledResources.url("digits-images-idx3-ubyte.gz"))
    let labels = try IDX.read(contentsOf: BundledResources.url("digits-labels-idx1-ubyte.gz"))
    let digits = try Dataset(
      name: "digits", columns: [("images", images), ("labels", HostArray(labels.bytes.map(Int32.init)))])
    return try digits.split(at: 4500)
  }

  private static func load(
    _ catalog: DatasetCatalog, directory: URL?, environment: [String: String]
  ) throws -> DataSplit {
    let download = Download(environment: environment)
    var places: [(what: String, folder: URL)] = []
    if let directory {
      places.append(("the given directory", directory))
    }
    if let path = environment["ELBOW_DATA"], !path.isEmpty {
      places.append(("$ELBOW_DATA", URL(fileURLWithPath: path)))
    }
    if let debian = catalog.debian {
      places.append(("Debian's package \(debian.package)", URL(fileURLWithPath: debian.folder)))
    }
    places.append(("the download cache", download.cache))

    for place in places {
      guard var found = DatasetFolder(catalog, in: place.folder) else { continue }
      if let directory, place.folder != directory {
        found.notes.append("The files are not all in \(directory.path); those of \(place.what) were used.")
      }
      return try found.load(named: catalog.name)
    }

    var notes = places.map { "\($0.what): not all files are in \($0.folder.path)" }
    do {
      try download.fetch(catalog)
    } catch let error as ElbowError {
      notes.append("download: \(error.message)")
      throw missing(catalog, directory: directory, notes: notes)
    }
    guard var fetched = DatasetFolder(catalog, in: download.cache) else {
      throw missing(catalog, directory: directory, notes: notes)
    }
    if let directory {
      fetched.notes.append("The files are not all in \(directory.path); they were downloaded.")
    }
    return try fetched.load(named: catalog.name)
  }

  private static func missing(_ catalog: DatasetCatalog, directory: URL?, notes: [String]) -> ElbowError {
    let files = catalog.files.map { $0.name + ".gz" }.joined(separator: ", ")
    let folder = directory.map { $0.path } ?? "a folder DIR named by the environment variable ELBOW_DATA"
    let target = directory == nil ? "DIR/\(catalog.name)" : "its subfolder \(catalog.name)"
    let package = catalog.debian.map { ", or install Debian's package \($0.package)" } ?? ""
    return ElbowError(
      .data,
      """
      The data set \(catalog.name) cannot be found. Put the files \(files), unpacked or not, into \(folder) or into \
      \(target)\(package).
      """,
      notes: notes)
  }
}
