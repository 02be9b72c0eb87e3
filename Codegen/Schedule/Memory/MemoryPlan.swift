import ElbowArrays
import ElbowGraph

/// Where a schedule's working memory lies: buffers whose lifetimes do not meet share a slot.
package struct MemoryPlan: Sendable {
  /// A piece of working memory and who lies there, one after the other.
  package struct Slot: Sendable {
    package var buffers: [Int]
    /// The bytes needed: the largest of these, which depends on the symbols.
    package var byteCounts: [Dimension]
    /// Where each buffer begins, if not all at the slot's beginning.
    package var offsets: [Int: Int] = [:]

    /// Makes the slot as large as another buffer needs. Of sizes that are known to be less than another none is kept.
    mutating func require(_ bytes: Dimension) {
      guard !byteCounts.contains(where: { ($0 - bytes).isCertainlyNonNegative }) else { return }
      byteCounts.removeAll { (bytes - $0).isCertainlyNonNegative }
      byteCounts.append(bytes)
    }
  }

  /// Working memory for whole arrays, shared by all threads.
  package var arena: [Slot]
  /// Working memory of a thread for the rows of a tile, by stage and task; byte counts are of one row.
  package var tiles: [TileSlots]

  package struct TileSlots: Sendable {
    package var stage: Int
    package var task: Int
    package var slots: [Slot]
  }

  /// The most memory of a thread that a kernel needs beside its operands, in bytes.
  package var workspaceByteCount: Int

  /// Whether nothing has a place.
  package var isEmpty: Bool { arena.isEmpty && tiles.isEmpty }

  /// A plan of no memory.
  package init() { (arena, tiles, workspaceByteCount) = ([], [], 0) }

  package init(_ schedule: Schedule) {
    let running = schedule.stages.flatMap { $0.tasks.flatMap(\.kernels) }
    workspaceByteCount = running.compactMap { schedule.kernels[$0].winograd?.byteCount }.max() ?? 0
    let planner = MemoryPlanner(schedule)
    arena = planner.planArena()
    for gang in schedule.gangs {
      arena.append(
        Slot(
          buffers: gang.members.map(\.buffer), byteCounts: [Dimension(gang.byteCount)],
          offsets: Dictionary(uniqueKeysWithValues: gang.members.map { ($0.buffer, $0.byteOffset) })))
    }
    tiles = []
    for (stage, content) in schedule.stages.enumerated() {
      for (task, work) in content.tasks.enumerated() where work.isTiled {
        let slots = planner.planTile(work)
        if !slots.isEmpty { tiles.append(TileSlots(stage: stage, task: task, slots: slots)) }
      }
    }
  }

  /// The working memory of a task for a row of a tile; nil if it needs none.
  package func slots(stage: Int, task: Int) -> [Slot]? { tiles.first { $0.stage == stage && $0.task == task }?.slots }
}

extension Schedule {
  /// The schedule with a place for all its working memory.
  package func planned() -> Schedule {
    var copy = self
    copy.memory = MemoryPlan(self)
    return copy
  }
}

/// When a buffer is in use, in steps: stages for the arena, kernels for a tile.
package struct Lifetime: Hashable {
  package var first: Int
  package var last: Int

  package func meets(_ other: Lifetime) -> Bool { first <= other.last && other.first <= last }
}

private struct MemoryPlanner {
  package let schedule: Schedule
  private let ganged: Set<Int>

  package init(_ schedule: Schedule) {
    self.schedule = schedule
    ganged = Set(schedule.gangs.flatMap { $0.members.map(\.buffer) })
  }

  package func planArena() -> [MemoryPlan.Slot] {
    var lifetimes: [Int: Lifetime] = [:]
    for (stage, content) in schedule.stages.enumerated() {
      for kernel in content.tasks.flatMap(\.kernels) { note(kernel, at: stage, [.arena, .slices], &lifetimes) }
    }
    return assign(lifetimes) { buffer in
      buffer.shape.elementCount * Dimension(buffer.dtype.byteCount)
    }
  }

  package func planTile(_ task: ScheduledTask) -> [MemoryPlan.Slot] {
    var lifetimes: [Int: Lifetime] = [:]
    for (step, kernel) in task.kernels.enumerated() { note(kernel, at: step, [.tile], &lifetimes) }
    return assign(lifetimes) { buffer in
      buffer.strides[0] * Dimension(buffer.dtype.byteCount)
    }
  }

  private func note(_ kernel: Int, at step: Int, _ storages: Set<Buffer.Storage>, _ lifetimes: inout [Int: Lifetime]) {
    let work = schedule.kernels[kernel]
    for buffer in work.reads.union(work.writes)
    where storages.contains(schedule.buffers[buffer].storage) && !ganged.contains(buffer) {
      let known = lifetimes[buffer] ?? Lifetime(first: step, last: step)
      lifetimes[buffer] = Lifetime(first: min(known.first, step), last: max(known.last, step))
    }
  }

  /// Greedy: the largest first, each into the first slot where it meets nobody.
  private func assign(_ lifetimes: [Int: Lifetime], size: (Buffer) -> Dimension) -> [MemoryPlan.Slot] {
    func estimate(_ bytes: Dimension) -> Int {
      bytes.evaluated(with: Dictionary(uniqueKeysWithValues: bytes.symbols.map { ($0, 256) })) ?? Int.max
    }
    let sized = lifetimes.keys.map { buffer in
      let bytes = size(schedule.buffers[buffer])
      return (buffer: buffer, bytes: bytes, estimate: estimate(bytes))
    }
    var slots: [MemoryPlan.Slot] = []
    // For each slot the lifetimes of who lies there, in order: they do not meet.
    var taken: [[Lifetime]] = []
    for (buffer, bytes, _) in sized.sorted(by: { ($1.estimate, $0.buffer) < ($0.estimate, $1.buffer) }) {
      guard let lifetime = lifetimes[buffer] else { continue }
      let place =
        taken.firstIndex { others in
          let next = others.firstPosition { $0.last >= lifetime.first }
          return next == others.count || !others[next].meets(lifetime)
        } ?? slots.count
      if place == slots.count {
        slots.append(MemoryPlan.Slot(buffers: [], byteCounts: []))
        taken.append([])
      }
      slots[place].buffers.append(buffer)
      slots[place].require(bytes)
      taken[place].insert(lifetime, at: taken[place].firstPosition { $0.first > lifetime.first })
    }
    return slots
  }
}
