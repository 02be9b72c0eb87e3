import ElbowArrays

/// Symbols, the tables by which they are found, and their versions.
extension ELFLoading {
  /// - Returns: How many there are.
  func checkSymbols(_ entries: Entries, _ strings: Strings) throws -> UInt64 {
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

  /// The count of symbols by the table of DT_HASH: its number of chains.
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

  /// The count of symbols that the table of DT_GNU_HASH reaches.
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

  func checkVersions(_ entries: Entries, _ strings: Strings, symbolCount: UInt64) throws {
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
}
