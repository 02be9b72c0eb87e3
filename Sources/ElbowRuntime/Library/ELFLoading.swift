import ElbowArrays

/// The steps of the dynamic loader with a shared library, gone through without doing them: which memory it maps, which tables it
/// reads there, and what it writes and calls.
///
/// The loader believes a library's headers. One wrong bit in them makes it read or write where nothing is, or call what is no
/// function, and the process ends. Here every address has to lie in the library's own memory, of the right kind, and every
/// index in its table. Features that compilers of C do not use for such libraries are refused, which leaves fewer to check.
/// Code that is damaged itself is not found; that takes a digest.
///
/// Layouts and constants: System V ABI, chapters "Object files" and "Program loading and dynamic linking".
struct ELFLoading {
  /// A part of the file that is mapped to memory.
  struct Segment {
    let type: UInt32
    let flags: UInt32
    let offset: UInt64
    let address: UInt64
    let fileCount: UInt64
    let memoryCount: UInt64
    let alignment: UInt64

    static let executable: UInt32 = 1
    static let writable: UInt32 = 2
  }

  let file: LibraryFile
  let machine: UInt16
  let sections: [String: ELFFile.Section]
  private let loads: [Segment]
  private let others: [Segment]

  /// - Parameters:
  ///   - header: The ELF header of a file whose program headers are known to lie within it.
  ///   - sections: The sections, which say some things once more.
  init(_ file: LibraryFile, _ header: [UInt8], _ sections: [String: ELFFile.Section]) throws {
    self.file = file
    self.sections = sections
    machine = header.littleEndian(UInt16.self, at: 18)
    let count = UInt64(header.littleEndian(UInt16.self, at: 56))
    let table = try file.read("program headers", offset: header.littleEndian(UInt64.self, at: 32), count: count * 56)
    let segments = stride(from: 0, to: table.count, by: 56).map { at in
      func word(_ offset: Int) -> UInt64 { table.littleEndian(UInt64.self, at: at + offset) }
      return Segment(
        type: table.littleEndian(UInt32.self, at: at), flags: table.littleEndian(UInt32.self, at: at + 4),
        offset: word(8), address: word(16), fileCount: word(32), memoryCount: word(40), alignment: word(48))
    }
    loads = segments.filter { $0.type == 1 }
    others = segments.filter { $0.type != 1 }
  }

  /// - Throws: `ElbowError` of kind `library` when loading would touch what is not there.
  func check() throws {
    try checkSegments()
    let entries = try dynamicEntries()
    try checkFeatures(entries)
    let strings = try Strings(self, entries)
    let symbols = try checkSymbols(entries, strings)
    try checkVersions(entries, strings, symbolCount: symbols)
    let pointers = try checkRelocations(entries, symbolCount: symbols)
    try checkFunctions(entries, pointers)
  }

  func require(_ condition: Bool, _ what: String) throws {
    guard condition else {
      throw ElbowError(
        .library,
        "The library '\(file.path)' is damaged, and loading it would end the process: its \(what). Build it again.")
    }
  }

  // MARK: Memory

  private static let page: UInt64 = 4096
  /// The most memory that a process can have, and a bound that keeps sums from overflowing.
  private static let greatestAddress: UInt64 = 1 << 47

  private func checkSegments() throws {
    try require(!loads.isEmpty, "program headers map nothing")
    var end: UInt64 = 0
    for segment in loads {
      let limit = ELFLoading.greatestAddress
      try require(
        segment.address < limit && segment.memoryCount < limit && segment.offset < limit
          && segment.fileCount <= segment.memoryCount, "segments are larger than memory")
      try require(segment.flags & 4 != 0, "segments cannot be read")
      try require(
        segment.alignment.nonzeroBitCount == 1 && segment.alignment <= 1 << 30
          && segment.address % max(segment.alignment, ELFLoading.page)
            == segment.offset % max(segment.alignment, ELFLoading.page),
        "segments are not aligned")
      // Each begins on a page of its own, after the one before.
      try require(
        segment.address / ELFLoading.page * ELFLoading.page >= end, "segments overlap")
      end = (segment.address + segment.memoryCount + ELFLoading.page - 1) / ELFLoading.page * ELFLoading.page
    }
    try require(end < 1 << 40, "segments are larger than memory")
    // The memory that the others describe lies within. GNU_STACK describes nothing.
    for segment in others where segment.memoryCount > 0 && segment.type != 0x6474_e551 {
      try require(
        segment.fileCount <= segment.memoryCount && holds(segment.address, segment.memoryCount),
        "segments lie outside of what is mapped")
      if segment.fileCount > 0 {
        try require(
          place(segment.address, segment.fileCount) == segment.offset, "segments contradict each other")
      }
      // Thread-local variables (7) of such a library would be the user's; alignments of theirs are believed.
      try require(segment.type != 7 || segment.alignment.nonzeroBitCount <= 1, "thread-local segment is not aligned")
      // The part that becomes read-only after loading (GNU_RELRO) is whole pages of its segment's beginning.
      if segment.type == 0x6474_e552 {
        try require(
          loads.contains { $0.address == segment.address && $0.flags & Segment.writable != 0 },
          "read-only segment does not begin a writable one")
      }
    }
  }

  /// Whether memory with the flags is mapped there.
  func holds(_ address: UInt64, _ count: UInt64, flags: UInt32 = 0) -> Bool {
    loads.contains {
      address >= $0.address && address - $0.address <= $0.memoryCount
        && count <= $0.memoryCount - (address - $0.address) && $0.flags & flags == flags
    }
  }

  /// Where in the file lies what is mapped there; nil if that is not of the file.
  func place(_ address: UInt64, _ count: UInt64) -> UInt64? {
    let segment = loads.first {
      address >= $0.address && address - $0.address <= $0.fileCount && count <= $0.fileCount - (address - $0.address)
    }
    return segment.map { $0.offset + (address - $0.address) }
  }

  /// The bytes of a table that the loader reads from memory.
  func read(_ what: String, _ address: UInt64, _ count: UInt64) throws -> [UInt8] {
    let place = place(address, count)
    try require(place != nil, "\(what) lies outside of what is mapped")
    return try file.read(what, offset: place ?? 0, count: count)
  }

  // MARK: The dynamic section

  func isDynamic(_ address: UInt64) -> Bool {
    others.contains { $0.type == 2 && address >= $0.address && address - $0.address < $0.memoryCount }
  }

  /// The entries by tag; the names of needed libraries are all under one.
  typealias Entries = [UInt64: [UInt64]]

  private func dynamicEntries() throws -> Entries {
    let sections = others.filter { $0.type == 2 }
    try require(
      sections.count == 1 && sections[0].address % 8 == 0
        && holds(sections[0].address, sections[0].memoryCount, flags: Segment.writable), "dynamic section is missing")
    let table = try read("dynamic section", sections[0].address, sections[0].fileCount)
    var entries: Entries = [:]
    for at in stride(from: 0, to: table.count - 15, by: 16) {
      let tag = table.littleEndian(UInt64.self, at: at)
      if tag == 0 { return entries }
      let value = table.littleEndian(UInt64.self, at: at + 8)
      try require(value < ELFLoading.greatestAddress, "dynamic section has addresses beyond memory")
      entries[tag, default: []].append(value)
    }
    try require(false, "dynamic section has no end")
    return entries
  }

  private func checkFeatures(_ entries: Entries) throws {
    // Relocations of other kinds (REL, TEXTREL, RELR), functions before all others, other libraries' functions instead of its
    // own (AUXILIARY, FILTER), and auditing.
    for tag in [17, 22, 32, 36, 0x7fff_fffd, 0x7fff_ffff, 0x6fff_fefb, 0x6fff_fefc] as [UInt64] {
      try require(entries[tag] == nil, "dynamic section asks for what no such library needs (tag \(tag))")
    }
    try require((entries[30]?.last ?? 0) & 4 == 0, "code would be changed when it is loaded")
    for (tag, values) in entries where tag != 1 { try require(values.count == 1, "dynamic section has a tag twice") }
  }

  /// The names in the dynamic section's string table.
  struct Strings {
    let bytes: [UInt8]
    let needed: Set<ArraySlice<UInt8>>

    init(_ loading: ELFLoading, _ entries: Entries) throws {
      let count = entries[10]?.first ?? 0
      try loading.require(count > 0 && count <= 1 << 28, "names are missing")
      bytes = try loading.read("names", entries[5]?.first ?? .max, count)
      try loading.require(bytes.last == 0, "names have no end")
      var needed: Set<ArraySlice<UInt8>> = []
      for tag in [1, 14, 15, 29] as [UInt64] {
        for offset in entries[tag] ?? [] {
          try loading.require(offset < count, "names lie outside of their table")
          if tag == 1 { needed.insert(Strings.name(bytes, Int(offset))) }
        }
      }
      self.needed = needed
    }

    static func name(_ bytes: [UInt8], _ offset: Int) -> ArraySlice<UInt8> { bytes[offset...].prefix { $0 != 0 } }
  }
}
