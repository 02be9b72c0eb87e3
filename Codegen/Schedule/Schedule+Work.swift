import ElbowGraph

extension Schedule {
  /// Below this much work, in floating-point operations, one thread is faster than several.
  package static let workWorthSharing = 300_000

  /// The batch, if most of the work goes through it row by row: more threads than rows have nothing to do.
  package var sharedExtent: Dimension? {
    let tasks = stages.flatMap(\.tasks).filter(\.isTiled)
    guard let extent = tasks.first?.extent, tasks.allSatisfy({ $0.extent == extent }) else { return nil }
    func single(_ kernels: [Kernel]) -> Int {
      let work = Schedule.work(kernels)
      return work.evaluated(with: Dictionary(uniqueKeysWithValues: work.symbols.map { ($0, 1) })) ?? 0
    }
    let inTiles = single(tasks.flatMap(\.kernels).map { kernels[$0] })
    return inTiles > single(kernels) / 2 ? extent : nil
  }

  /// Roughly the floating-point operations of a run.
  package var work: Dimension { Schedule.work(kernels) }

  private static func work(_ kernels: [Kernel]) -> Dimension {
    kernels.reduce(0) { total, kernel in
      let steps = kernel.loops.reduce(Dimension(1)) { $0 * $1.extent }
      switch kernel.body {
      case .map(let instructions, _): return total + steps * Dimension(instructions.count)
      case .contraction: return total + steps * 2
      case .nest: return total + steps
      case .scan(let scan): return total + scan.step.work * Dimension(scan.scan.count)
      }
    }
  }
}
