import ElbowArrays
import ElbowManifest
import Foundation

/// The headers of a 64-bit little-endian ELF shared library, every range in them checked against the file.
///
/// The loader maps what the headers say and touches it, so a truncated file ends the process with SIGBUS. What is checked
/// here cannot.
struct ELFFile {
  /// Where the bytes of a section are.
  struct Section {
    let offset: UInt64
    let byteCount: UInt64
  }

  /// `x86_64`, `aarch64`, `riscv64`, or a number where it is another.
  let architecture: String
  private let file: LibraryFile
  private let sections: [String: Section]

  /// - Throws: ``ElbowError`` of kind `library` when the file is not such a library, or is truncated or damaged.
  init(_ file: LibraryFile) throws {
    self.file = file
    let magic = try file.size >= 4 ? file.read("magic number", offset: 0, count: 4) : []
    guard magic != [0x00, 0x61, 0x73, 0x6d] else {
      throw ElbowError(
        .library,
        "'\(file.path)' is a WebAssembly module, which runs in a host for WebAssembly alone. Build the model for this "
          + "machine with 'graphc build' or for another with --target.")
    }
    guard magic == [0x7f, 0x45, 0x4c, 0x46] else {
      throw ElbowError(.library, "'\(file.path)' is not a shared library: it is not an ELF file.")
    }
    let header = try file.read("ELF header", offset: 0, count: 64)
    guard header[4] == 2, header[5] == 1, header[6] == 1 else {
      throw ElbowError(.library, "'\(file.path)' is not a shared library of a 64-bit little-endian machine.")
    }
    guard header.littleEndian(UInt16.self, at: 16) == 3 else {
      throw ElbowError(.library, "'\(file.path)' is an ELF file, but not a shared library.")
    }
    let machine = header.littleEndian(UInt16.self, at: 18)
    architecture = [62: "x86_64", 183: "aarch64", 243: "riscv64"][machine] ?? "ELF machine \(machine)"
    try ELFFile.checkSegments(file, header)
    sections = try ELFFile.readSections(file, header)
    // A file for another machine is not loaded, and one without sections is no model.
    if architecture == CPUFeatures.architecture, !sections.isEmpty {
      try ELFLoading(file, header, sections).check()
    }
  }

  /// The section of that name, if there is one with contents.
  subscript(name: String) -> Section? { sections[name] }

  private static func checkSegments(_ file: LibraryFile, _ header: [UInt8]) throws {
    let count = UInt64(header.littleEndian(UInt16.self, at: 56))
    guard count > 0, header.littleEndian(UInt16.self, at: 54) == 56 else { throw damaged(file, "program headers") }
    let offset = header.littleEndian(UInt64.self, at: 32)
    let table = try file.read("program headers", offset: offset, count: count * 56)
    for entry in stride(from: 0, to: table.count, by: 56) {
      let byteCount = table.littleEndian(UInt64.self, at: entry + 32)
      // A segment of zeros alone has no bytes in the file.
      guard byteCount > 0 else { continue }
      guard file.contains(offset: table.littleEndian(UInt64.self, at: entry + 8), count: byteCount) else {
        throw file.truncated("segment \(entry / 56)")
      }
    }
  }

  private static func readSections(_ file: LibraryFile, _ header: [UInt8]) throws -> [String: Section] {
    let count = UInt64(header.littleEndian(UInt16.self, at: 60))
    let namesIndex = Int(header.littleEndian(UInt16.self, at: 62))
    guard count > 0 else { return [:] }  // Stripped of them; then it has no manifest either.
    guard header.littleEndian(UInt16.self, at: 58) == 64, namesIndex < count else {
      throw damaged(file, "section headers")
    }
    let offset = header.littleEndian(UInt64.self, at: 40)
    let table = try file.read("section headers", offset: offset, count: count * 64)
    let entries = try stride(from: 0, to: table.count, by: 64).map { entry -> (name: Int, section: Section?) in
      let type = table.littleEndian(UInt32.self, at: entry + 4)
      let name = Int(table.littleEndian(UInt32.self, at: entry))
      guard type != 0, type != 8 else { return (name, nil) }  // SHT_NULL and SHT_NOBITS have no bytes in the file.
      let section = Section(
        offset: table.littleEndian(UInt64.self, at: entry + 24),
        byteCount: table.littleEndian(UInt64.self, at: entry + 32))
      guard file.contains(offset: section.offset, count: section.byteCount) else {
        throw file.truncated("section \(entry / 64)")
      }
      return (name, section)
    }
    guard let strings = entries[namesIndex].section, strings.byteCount <= 1 << 24 else {
      throw damaged(file, "section names")
    }
    let names = try file.read("section names", offset: strings.offset, count: strings.byteCount)
    var sections: [String: Section] = [:]
    for case (let start, let section?) in entries {
      guard start < names.count else { throw damaged(file, "section names") }
      // No name that is looked for is longer; a bound keeps a hostile table from being read again and again.
      let name = names[start...].prefix(64).prefix { $0 != 0 }
      sections[String(decoding: name, as: UTF8.self)] = section
    }
    return sections
  }

  private static func damaged(_ file: LibraryFile, _ what: String) -> ElbowError {
    ElbowError(.library, "The library '\(file.path)' is damaged: its \(what) make no sense.")
  }
}
