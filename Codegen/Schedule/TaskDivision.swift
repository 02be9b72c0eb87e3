import ElbowGraph

/// Decides in which pieces the threads share the work of each task: tiles with as many rows of a batch as keep their working memory
/// in the second-level cache, or as were measured to be best, and steps of a loop that fill vectors or tiles of registers.
struct TaskDivision {
  private var schedule: Schedule
  /// The rows that a measurement chose, for the tasks in slices of the batch if there are any, for all others if not.
  private let tuned: Int?

  init(_ schedule: Schedule, _ options: SchedulingOptions) {
    self.schedule = schedule
    tuned = options.tileRows
  }

  func divided() -> Schedule {
    var copy = schedule
    for stage in copy.stages.indices {
      for task in copy.stages[stage].tasks.indices {
        let work = schedule.stages[stage].tasks[task]
        let usesLibrary = work.kernels.contains { schedule.kernels[$0].usesLibrary }
        copy.stages[stage].tasks[task].tileRows = work.isTiled ? rows(work, stage, task) : nil
        copy.stages[stage].tasks[task].grain = work.isTiled ? 1 : work.kernels.first.map(grain) ?? 1
        copy.stages[stage].tasks[task].tileThreads = usesLibrary ? Kernel.libraryThreads : nil
      }
    }
    return copy
  }

  // MARK: Tiles

  private func winograds(_ task: ScheduledTask) -> [WinogradConvolution] {
    task.kernels.compactMap { schedule.kernels[$0].winograd }
  }

  /// The most rows of a tile of a task. Where a gradient by a convolution's kernel is summed up at Winograd's points they are whole
  /// groups of images, so that it does not show in the sum which rows a tile has.
  private func rows(_ task: ScheduledTask, _ stage: Int, _ position: Int) -> Int {
    let isGrouped = winograds(task).contains { $0.result == .kernel }
    let group = isGrouped ? WinogradConvolution.leastRows : 1
    return (anyRows(task, stage, position) + group - 1) / group * group
  }

  private func anyRows(_ task: ScheduledTask, _ stage: Int, _ position: Int) -> Int {
    let isSliced = schedule.slices(of: task) != nil
    if let tuned, isSliced == !schedule.slices.isEmpty { return tuned }
    if isSliced, let slots = schedule.memory.slots(stage: stage, task: position) {
      let bytes = slots.map { slot in slot.byteCounts.map { $0.value ?? 0 }.max() ?? 0 }.reduce(0, +)
      // Rows that a tile should have even if it then leaves the cache.
      let least = winograds(task).isEmpty ? 1 : WinogradConvolution.leastRows
      return max(least, min(16, TaskDivision.cacheByteCount / max(1, bytes)))
    }
    var bytes = 0
    for kernel in task.kernels {
      for buffer in schedule.kernels[kernel].reads.union(schedule.kernels[kernel].writes)
      where schedule.buffers[buffer].shape.dimensions.first == task.extent {
        bytes +=
          (schedule.buffers[buffer].strides[0].value ?? 0) * schedule.buffers[buffer].dtype.byteCount
          / task.kernels.count
      }
    }
    return max(8, min(64, TaskDivision.cacheByteCount / max(1, bytes)))
  }

  /// A part of the second-level cache.
  private static let cacheByteCount = 1 << 19

  // MARK: Whole arrays

  private func grain(_ index: Int) -> Int {
    let kernel = schedule.kernels[index]
    if let winograd = kernel.winograd { return winograd.grain }
    if kernel.usesLibrary { return Kernel.libraryRows }
    guard case .map = kernel.body else { return 1 }
    return kernel.loops.filter { !$0.isReduction }.count == 1 ? 16 : 1
  }
}
