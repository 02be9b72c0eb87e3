import ElbowArrays
import ElbowGraph
import ElbowSchedule

/// The cost of a schedule for given extents, and why it is as it is: what `graphc explain` prints.
package struct ScheduleAnalysis: Sendable {
  /// A kernel that runs, after fusion.
  package struct KernelReport: Sendable, Hashable {
    /// Its place in ``Schedule/kernels``.
    package var number: Int
    /// The name of its result, after which its function in C is called.
    package var name: String
    package var stage: Int
    /// The operations that it computes, each once, in order.
    package var operations: [String]
    /// The user's lines that these come from, as far as they have been looked up.
    package var places: [String]
    package var cost: KernelCost
    /// How a convolution takes fewer multiplications than it has products: `F(4 x 4, 5 x 5)`, outputs and taps of a patch.
    package var algorithm: String?
    /// The bytes that are in use while it runs: of its task's tile, or of all that it reads and writes.
    package var workingSet: Double
  }

  /// The kernels in the order in which they run.
  package var kernels: [KernelReport]
  package var tasks: [TilingReport]
  /// The maps that might have finished a contraction's tiles.
  package var epilogues: [EpilogueReport]
  /// Working memory for whole arrays, in bytes.
  package var arenaBytes: Double
  /// Working memory of a thread for a tile, in bytes.
  package var scratchBytes: Double
  package var stateBytes: Int

  /// - Parameter symbols: The extents that the program's symbols stand for.
  /// - Throws: `ElbowError` if a symbol has no extent of at least 1.
  package init(_ schedule: Schedule, symbols: [String: Int]) throws {
    for symbol in schedule.program.symbols where (symbols[symbol] ?? 0) < 1 {
      throw ElbowError(.invalidArgument, "The extent '\(symbol)' of '\(schedule.program.name)' is not at least 1.")
    }
    let bindings = schedule.bindings(symbols)
    let count = OperationCount(bindings: bindings)
    kernels = schedule.stages.enumerated().flatMap { stage, content in
      content.tasks.flatMap { task in
        task.kernels.map { number in
          let kernel = schedule.kernels[number]
          return KernelReport(
            number: number, name: schedule.resultName(number), stage: stage,
            operations: kernel.operations(schedule.program),
            places: kernel.places(schedule.program),
            cost: KernelCost(kernel, schedule.buffers, bindings: bindings),
            algorithm: kernel.winograd?.notation,
            workingSet: ScheduleAnalysis.workingSet(task, number, schedule, count))
        }
      }
    }
    tasks = TilingReport.all(schedule)
    epilogues = EpilogueReport.all(schedule)
    func bytes(_ slots: [MemoryPlan.Slot], rows: Double = 1) -> Double {
      slots.reduce(0) { total, slot in
        let largest = (slot.byteCounts.map { count.value($0) }.max() ?? 0) * rows
        return total + (largest / Double(StateLayout.alignment)).rounded(.up) * Double(StateLayout.alignment)
      }
    }
    arenaBytes = bytes(schedule.memory.arena)
    scratchBytes =
      schedule.memory.tiles.map { tile in
        let task = schedule.stages[tile.stage].tasks[tile.task]
        return bytes(tile.slots, rows: ScheduleAnalysis.tileRows(task, schedule, count))
      }.max() ?? 0
    scratchBytes += Double(schedule.memory.workspaceByteCount)
    stateBytes = try StateLayout(schedule.program.variables).byteCount
  }

  /// The rows of a tile when one thread goes through the batch.
  private static func tileRows(_ task: ScheduledTask, _ schedule: Schedule, _ count: OperationCount) -> Double {
    let most = Double(task.tileRows ?? 1)
    if schedule.slices(of: task) != nil { return most }
    let all = max(1, task.extent.map { count.value($0) } ?? 1)
    return (all / (all / most).rounded(.up)).rounded(.up)
  }

  private static func workingSet(
    _ task: ScheduledTask, _ kernel: Int, _ schedule: Schedule, _ count: OperationCount
  ) -> Double {
    var bytes: [Int: Double] = [:]
    for index in task.isTiled ? task.kernels : [kernel] {
      for (buffer, moved) in BufferTraffic(schedule.kernels[index], schedule.buffers, count).byteCounts {
        var used = moved
        if task.isTiled, let extent = task.extent, schedule.buffers[buffer].shape.dimensions.first == extent {
          used *= min(1, tileRows(task, schedule, count) / max(1, count.value(extent)))
        }
        bytes[buffer] = max(bytes[buffer] ?? 0, used)
      }
    }
    return bytes.values.reduce(0, +)
  }
}

extension Kernel {
  /// The names of the operations that it computes, each once, in order.
  func operations(_ program: Program) -> [String] {
    var names: [String] = []
    for node in nodes where !(program.nodes[node].primitive is Constant) {
      let name = type(of: program.nodes[node].primitive).name
      if !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// The user's lines that its operations come from, of those that have been looked up: see `Program.withLocations`.
  func places(_ program: Program) -> [String] {
    var places: [String] = []
    for node in nodes {
      guard case .known(let place) = program.nodes[node].source, !places.contains(place.description) else { continue }
      places.append(place.description)
    }
    return places
  }
}
