import ElbowArrays
import ElbowGraph

/// A value that stands for a number: equal where the same operations were applied to the same elements.
///
/// Numbers are elements of the ring of integers modulo 2^64 in which inputs are random. Sums and products of matrices are
/// carried out in it, so that they may be cut and put in any order; every other operation is a hash of its operands.
typealias Fingerprint = UInt64

extension Fingerprint {
  /// A number that depends on all bits of two others and on their order (Steele et al. 2014, "SplitMix").
  static func mix(_ a: Fingerprint, _ b: Fingerprint) -> Fingerprint {
    var z = a &* 0x9e37_79b9_7f4a_7c15 &+ b &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A number that depends on a role and a position.
  static func of(_ role: some Hashable, _ position: Int) -> Fingerprint {
    mix(Fingerprint(bitPattern: Int64(role.hashValue)), Fingerprint(bitPattern: Int64(position)))
  }
}

/// Working memory and state while a schedule is interpreted: a fingerprint for each byte at which an element begins, and nil
/// where nobody has written.
struct InterpretedMemory {
  private var cells: [Fingerprint?] = []

  /// Makes room and returns where it begins.
  mutating func allocate(_ byteCount: Int) -> Int {
    let start = cells.count
    cells.append(contentsOf: repeatElement(nil, count: byteCount))
    return start
  }

  /// Gives back all from a place on.
  mutating func release(from start: Int) { cells.removeLast(cells.count - start) }

  func contains(_ address: Int, _ byteCount: Int) -> Bool { address >= 0 && address + byteCount <= cells.count }
  func read(_ address: Int) -> Fingerprint? { cells[address] }

  mutating func write(_ value: Fingerprint, at address: Int, _ byteCount: Int) {
    cells[address] = value
    for index in 1..<max(1, byteCount) { cells[address + index] = nil }
  }
}

/// Runs a schedule on fingerprints instead of numbers, for small extents: every kernel, tile and slice, with buffers where the
/// schedule says that they lie.
///
/// Whatever the order of threads, of tasks and of tiles, the results must be those of the kernels one after the other, each
/// buffer by itself. That order is not known here, so both extremes are run: all in order, and all in reverse.
struct ScheduleInterpreter {
  /// A fault of a schedule.
  struct Fault: Error {
    let kernel: Int
    let message: String
  }

  let schedule: Schedule
  let bindings: [String: Int]
  let isReversed: Bool
  private(set) var memory = InterpretedMemory()
  /// Where each buffer begins; nil for tiles that are not at work.
  private var places: [Int?]
  private let byteCounts: [Int]
  /// The bytes of an element of each buffer.
  private let sizes: [Int]
  /// Whether each buffer lies in tiles.
  private let isTile: [Bool]
  /// The strides of each buffer along its axes, in elements.
  let strides: [[Int]]
  /// Whether a buffer lies among others at fixed distances, over which one loop may go.
  private var isShared: [Bool]
  /// The tile at work, in rows.
  private var tile = 0..<0
  /// The number and the first row of the slice at work.
  private(set) var slice = (number: 0, first: 0)

  /// The rows of a tile: so few that the smallest batches have several.
  static let tileRows = 2

  /// - Parameters:
  ///   - bindings: The extents of all symbols.
  ///   - layout: Where variables lie; nil to keep every buffer by itself.
  ///   - isReversed: Whether threads, tasks and tiles come in reverse order.
  init(_ schedule: Schedule, _ bindings: [String: Int], layout: StateLayout?, isReversed: Bool = false) throws {
    self.schedule = schedule
    self.bindings = schedule.bindings(bindings)
    self.isReversed = isReversed
    let all = self.bindings
    places = [Int?](repeating: nil, count: schedule.buffers.count)
    strides = try schedule.buffers.map { try $0.strides.map { try Self.value($0, all) } }
    byteCounts = try schedule.buffers.map { try Self.value($0.shape.elementCount, all) * $0.dtype.byteCount }
    sizes = schedule.buffers.map(\.dtype.byteCount)
    isTile = schedule.buffers.map { $0.storage == .tile }
    isShared = schedule.buffers.map { if case .variable = $0.storage { layout != nil } else { false } }
    for member in schedule.gangs.flatMap(\.members) { isShared[member.buffer] = true }
    try place(layout)
    fill()
  }

  static func value(_ dimension: Dimension, _ bindings: [String: Int]) throws -> Int {
    guard let value = dimension.evaluated(with: bindings), value >= 0 else {
      throw Fault(kernel: 0, message: "the extent \(dimension) has no value")
    }
    return value
  }

  // MARK: Memory

  private mutating func place(_ layout: StateLayout?) throws {
    guard let layout else {
      for buffer in places.indices { places[buffer] = memory.allocate(byteCounts[buffer]) }
      return
    }
    let state = memory.allocate(layout.byteCount)
    for (index, buffer) in schedule.buffers.enumerated() {
      switch buffer.storage {
      case .variable(let variable): places[index] = state + layout.offsets[variable]
      case .input, .output, .constant: places[index] = memory.allocate(byteCounts[index])
      case .arena, .slices, .tile: break
      }
    }
    for slot in schedule.memory.arena {
      let base = memory.allocate(try slot.byteCounts.map { try Self.value($0, bindings) }.max() ?? 0)
      for buffer in slot.buffers { places[buffer] = base + (slot.offsets[buffer] ?? 0) }
    }
  }

  /// Inputs, constants and the variables' values before the run.
  private mutating func fill() {
    for (index, buffer) in schedule.buffers.enumerated() {
      let isGiven =
        switch buffer.storage {
        case .input, .constant: true
        case .variable: buffer.isOldValue(in: schedule.program)
        default: false
        }
      guard isGiven, let place = places[index] else { continue }
      let size = sizes[index]
      let role: Fingerprint =
        switch buffer.storage {
        case .variable(let variable): .of("variable", variable)
        default: .of("node", buffer.node)
        }
      for element in 0..<count(index) {
        memory.write(.mix(role, Fingerprint(element)), at: place + element * size, size)
      }
    }
  }

  /// Where an element lies. Within a tile's memory rows count from the tile's first.
  private func address(_ buffer: Int, _ element: Int, _ kernel: Int) throws -> Int {
    guard let place = places[buffer] else {
      throw Fault(kernel: kernel, message: "buffer \(buffer) lies in the tiles of another task")
    }
    var element = element
    let size = sizes[buffer]
    var room = byteCounts[buffer]
    if isTile[buffer] {
      element -= tile.lowerBound * strides[buffer][0]
      room = tile.count * strides[buffer][0] * size
    }
    // One loop may go through all that lies behind a variable.
    if isShared[buffer] { room = .max }
    let address = place + element * size
    guard element >= 0, (element + 1) * size <= room, memory.contains(address, size) else {
      throw Fault(kernel: kernel, message: "element \(element) of buffer \(buffer) lies outside of it")
    }
    return address
  }

  func read(_ buffer: Int, _ element: Int, _ kernel: Int) throws -> Fingerprint {
    guard let value = memory.read(try address(buffer, element, kernel)) else {
      // The values that such a loop makes of the gaps between variables are of no use to anybody.
      if isShared[buffer] { return .of("gap", kernel) }
      throw Fault(kernel: kernel, message: "element \(element) of buffer \(buffer) is read before it is written")
    }
    return value
  }

  mutating func write(_ value: Fingerprint, _ buffer: Int, _ element: Int, _ kernel: Int) throws {
    memory.write(value, at: try address(buffer, element, kernel), sizes[buffer])
  }

  /// The number of a buffer's elements.
  func count(_ buffer: Int) -> Int { byteCounts[buffer] / sizes[buffer] }

  /// The elements of a buffer that lies outside of tiles.
  func elements(_ buffer: Int) -> [Fingerprint?] {
    guard let place = places[buffer] else { return [] }
    return (0..<count(buffer)).map { memory.read(place + $0 * sizes[buffer]) }
  }

  // MARK: Stages

  private func inOrder<T>(_ elements: [T]) -> [T] { isReversed ? elements.reversed() : elements }

  mutating func run() throws {
    for (stage, content) in schedule.stages.enumerated() {
      for task in inOrder(Array(content.tasks.indices)) {
        try run(content.tasks[task], schedule.memory.slots(stage: stage, task: task) ?? [])
      }
    }
  }

  /// Runs the kernels as they were listed, without stages: each after all that write what it reads.
  mutating func runByDemand() throws {
    var writers: [Int: [Int]] = [:]
    for (index, kernel) in schedule.kernels.enumerated() {
      for buffer in kernel.writes { writers[buffer, default: []].append(index) }
    }
    var done: Set<Int> = []
    for kernel in schedule.kernels.indices {
      // A stack, for graphs are deep.
      var stack = [(kernel: kernel, needs: needs(kernel, writers))]
      var waiting: Set<Int> = [kernel]
      while let last = stack.last {
        if !done.contains(last.kernel), let next = last.needs.first(where: { !done.contains($0) }) {
          guard waiting.insert(next).inserted else { throw Fault(kernel: next, message: "it depends on itself") }
          stack.append((next, needs(next, writers)))
          continue
        }
        if done.insert(last.kernel).inserted { try runWhole(last.kernel) }
        stack.removeLast()
      }
    }
  }

  /// The kernels that write what a kernel reads, and those that write what it writes and were listed before it.
  private func needs(_ kernel: Int, _ writers: [Int: [Int]]) -> [Int] {
    schedule.kernels[kernel].reads.flatMap { (writers[$0] ?? []).filter { $0 != kernel } }
      + schedule.kernels[kernel].writes.flatMap { (writers[$0] ?? []).filter { $0 < kernel } }
  }

  private mutating func runWhole(_ kernel: Int) throws {
    let rows = try schedule.kernels[kernel].partition.map { try Self.value($0.extent, bindings) } ?? 1
    if schedule.kernels[kernel].isPartial {
      for slice in slices(rows, of: schedule.kernels[kernel].partition?.extent) {
        self.slice = (slice.number, slice.rows.lowerBound)
        try run(kernel, slice.rows)
      }
    } else {
      try run(kernel, 0..<rows)
    }
  }

  private mutating func run(_ task: ScheduledTask, _ slots: [MemoryPlan.Slot]) throws {
    let rows = try task.extent.map { try Self.value($0, bindings) } ?? 1
    guard task.isTiled else {
      for kernel in task.kernels { for row in inOrder(Array(0..<rows)) { try run(kernel, row..<row + 1) } }
      return
    }
    let isSliced = task.kernels.contains { schedule.kernels[$0].isPartial }
    for slice in inOrder(isSliced ? slices(rows, of: task.extent) : [(number: 0, rows: 0..<rows)]) {
      self.slice = (slice.number, slice.rows.lowerBound)
      let firsts = stride(from: slice.rows.lowerBound, to: slice.rows.upperBound, by: Self.tileRows)
      // Tiles of a slice follow each other, those of a batch do not.
      for first in isSliced ? Array(firsts) : inOrder(Array(firsts)) {
        try run(task, first..<min(first + Self.tileRows, slice.rows.upperBound), slots)
      }
    }
  }

  private func slices(_ rows: Int, of extent: Dimension?) -> [(number: Int, rows: Range<Int>)] {
    let count = schedule.slices.first { $0.extent == extent }?.count(rows: rows) ?? 1
    return (0..<count).map { ($0, rows * $0 / count..<rows * ($0 + 1) / count) }
  }

  private mutating func run(_ task: ScheduledTask, _ tile: Range<Int>, _ slots: [MemoryPlan.Slot]) throws {
    self.tile = tile
    let start = memory.allocate(0)
    for slot in slots {
      let rowBytes = try slot.byteCounts.map { try Self.value($0, bindings) }.max() ?? 0
      let base = memory.allocate(rowBytes * tile.count)
      for buffer in slot.buffers { places[buffer] = base }
    }
    for kernel in task.kernels { try run(kernel, tile) }
    for buffer in slots.flatMap(\.buffers) { places[buffer] = nil }
    memory.release(from: start)
  }
}
