import ElbowGraph

/// Chooses the loop of each map whose steps are taken in vectors: the one whose steps lie next to each other in memory, if it is
/// long enough to fill them.
struct VectorLoopSelection {
  private var schedule: Schedule

  init(_ schedule: Schedule) { self.schedule = schedule }

  func selected() -> Schedule {
    var copy = schedule
    for index in copy.kernels.indices {
      copy.kernels[index].vectorLoop = VectorLoopSelection.choice(copy.kernels[index])
    }
    return copy
  }

  /// The loop with the least price, by its id; nil for what is not a map.
  private static func choice(_ kernel: Kernel) -> Int? {
    guard case .map(let instructions, let outputs) = kernel.body else { return nil }
    let indices =
      instructions.compactMap { if case .load(let access) = $0.operation { access.index } else { nil } }
      + outputs.map(\.access.index)
    let combined = Set(kernel.loops.filter(\.isReduction).map(\.id))
    func price(_ loop: Loop) -> Double {
      let scattered = indices.map { scatterPrice($0, over: loop, combined) }.reduce(0, +)
      let extent = Double(loop.extent.value ?? 64)
      let waste = (extent / 16).rounded(.up) * 16 / extent
      return (Double(instructions.count) + scattered) * waste + (loop.isReduction ? 6 * 16 / max(extent, 16) : 0)
    }
    return kernel.loops.filter { $0.id != kernel.slicedRows?.id }.min { price($0) < price($1) }?.id
  }

  /// The price of lanes that lie apart: more where each has a cache line of its own, and nothing where the vector is read once for all
  /// of what is combined.
  private static func scatterPrice(_ index: LinearIndex, over loop: Loop, _ combined: Set<Int>) -> Double {
    guard let stride = index.coefficients[loop.id], stride != 1 else { return 0 }
    let isRepeated = combined.isEmpty || loop.isReduction || !combined.isDisjoint(with: index.coefficients.keys)
    guard isRepeated else { return 0 }
    return (stride.value ?? .max) < 16 ? 12 : 24
  }
}
