import ElbowSchedule

/// A map that reads what a contraction leaves for each tile of the batch, and why it runs on its own.
package struct EpilogueReport: Sendable, Hashable, Codable {
  /// The contraction, by number.
  package var contraction: Int
  /// The map, by number.
  package var map: Int
  package var obstacle: EpilogueObstacle

  /// All such pairs of a schedule.
  static func all(_ schedule: Schedule) -> [EpilogueReport] {
    let fusion = EpilogueFusion(schedule)
    let tasks = schedule.stages.flatMap(\.tasks)
    let running = tasks.flatMap(\.kernels).sorted()
    var readers: [Int: [Int]] = [:]
    for kernel in running {
      for buffer in schedule.kernels[kernel].reads { readers[buffer, default: []].append(kernel) }
    }
    return running.flatMap { contraction -> [EpilogueReport] in
      guard case .contraction(let body) = schedule.kernels[contraction].body else { return [] }
      return (readers[body.result.buffer] ?? []).compactMap { map in
        guard case .map = schedule.kernels[map].body else { return nil }
        guard let home = tasks.first(where: { $0.kernels.contains(contraction) }), home.isTiled else { return nil }
        return obstacle(contraction, map, home, fusion).map {
          EpilogueReport(contraction: contraction, map: map, obstacle: $0)
        }
      }
    }
  }

  private static func obstacle(
    _ contraction: Int, _ map: Int, _ home: ScheduledTask, _ fusion: EpilogueFusion
  ) -> EpilogueObstacle? {
    guard let first = home.kernels.firstIndex(of: contraction),
      let second = home.kernels.firstIndex(of: map), first < second
    else { return .notTogether }
    if let found = fusion.obstacle(contraction, map) { return found }
    return fusion.place(home.kernels, first, second) == nil ? .othersBetween : nil
  }
}
