import ElbowArrays

/// What the dynamic loader does with a shared library, gone through without doing it: which memory it maps, which tables it
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
  private struct Segment {
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

  private let file: LibraryFile
  private let machine: UInt16
  private let sections: [String: ELFFile.Section]
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

  private func require(_ condition: Bool, _ what: String) throws {
    guard condition else {
      throw ElbowError(
        .library,
        "The library '\(file.path)' is damaged, and loading it would end the process: its \(what). Build it again.")
    }
  }

  // MARK: Memory

  private static let page: UInt64 = 4096
  /// What a process can have of memory, and a bound that keeps sums from overflowing.
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
    // What the others describe lies within. GNU_STACK describes nothing.
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
      // What becomes read-only after loading (GNU_RELRO) are whole pages of its segment's beginning.
      if segment.type == 0x6474_e552 {
        try require(
          loads.contains { $0.address == segment.address && $0.flags & Segment.writable != 0 },
          "read-only segment does not begin a writable one")
      }
    }
  }

  /// Whether memory with the flags is mapped there.
  private func holds(_ address: UInt64, _ count: UInt64, flags: UInt32 = 0) -> Bool {
    loads.contains {
      address >= $0.address && address - $0.address <= $0.memoryCount
        && count <= $0.memoryCount - (address - $0.address) && $0.flags & flags == flags
    }
  }

  /// Where in the file lies what is mapped there; nil if that is not of the file.
  private func place(_ address: UInt64, _ count: UInt64) -> UInt64? {
    let segment = loads.first {
      address >= $0.address && address - $0.address <= $0.fileCount && count <= $0.fileCount - (address - $0.address)
    }
    return segment.map { $0.offset + (address - $0.address) }
  }

  /// The bytes of a table that the loader reads from memory.
  private func read(_ what: String, _ address: UInt64, _ count: UInt64) throws -> [UInt8] {
    let place = place(address, count)
    try require(place != nil, "\(what) lies outside of what is mapped")
    return try file.read(what, offset: place ?? 0, count: count)
  }

  // MARK: The dynamic section

  private func isDynamic(_ address: UInt64) -> Bool {
    others.contains { $0.type == 2 && address >= $0.address && address - $0.address < $0.memoryCount }
  }

  /// The entries by tag; the names of needed libraries are all under one.
  private typealias Entries = [UInt64: [UInt64]]

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
  private struct Strings {
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

  // MARK: Symbols

  /// - Returns: How many there are.
  private func checkSymbols(_ entries: Entries, _ strings: Strings) throws -> UInt64 {
    try require(entries[11]?.first == 24, "symbols have another size than symbols have")
    guard let address = entries[6]?.first, let dynamic = sections[".dynsym"] else {
      try require(false, "symbols are missing")
      return 0
    }
    let count = dynamic.byteCount / 24
    try require(
      count > 0 && count <= 1 << 24 && place(address, count * 24) == dynamic.offset,
      "table of symbols is not where its section is")
    let (table, newTable) = (entries[4]?.first, entries[0x6fff_fef5]?.first)
    try require(table != nil || newTable != nil, "symbols cannot be found by name")
    if let table { try require(countOfHash(table) == count, "hash table is of other symbols") }
    if let newTable { try require(countOfGNUHash(newTable) <= count, "hash table is of other symbols") }
    return try checkSymbols(read("symbols", address, count * 24), strings)
  }

  private func checkSymbols(_ table: [UInt8], _ strings: Strings) throws -> UInt64 {
    for at in stride(from: 0, to: table.count, by: 24) {
      let (info, section) = (table[at + 4], table.littleEndian(UInt16.self, at: at + 6))
      let value = table.littleEndian(UInt64.self, at: at + 8)
      try require(
        table.littleEndian(UInt32.self, at: at) < UInt32(strings.bytes.count),
        "symbols have names outside of their table")
      // Symbols whose value a function finds out when it is loaded (IFUNC) have no place in such a library.
      try require(info & 15 != 10, "symbols are of a kind that no such library needs")
      guard section != 0, section < 0xff00, info & 15 != 6 else { continue }
      let isFunction = info & 15 == 2
      try require(
        isFunction ? holds(value, 1, flags: Segment.executable) : value == 0 || holds(value, 0), "symbols point outside"
      )
    }
    return UInt64(table.count / 24)
  }

  /// What the table of DT_HASH says: its number of chains is that of the symbols.
  private func countOfHash(_ address: UInt64) throws -> UInt64 {
    let head = try read("hash table", address, 8)
    let (buckets, chains) = (head.littleEndian(UInt32.self, at: 0), head.littleEndian(UInt32.self, at: 4))
    try require(buckets > 0 && chains <= 1 << 24 && buckets <= 1 << 24, "hash table has no sensible size")
    let count = UInt64(buckets) + UInt64(chains)
    let table = try read("hash table", address, 8 + count * 4)
    var seen = [Bool](repeating: false, count: Int(chains))
    // Every chain ends: none meets another one, nor itself.
    for bucket in 0..<Int(buckets) {
      var next = Int(table.littleEndian(UInt32.self, at: 8 + bucket * 4))
      while next != 0 {
        try require(next < seen.count && !seen[next], "hash table has a chain without an end")
        seen[next] = true
        next = Int(table.littleEndian(UInt32.self, at: 8 + (Int(buckets) + next) * 4))
      }
    }
    return UInt64(chains)
  }

  /// What the table of DT_GNU_HASH reaches.
  private func countOfGNUHash(_ address: UInt64) throws -> UInt64 {
    let head = try read("hash table", address, 16)
    let (buckets, first) = (head.littleEndian(UInt32.self, at: 0), head.littleEndian(UInt32.self, at: 4))
    let (words, shift) = (head.littleEndian(UInt32.self, at: 8), head.littleEndian(UInt32.self, at: 12))
    try require(
      buckets > 0 && buckets <= 1 << 24 && first <= 1 << 24 && words.nonzeroBitCount == 1 && words <= 1 << 24
        && shift < 32, "hash table has no sensible size")
    let chains = address + 16 + UInt64(words) * 8 + UInt64(buckets) * 4
    let table = try read("hash table", chains - UInt64(buckets) * 4, UInt64(buckets) * 4)
    let starts = (0..<Int(buckets)).map { table.littleEndian(UInt32.self, at: $0 * 4) }.filter { $0 != 0 }
    guard let last = starts.max() else { return UInt64(first) }
    try require(starts.allSatisfy { $0 >= first } && last <= 1 << 24, "hash table points outside of the symbols")
    var index = UInt64(last)
    while true {
      let value = try read("hash table", chains + (index - UInt64(first)) * 4, 4)
      index += 1
      if value[0] & 1 == 1 { return index }
    }
  }

  // MARK: Versions of other libraries' symbols

  private func checkVersions(_ entries: Entries, _ strings: Strings, symbolCount: UInt64) throws {
    guard let table = entries[0x6fff_fff0]?.first else {
      try require(entries[0x6fff_fffe] == nil, "versions of symbols are missing")
      return
    }
    var known: Set<UInt16> = [0, 1]
    var at = entries[0x6fff_fffe]?.first ?? 0
    let count = entries[0x6fff_ffff]?.first ?? 0
    try require(count <= 1024 && (count == 0) == (at == 0), "versions of symbols have no sensible number")
    for index in 0..<count {
      let need = try read("versions", at, 16)
      let (file, next) = (need.littleEndian(UInt32.self, at: 4), need.littleEndian(UInt32.self, at: 12))
      try require(
        need.littleEndian(UInt16.self, at: 0) == 1 && file < UInt32(strings.bytes.count), "versions are damaged")
      // The loader takes for granted that the library is one of those that are needed.
      try require(
        strings.needed.contains(Strings.name(strings.bytes, Int(file))), "versions are of a library that is not needed")
      var version = at + UInt64(need.littleEndian(UInt32.self, at: 8))
      let versions = need.littleEndian(UInt16.self, at: 2)
      try require(versions > 0, "versions are damaged")
      for inner in 0..<versions {
        let entry = try read("versions", version, 16)
        try require(entry.littleEndian(UInt32.self, at: 8) < UInt32(strings.bytes.count), "versions are damaged")
        known.insert(entry.littleEndian(UInt16.self, at: 6) & 0x7fff)
        let step = entry.littleEndian(UInt32.self, at: 12)
        try require((step == 0) == (inner == versions - 1), "versions are damaged")
        version += UInt64(step)
      }
      try require((next == 0) == (index == count - 1), "versions are damaged")
      at += UInt64(next)
    }
    if let definitions = entries[0x6fff_fffc]?.first { known.formUnion(try ownVersions(definitions, strings)) }
    let numbers = try read("versions", table, symbolCount * 2)
    for at in stride(from: 0, to: numbers.count, by: 2) {
      let number = numbers.littleEndian(UInt16.self, at: at) & 0x7fff
      try require(known.contains(number), "symbols have versions that there are not")
    }
  }

  /// The versions of symbols that the library itself defines, which some linkers write for its name alone.
  private func ownVersions(_ start: UInt64, _ strings: Strings) throws -> Set<UInt16> {
    var (versions, at) = (Set<UInt16>(), start)
    while versions.count < 1024 {
      let entry = try read("versions", at, 20)
      let name = try read("versions", at + UInt64(entry.littleEndian(UInt32.self, at: 12)), 8)
      try require(
        entry.littleEndian(UInt16.self, at: 0) == 1
          && name.littleEndian(UInt32.self, at: 0) < UInt32(strings.bytes.count)
          && versions.insert(entry.littleEndian(UInt16.self, at: 4) & 0x7fff).inserted, "versions are damaged")
      let next = entry.littleEndian(UInt32.self, at: 16)
      if next == 0 { return versions }
      at += UInt64(next)
    }
    throw ElbowError(.library, "The library '\(file.path)' has more versions of symbols than are read.")
  }

  // MARK: Relocations

  /// The kinds that a compiler of C makes: what becomes an address of this library, what that of a symbol, and what the same
  /// plus a number.
  private var kinds: (relative: UInt32, symbols: Set<UInt32>, others: Set<UInt32>) {
    switch machine {
    case 62: (8, [6, 7], [1, 16, 17, 18])
    case 183: (1027, [1025, 1026], [257, 1028, 1029, 1030, 1031])
    default: (3, [5], [2, 7, 9, 11])
    }
  }

  /// - Returns: The places that are given addresses of this library, with these.
  private func checkRelocations(_ entries: Entries, symbolCount: UInt64) throws -> [UInt64: UInt64?] {
    var pointers: [UInt64: UInt64?] = [:]
    try require(
      (entries[7] == nil || entries[9] == [24]) && (entries[23] == nil || entries[20] == [7]),
      "relocations have another form than relocations have")
    for (tag, sizeTag, name) in [(7, 8, ".rela.dyn"), (23, 2, ".rela.plt")] as [(UInt64, UInt64, String)] {
      let (address, size, section) = (entries[tag]?.first, entries[sizeTag]?.first ?? 0, sections[name])
      try require(
        (address == nil) == (size == 0) && (section == nil || size == section?.byteCount), "relocations are missing")
      guard let address, size > 0 else { continue }
      try require(
        size % 24 == 0 && size <= 1 << 30 && (section == nil || place(address, size) == section?.offset),
        "relocations are not where their section is")
      let table = try read("relocations", address, size)
      for at in stride(from: 0, to: table.count, by: 24) {
        try checkRelocation([UInt8](table[at..<at + 24]), symbolCount, &pointers)
      }
    }
    // The first so many are taken for relative ones without a look.
    if let count = entries[0x6fff_fff9]?.first {
      try require(count <= (entries[8]?.first ?? 0) / 24, "relocations are fewer than it says")
      let table = try read("relocations", entries[7]?.first ?? 0, count * 24)
      for at in stride(from: 0, to: table.count, by: 24) {
        try require(table.littleEndian(UInt32.self, at: at + 8) == kinds.relative, "relocations are in another order")
      }
    }
    return pointers
  }

  private func checkRelocation(_ entry: [UInt8], _ symbolCount: UInt64, _ pointers: inout [UInt64: UInt64?]) throws {
    let (target, addend) = (entry.littleEndian(UInt64.self, at: 0), entry.littleEndian(UInt64.self, at: 16))
    let (kind, symbol) = (entry.littleEndian(UInt32.self, at: 8), entry.littleEndian(UInt32.self, at: 12))
    try require(
      target % 8 == 0 && holds(target, 8, flags: Segment.writable) && !isDynamic(target),
      "relocations are of what cannot be written to")
    try require(pointers[target] == nil, "relocations are of one place twice")
    try require(UInt64(symbol) < symbolCount, "relocations are to symbols that there are not")
    if kind == kinds.relative {
      try require(holds(addend, 0), "relocations point outside")
      pointers[target] = addend
    } else {
      let isKnown = kinds.symbols.contains(kind) ? addend == 0 : kinds.others.contains(kind) && addend < 1 << 32
      try require(isKnown, "relocations are of a kind unknown")
      pointers[target] = .some(nil)
    }
  }

  /// The functions that run when the library is loaded and when the process ends.
  private func checkFunctions(_ entries: Entries, _ pointers: [UInt64: UInt64?]) throws {
    for (tag, name) in [(12, ".init"), (13, ".fini")] as [(UInt64, String)] {
      guard let function = entries[tag]?.first else { continue }
      try require(
        holds(function, 1, flags: Segment.executable) && place(function, 1) == sections[name]?.offset,
        "first or last function is none")
    }
    for (tag, sizeTag) in [(25, 27), (26, 28)] as [(UInt64, UInt64)] {
      try require((entries[tag] == nil) == (entries[sizeTag] == nil), "first or last functions are missing")
      guard let address = entries[tag]?.first, let size = entries[sizeTag]?.first else { continue }
      try require(size % 8 == 0 && holds(address, size), "first or last functions lie outside of what is mapped")
      for place in stride(from: address, to: address + size, by: 8) {
        // Some linkers write the address to its place, too.
        let written = try read("first and last functions", place, 8).littleEndian(UInt64.self, at: 0)
        let pointer = pointers[place] ?? nil
        try require(
          pointer.map { holds($0, 1, flags: Segment.executable) && [0, $0].contains(written) } ?? false,
          "first or last functions are none")
      }
    }
    if let table = entries[3]?.first {
      try require(holds(table, 0), "table of addresses lies outside of what is mapped")
    }
  }
}
