/// The addresses that the loader writes, and the functions that it calls.
extension ELFLoading {
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
  func checkRelocations(_ entries: Entries, symbolCount: UInt64) throws -> [UInt64: UInt64?] {
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
  func checkFunctions(_ entries: Entries, _ pointers: [UInt64: UInt64?]) throws {
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
