import ElbowArrays
import ElbowGraph

/// Conditions that hold for every schedule, whatever it computes, seen without running it: they are checked after each pass in debug
/// builds, by `graphc explain` and by `graphc verify`.
///
/// - A kernel runs at most once, and those of a tiled task go through rows of one extent.
/// - Tasks of one stage do not read what another of them writes.
/// - Working memory is written in an earlier stage or earlier in the same task before it is read.
/// - Once memory is planned, all that is used lies in one place, and what shares a place is never needed at the same time.
/// - The columns of a contraction's result lie side by side, as the building blocks write them.
/// - Once tasks are divided, tiles have rows, in whole groups where a sum depends on them.
///
/// That values are right is for ``ScheduleVerifier``.
struct ScheduleInvariants {
  private let schedule: Schedule
  /// The kernels with their stage and task, in the order of their work.
  private let order: [Step]
  /// The steps that use each buffer.
  private var uses: [Int: [Use]] = [:]

  private struct Step {
    let stage: Int
    let task: Int
    /// Its place within the task.
    let place: Int
    let kernel: Int

    func isBefore(_ other: Step) -> Bool {
      stage < other.stage || (stage == other.stage && task == other.task && place < other.place)
    }
  }

  private struct Use {
    let step: Step
    let isRead: Bool
    let isWrite: Bool
  }

  init(_ schedule: Schedule) {
    self.schedule = schedule
    order = schedule.stages.enumerated().flatMap { stage, content in
      content.tasks.enumerated().flatMap { task, work in
        work.kernels.enumerated().map { Step(stage: stage, task: task, place: $0, kernel: $1) }
      }
    }
    for step in order {
      let kernel = schedule.kernels[step.kernel]
      let (reads, writes) = (kernel.reads, kernel.writes)
      for buffer in reads.union(writes) {
        uses[buffer, default: []].append(
          Use(step: step, isRead: reads.contains(buffer), isWrite: writes.contains(buffer)))
      }
    }
  }

  /// - Parameter pass: The pass that made the schedule, for the message.
  /// - Throws: `ElbowError` with the first condition that does not hold.
  func check(after pass: String) throws {
    guard let fault = orderFault ?? productFault ?? memoryFault ?? divisionFault else { return }
    throw ElbowError(
      .internal,
      "The schedule of '\(schedule.program.name)' is wrong after '\(pass)': \(fault). This is a fault of Elbow's.")
  }

  // MARK: Order

  private var orderFault: String? {
    var seen: Set<Int> = []
    for step in order {
      guard seen.insert(step.kernel).inserted else { return "kernel \(step.kernel) runs twice" }
      let task = schedule.stages[step.stage].tasks[step.task]
      if task.isTiled, schedule.kernels[step.kernel].partition?.extent != task.extent {
        return "kernel \(step.kernel) does not go through the rows of its task"
      }
    }
    return uses.sorted { $0.key < $1.key }.lazy.compactMap { orderFault($0, $1) }.first
  }

  private func orderFault(_ buffer: Int, _ uses: [Use]) -> String? {
    for write in uses where write.isWrite {
      if let read = uses.first(where: {
        $0.isRead && $0.step.stage == write.step.stage && $0.step.task != write.step.task
      }) {
        return "kernel \(read.step.kernel) reads buffer \(buffer) while another task writes it"
      }
    }
    guard isWorkingMemory(buffer) else { return nil }
    for read in uses where read.isRead {
      let isWritten = uses.contains { $0.isWrite && $0.step.isBefore(read.step) }
      let isOwn = read.isWrite && schedule.kernels[read.step.kernel].readsWhatItWrites
      if !isWritten, !isOwn { return "kernel \(read.step.kernel) reads buffer \(buffer), which nobody wrote before" }
    }
    return nil
  }

  /// Whether a buffer has no value before somebody writes it. One loop over a gang writes all of it.
  private func isWorkingMemory(_ buffer: Int) -> Bool {
    switch schedule.buffers[buffer].storage {
    case .arena, .tile, .slices: !schedule.gangs.contains { $0.members.contains { $0.buffer == buffer } }
    default: false
    }
  }

  // MARK: Products

  private var productFault: String? {
    for step in order {
      guard case .contraction(let body) = schedule.kernels[step.kernel].body, let column = body.columns.last else {
        continue
      }
      if body.result.index.coefficients[column] != 1 {
        return "the columns of kernel \(step.kernel) do not lie side by side in its result"
      }
    }
    return nil
  }

  // MARK: Memory

  private var memoryFault: String? {
    guard !schedule.memory.isEmpty else { return nil }
    for (buffer, uses) in uses.sorted(by: { $0.key < $1.key }) {
      switch schedule.buffers[buffer].storage {
      case .arena, .slices:
        if schedule.memory.arena.count(where: { $0.buffers.contains(buffer) }) != 1 {
          return "buffer \(buffer) does not lie in one place"
        }
      case .tile:
        guard let first = uses.first?.step else { continue }
        if uses.contains(where: { $0.step.stage != first.stage || $0.step.task != first.task }) {
          return "buffer \(buffer) lies in a tile, and several tasks use it"
        }
        let slots = schedule.memory.slots(stage: first.stage, task: first.task) ?? []
        if slots.count(where: { $0.buffers.contains(buffer) }) != 1 {
          return "buffer \(buffer) does not lie in one place of a tile"
        }
      default: break
      }
    }
    return schedule.memory.arena.lazy.compactMap { overlap($0, by: \.stage) }.first
      ?? schedule.memory.tiles.lazy.flatMap(\.slots).compactMap { overlap($0, by: \.place) }.first
  }

  /// Two buffers of a place that are in use at the same time.
  private func overlap(_ slot: MemoryPlan.Slot, by time: KeyPath<Step, Int>) -> String? {
    guard slot.offsets.isEmpty else { return nil }
    var spans: [(buffer: Int, first: Int, last: Int)] = []
    for buffer in slot.buffers {
      let times = (uses[buffer] ?? []).map { $0.step[keyPath: time] }
      guard let first = times.min(), let last = times.max() else { continue }
      spans.append((buffer, first, last))
    }
    spans.sort { $0.first < $1.first }
    for (one, next) in zip(spans, spans.dropFirst()) where next.first <= one.last {
      return "buffers \(one.buffer) and \(next.buffer) share a place while both are needed"
    }
    return nil
  }

  // MARK: Division

  private var divisionFault: String? {
    let tasks = schedule.stages.flatMap(\.tasks)
    guard tasks.contains(where: { $0.tileRows != nil }) else { return nil }
    for task in tasks where task.isTiled {
      guard let rows = task.tileRows, rows >= 1 else { return "a tile of the kernels \(task.kernels) has no rows" }
      let isGrouped = task.kernels.contains { schedule.kernels[$0].winograd?.result == .kernel }
      if isGrouped, rows % WinogradConvolution.leastRows != 0 {
        return "a tile of the kernels \(task.kernels) has \(rows) rows, no whole groups"
      }
    }
    return nil
  }
}

extension Kernel {
  /// Whether it may read elements that it wrote: a product's result that another map finishes, or what earlier steps of a nest or
  /// of a loop left.
  fileprivate var readsWhatItWrites: Bool {
    if !epilogue.isEmpty { return true }
    switch body {
    case .nest, .scan: return true
    case .map, .contraction: return false
    }
  }
}
