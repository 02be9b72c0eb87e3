import CElbowABI
import ElbowArrays
import ElbowManifest
import Foundation

/// A compiled model's library as a file: its manifest, read and checked without loading or running any of it.
public struct LibraryImage: Sendable {
  /// The ELF section that holds the manifest and its header.
  public static let sectionName = "elbow_manifest"

  /// Where the library is.
  public let url: URL
  /// The model's own description.
  public let manifest: Manifest
  /// The manifest as the library holds it.
  public let manifestBytes: [UInt8]
  /// The architecture that the file is for, as `Manifest.Target.architecture` spells it.
  public let architecture: String

  /// Reads the manifest of an ELF shared library, which may be for another machine than this.
  ///
  /// - Throws: ``ElbowError`` of kind `file` when the file cannot be read, and of kind `library` when it is not an ELF
  ///   shared library, is truncated or damaged, is not an Elbow model, is of another version of the C interface, or when its
  ///   manifest is damaged.
  public init(contentsOf url: URL) throws {
    let file = try LibraryFile(url)
    guard LibrarySeal.state(of: url) != .damaged else {
      throw ElbowError(
        .library,
        "The library '\(url.path)' is damaged: it is not what was built, for its bytes do not have the digest at its end. "
          + "Build it again, or copy it again from where it is whole.")
    }
    let elf = try ELFFile(file)
    guard let section = elf[LibraryImage.sectionName] else {
      throw ElbowError(
        .library,
        "'\(url.path)' is not an Elbow model: it has no section '\(LibraryImage.sectionName)'.")
    }
    self.url = url
    architecture = elf.architecture
    manifestBytes = try LibraryImage.manifestBytes(in: section, of: file)
    do {
      manifest = try Manifest(decoding: manifestBytes)
    } catch let error as ElbowError {
      throw ElbowError(error.kind, "The library '\(url.path)' cannot be used. \(error.message)")
    }
  }

  /// Checks that this machine can run the library.
  ///
  /// - Throws: ``ElbowError`` of kind `library` when the library is for another architecture, or needs CPU features that
  ///   this machine lacks.
  public func checkRunnable() throws {
    let promised = manifest.target.architecture
    guard architecture == CPUFeatures.architecture, promised == architecture || promised == "any" else {
      let found = architecture == CPUFeatures.architecture ? promised : architecture
      throw ElbowError(
        .library,
        "The library '\(url.path)' is for \(found), but this machine is \(CPUFeatures.architecture). "
          + "Rebuild it on this machine, or with the --target of 'graphc build' that fits it.")
    }
    try manifest.checkFeatures(path: url.path)
  }

  private static func manifestBytes(in section: ELFFile.Section, of file: LibraryFile) throws -> [UInt8] {
    let headerByteCount = UInt64(MemoryLayout<elbow_manifest_header>.size)
    func damaged(_ why: String) -> ElbowError {
      ElbowError(.library, "The manifest of the library '\(file.path)' is damaged: \(why). Rebuild the model.")
    }
    guard section.byteCount >= headerByteCount else { throw damaged("its header is incomplete") }
    let header = try file.read("manifest", offset: section.offset, count: headerByteCount)
    guard header.prefix(8).elementsEqual("ELBOWMAN".utf8) else { throw damaged("it does not start with ELBOWMAN") }
    // Before anything that another version may have laid out otherwise.
    try checkABIVersion(header.littleEndian(UInt32.self, at: 8), path: file.path)
    guard header.littleEndian(UInt32.self, at: 12) == headerByteCount else {
      throw damaged("its header does not have the size of version \(supportedABIVersion)")
    }
    let count = header.littleEndian(UInt64.self, at: 16)
    guard count <= section.byteCount - headerByteCount else { throw damaged("it is longer than its section") }
    guard count <= Manifest.Limits.byteCount else { throw damaged("it is \(count) bytes long") }
    let bytes = try file.read("manifest", offset: section.offset + headerByteCount, count: count)
    guard Checksum.fnv1a64(bytes) == header.littleEndian(UInt64.self, at: 24) else {
      throw damaged("its checksum does not match")
    }
    return bytes
  }

  /// The version of the C interface that this runtime speaks.
  static let supportedABIVersion = UInt32(ELBOW_ABI_VERSION)

  static func checkABIVersion(_ found: UInt32, path: String) throws {
    guard found == supportedABIVersion else {
      throw ElbowError(
        .library,
        "The library '\(path)' has version \(found) of Elbow's C interface, but this program expects version "
          + "\(supportedABIVersion). Rebuild the model with the version of Elbow that this program uses.")
    }
  }
}

extension Manifest {
  /// Checks that the running CPU has the features that the code needs, where they are known.
  func checkFeatures(path: String) throws {
    let missing = CPUFeatures.missing(from: target.features)
    guard missing.isEmpty else {
      throw ElbowError(
        .library,
        "The library '\(path)' needs CPU features that this machine lacks: \(missing.joined(separator: ", ")). "
          + "Rebuild it on this machine, or with the --target of 'graphc build' that fits it.")
    }
  }
}
