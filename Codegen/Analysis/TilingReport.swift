import ElbowGraph
import ElbowSchedule

/// Whether a task goes through the batch in tiles, and why not if it does not.
package struct TilingReport: Sendable, Hashable, Codable {
  /// Why a task is not cut into tiles.
  package enum Obstacle: String, Sendable, Hashable, Codable, CaseIterable {
    case noBatch = "does not go through the batch"
    case addsSlices = "adds the parts that slices of the batch left"
    case reducesOverTheBatch = "reduces over the batch"
    case columnsAreOutermost = "its outermost loop is the columns of a product, which are needed whole"
    case outermostIsNotTheBatch = "its outermost loop is not the batch"
    case writesOtherRows = "writes rows of others"
    case isLoop = "is a loop, whose steps all threads take together"
  }
  /// Why a task in tiles does not share them with one of an earlier stage.
  package enum Separation: String, Sendable, Hashable, Codable, CaseIterable {
    case readsOtherRows = "reads rows of others, which an earlier stage computes"
    case waits = "waits for what an earlier stage computes from the whole batch"
  }

  package var stage: Int
  /// The kernels, by number, in order.
  package var kernels: [Int]
  /// The extent that is cut, `n`; nil where nothing can be.
  package var extent: String?
  /// The most rows of a tile; nil if the task has no tiles.
  package var tileRows: Int?
  /// Whether the batch is cut into slices that each leave a part of a sum.
  package var isSliced: Bool
  package var obstacle: Obstacle?
  package var separation: Separation?

  /// All tasks of a schedule, in order.
  static func all(_ schedule: Schedule) -> [TilingReport] {
    schedule.stages.enumerated().flatMap { stage, content in
      content.tasks.map { task in
        TilingReport(
          stage: stage, kernels: task.kernels, extent: task.extent.map(\.description),
          tileRows: task.tileRows, isSliced: task.isTiled && schedule.slices(of: task) != nil,
          obstacle: task.isTiled ? nil : task.kernels.first.map { obstacle(schedule, $0) },
          separation: task.isTiled ? separation(schedule, task, stage) : nil)
      }
    }
  }

  private static func obstacle(_ schedule: Schedule, _ index: Int) -> Obstacle {
    let kernel = schedule.kernels[index]
    if case .scan = kernel.body { return .isLoop }
    let batch = kernel.loops.filter { $0.extent.isSymbolic }
    guard !batch.isEmpty else { return .noBatch }
    if batch.contains(where: { loop in schedule.slices.contains { $0.count == loop.extent } }) { return .addsSlices }
    if batch.contains(where: \.isReduction) { return .reducesOverTheBatch }
    guard let partition = kernel.partition else { return .columnsAreOutermost }
    return partition.extent.isSymbolic ? .writesOtherRows : .outermostIsNotTheBatch
  }

  private static func separation(_ schedule: Schedule, _ task: ScheduledTask, _ stage: Int) -> Separation? {
    let earlier = schedule.stages[..<stage].flatMap(\.tasks).filter { $0.isTiled && $0.extent == task.extent }
    guard !earlier.isEmpty else { return nil }
    let written = earlier.flatMap(\.kernels).reduce(into: Set<Int>()) { $0.formUnion(schedule.kernels[$1].writes) }
    let crosses = task.kernels.contains { index in
      let kernel = schedule.kernels[index]
      guard let loop = kernel.partition else { return false }
      return kernel.reads.intersection(written).contains { !kernel.staysInRow(of: $0, schedule.buffers[$0], loop) }
    }
    return crosses ? .readsOtherRows : .waits
  }
}
