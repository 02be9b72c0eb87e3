import ElbowArrays
import Foundation

/// Images that lie in folders, one for each class: `cats/1.png`, `cats/2.png`, `dogs/1.png`, ...
///
/// ```swift
/// let folder = try ImageFolder(contentsOf: URL(fileURLWithPath: "pets"))
/// let split = try folder.dataset.shuffled(seed: 1).split(at: 900)
/// print(folder.classNames)  // ["cats", "dogs"]
/// ```
///
/// Classes are the subfolders, sorted by the bytes of their names, and count from 0; within a class images are sorted likewise. Names
/// that begin with a dot are left out, and files that are no `.png`, of which a note of the data set tells. All images are grey or
/// all are in colours, of one size.
public struct ImageFolder: Sendable {
  /// The columns `images`, `uint8[n, height, width]` or in colours `uint8[n, height, width, 3]`, and `labels`, `int32[n]`, the numbers
  /// of classes.
  public let dataset: Dataset
  /// The names of the classes, by their numbers.
  public let classNames: [String]

  /// The most bytes that all images together may take.
  static let byteLimit = 16 << 30

  /// Reads the images.
  ///
  /// - Throws: ``ElbowError`` of kind `file` that names the file when one cannot be read or is of another size or kind than the first,
  ///   and of kind `data` when there are no images, or more than fit into 16 GB.
  public init(contentsOf folder: URL) throws {
    self = try namingTheCallersLine { try ImageFolder(reading: folder) }
  }

  private init(reading folder: URL) throws {
    let classes = try ImageFolder.contents(of: folder).filter(\.isFolder)
    guard !classes.isEmpty else {
      throw ElbowError(
        .data, "The folder '\(folder.path)' has no subfolders; expected one for each class, with its images.")
    }
    var (files, labels, others) = ([URL](), [Int32](), [String]())
    for (label, found) in classes.enumerated() {
      for entry in try ImageFolder.contents(of: found.url) {
        if !entry.isFolder, entry.url.pathExtension.lowercased() == "png" {
          files.append(entry.url)
          labels.append(Int32(label))
        } else {
          others.append("\(found.url.lastPathComponent)/\(entry.url.lastPathComponent)")
        }
      }
    }
    guard !files.isEmpty else {
      throw ElbowError(
        .data, "The subfolders of '\(folder.path)' hold no files that end in .png, the one format that is read.",
        notes: others.first.map { ["there is '\($0)', for example"] } ?? [])
    }
    let name = folder.lastPathComponent
    let images = try ImageFolder.images(files)
    let note = others.first.map {
      "\(others.count) entries of \(name) that are no .png files are left out, such as '\($0)'"
    }
    classNames = classes.map(\.url.lastPathComponent)
    dataset = try Dataset(
      name: name, columns: [("images", images), ("labels", HostArray(labels))], notes: note.map { [$0] } ?? [])
  }

  /// What lies in a folder, sorted by the bytes of the names.
  private static func contents(of folder: URL) throws -> [(url: URL, isFolder: Bool)] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw ElbowError(.file, "The folder '\(folder.path)' cannot be read: \(error.systemReason).")
    }
    return names.filter { !$0.hasPrefix(".") }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { name in
      let url = folder.appendingPathComponent(name)
      var isFolder: ObjCBool = false
      return (url, FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue)
    }
  }

  /// The images one after the other.
  private static func images(_ files: [URL]) throws -> HostArray {
    var (bytes, first) = ([UInt8](), nil as [Int]?)
    for file in files {
      let image = try PNG.decode(FileContents.read(file), named: file.path) { shape in
        guard let first else {
          // Of one size each, they have their place before any is read.
          let size = shape.reduce(1, *)
          guard size <= byteLimit / files.count else {
            throw ElbowError(
              .data,
              "\(files.count) images as \(file.path), of \(size) bytes each, are more than the \(byteLimit) that are read."
            )
          }
          bytes.reserveCapacity(size * files.count)
          return
        }
        guard shape == first else {
          throw ElbowError(
            .file,
            "\(file.path) is \(words(shape)), but \(files[0].path) is \(words(first)); expected images of one size and kind: convert "
              + "them.")
        }
      }
      first = image.shape
      bytes += image.bytes
    }
    return try HostArray(dtype: .uint8, shape: [files.count] + (first ?? []), bytes: bytes)
  }

  /// A shape as people say it, `28 x 30 pixels in grey`.
  private static func words(_ shape: [Int]) -> String {
    "\(shape[1]) x \(shape[0]) pixels in \(shape.count == 3 ? "colours" : "grey")"
  }
}
