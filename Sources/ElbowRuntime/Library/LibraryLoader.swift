import CElbowABI
import ElbowArrays
import ElbowManifest
import Foundation

/// A compiled model's library in memory, from which any number of models can be made on any number of threads.
///
/// A library stays loaded until the process ends: its worker threads and the models made from it may outlive any one
/// owner, and unloading code that runs is fatal. Loading the same file again costs next to nothing.
public final class LoadedLibrary: Sendable {
  /// Where the library was loaded from.
  public let url: URL
  /// The model's own description.
  public let manifest: Manifest
  let functions: LibraryFunctions

  /// Checks the file, loads it, and checks that what was loaded is what the file says.
  ///
  /// The file must not change afterwards: a model that is rebuilt belongs at another path, or in another process.
  ///
  /// - Throws: ``ElbowError`` of kind `file` or `library`: whatever ``LibraryImage/init(contentsOf:)`` and
  ///   ``LibraryImage/checkRunnable()`` throw, and when the dynamic loader refuses the file, when `elbow_get_library` is
  ///   missing, or when its table does not fit this runtime or the manifest.
  public init(contentsOf url: URL) throws {
    let url = url.absoluteURL.standardizedFileURL
    #if os(Linux)
      let image = try LibraryImage(contentsOf: url)
      try image.checkRunnable()
      let table = try LibraryLoader.table(of: url)
      let contents = try LibraryLoader.checkedManifest(of: table, path: url.path)
      guard contents == image.manifestBytes else {
        throw ElbowError(
          .library,
          "The library '\(url.path)' was replaced after this process had loaded it. Start the program again, or build "
            + "the model at another path.")
      }
      let manifest = image.manifest
    #else
      let table = try LibraryLoader.table(of: url)
      let manifest = try Manifest(decoding: LibraryLoader.checkedManifest(of: table, path: url.path))
      try manifest.checkFeatures(path: url.path)
    #endif
    guard manifest.abiVersion == Int(table.abi_version), UInt64(manifest.stateByteCount) == table.state_byte_count
    else {
      throw ElbowError(
        .library,
        "The library '\(url.path)' contradicts itself: its manifest gives version \(manifest.abiVersion) and a state of "
          + "\(manifest.stateByteCount) bytes, its table version \(table.abi_version) and \(table.state_byte_count) bytes."
      )
    }
    self.url = url
    self.manifest = manifest
    functions = try LibraryFunctions(table, path: url.path)
  }
}

/// The steps of loading a library.
enum LibraryLoader {
  /// The function that every library exports.
  static let tableSymbol = "elbow_get_library"

  /// Loads the library and copies its table.
  static func table(of url: URL) throws -> elbow_library {
    let path = url.path
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      let reason = dlerror().map { String(cString: $0) } ?? "no reason is given"
      throw ElbowError(.library, "The library '\(path)' cannot be loaded: \(reason).")
    }
    guard let symbol = dlsym(handle, tableSymbol) else {
      throw ElbowError(
        .library,
        "The library '\(path)' is not an Elbow model: it does not export '\(tableSymbol)'. Was it compiled with "
          + "-DELBOW_SHARED_LIBRARY?")
    }
    typealias TableFunction = @convention(c) () -> UnsafePointer<elbow_library>?
    guard let table = unsafeBitCast(symbol, to: TableFunction.self)() else {
      throw ElbowError(.library, "The library '\(path)' cannot be used: its function '\(tableSymbol)' gives no table.")
    }
    // Only the first two fields are where they are in every version.
    let fields = UnsafeRawPointer(table)
    try LibraryImage.checkABIVersion(fields.load(as: UInt32.self), path: path)
    let byteCount = fields.load(fromByteOffset: 4, as: UInt32.self)
    guard byteCount >= MemoryLayout<elbow_library>.size else {
      throw ElbowError(
        .library,
        "The library '\(path)' has a table of \(byteCount) bytes, but this program expects at least "
          + "\(MemoryLayout<elbow_library>.size). Rebuild the model with the version of Elbow that this program uses.")
    }
    return table.pointee
  }

  /// Copies the manifest that a table points to.
  static func checkedManifest(of table: elbow_library, path: String) throws -> [UInt8] {
    guard let start = table.manifest, table.manifest_byte_count <= Manifest.Limits.byteCount else {
      throw ElbowError(
        .library, "The library '\(path)' cannot be used: its table has no manifest, or one that is too long.")
    }
    return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(table.manifest_byte_count)))
  }
}
