import ElbowGraph

/// How many rows of a batch a tile has: as many as keep its working memory in the second-level cache, or what was measured
/// to be best.
struct TileRows {
  let schedule: Schedule
  let plan: MemoryPlan
  /// The rows that a measurement chose, for the tasks in slices of the batch if there are any, for all others if not.
  let tuned: Int?
  let contractions: ContractionBackend

  /// The slices of the batch that a task leaves parts of sums for; nil if it leaves none.
  func slices(_ task: ScheduledTask) -> BatchSlices? {
    guard task.kernels.contains(where: { schedule.kernels[$0].isPartial }) else { return nil }
    return schedule.slices.first { $0.extent == task.extent }
  }

  /// Rows that a tile should have even if it then leaves the cache.
  private func leastRows(_ task: ScheduledTask) -> Int {
    task.kernels.contains { schedule.kernels[$0].winograd(contractions) != nil } ? WinogradConvolution.leastRows : 1
  }

  /// The most rows of a tile of a task. Where a gradient by a convolution's kernel is summed up at Winograd's points they are whole
  /// groups of images, so that it does not show in the sum which rows a tile has.
  func rows(_ task: ScheduledTask) -> Int {
    let isGrouped = task.kernels.contains { schedule.kernels[$0].winograd(contractions)?.result == .kernel }
    let group = isGrouped ? WinogradConvolution.leastRows : 1
    return (anyRows(task) + group - 1) / group * group
  }

  private func anyRows(_ task: ScheduledTask) -> Int {
    let isSliced = slices(task) != nil
    if let tuned, isSliced == !schedule.slices.isEmpty { return tuned }
    if isSliced,
      let tile = plan.tiles.first(where: { tile in
        schedule.stages[tile.stage].tasks[tile.task].kernels == task.kernels
      })
    {
      let bytes = tile.slots.map { slot in slot.byteCounts.map { $0.value ?? 0 }.max() ?? 0 }.reduce(0, +)
      return max(leastRows(task), min(16, (1 << 19) / max(1, bytes)))
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
    return max(8, min(64, (1 << 19) / max(1, bytes)))
  }
}
