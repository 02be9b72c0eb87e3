import ElbowArrays
import ElbowGraph

/// Work that is cut along one loop: for tiles, several kernels in turn on the same rows; otherwise a single kernel.
package struct ScheduledTask: Sendable {
  /// The extent that is cut: that of the outermost loop of all kernels. Nil where nothing can be cut.
  package var extent: Dimension?
  /// Whether the kernels work on rows of a batch, one tile after the other.
  package var isTiled: Bool
  /// The kernels, in order, as indices into ``Schedule/kernels``.
  package var kernels: [Int]
  /// The most rows of a tile; nil until it is decided (`TaskDivision`), and where there are no tiles.
  package var tileRows: Int?
  /// The steps that a thread takes at least, where there are no tiles.
  package var grain = 1
  /// The number of threads that the batch is cut into tiles for, however many there are; nil for as many as there are.
  package var tileThreads: Int?

  package init(extent: Dimension?, isTiled: Bool, kernels: [Int]) {
    (self.extent, self.isTiled, self.kernels) = (extent, isTiled, kernels)
  }
}

/// Tasks that do not depend on each other. All threads work on a stage and meet at its end.
package struct Stage: Sendable {
  package var tasks: [ScheduledTask]
}

/// The order of all computation, and where values lie: everything about a program but its spelling in C.
package struct Schedule: Sendable {
  package var program: Program
  package var buffers: [Buffer]
  package var kernels: [Kernel]
  package var stages: [Stage]
  /// Working memory that lies in a fixed order, so that one loop can go through all of it.
  package var gangs: [Gang]
  /// How batches are cut for sums over them.
  package var slices: [BatchSlices]
  /// The names of the values that lie in buffers, by node; see `ValueNames`.
  package var names: [Int: String] = [:]
  /// Where working memory lies; empty until it is planned.
  package var memory = MemoryPlan()

  /// The symbols of the program and those that count slices, given the former.
  package func bindings(_ symbols: [String: Int]) -> [String: Int] {
    var all = symbols
    for slices in slices {
      if let symbol = slices.count.symbol, let rows = slices.extent.evaluated(with: symbols) {
        all[symbol] = slices.count(rows: rows)
      }
    }
    return all
  }
}

/// Buffers at fixed distances from the first.
package struct Gang: Sendable {
  package var members: [(buffer: Int, byteOffset: Int)]
  package var byteCount: Int
}

extension Schedule {
  /// The kernels of a program that has been through the passes: not yet in stages, each buffer by itself.
  ///
  /// - Parameters:
  ///   - pipeline: How the bodies of loops are scheduled.
  ///   - options: With which inputs.
  package static func kernels(
    of program: Program, _ pipeline: SchedulePipeline, _ options: SchedulingOptions = SchedulingOptions()
  ) throws -> Schedule {
    var grouping = KernelGrouping(program)
    while true {
      var lowering = KernelLowering(program, try grouping.form(), pipeline, options)
      do {
        try lowering.lower()
      } catch let need as NeedsMemory {
        grouping.makeMemory(need.node)
        continue
      }
      return Schedule(
        program: program, buffers: lowering.buffers, kernels: lowering.kernels, stages: [], gangs: [], slices: [])
    }
  }
}
