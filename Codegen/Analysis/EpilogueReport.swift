/// Why a map that reads a contraction's result does not finish its tiles.
public enum EpilogueObstacle: String, Sendable, Hashable, Codable, CaseIterable {
  case notTogether = "it is not in the same task, which goes through the batch in tiles"
  case notAMap = "it is not a map"
  case finishedByAnother = "another map finishes the product already"
  case notOneMatrix = "the product is not one matrix: its rows, columns or depth are several loops"
  case combines = "it combines elements"
  case otherLoops = "it does not go through the rows and columns of the product"
  case otherVectors = "its vectors do not lie along the columns"
  case readByOthers = "others read the product too"
  case notInATile = "the product is needed after its tile"
  case otherElements = "it reads elements of the product at other places than its own"
  case othersBetween = "what runs between the product and it needs the one before and the other after"
}

/// A map that reads what a contraction leaves for each tile of the batch, and why it runs on its own.
public struct EpilogueReport: Sendable, Hashable, Codable {
  /// The contraction, by number.
  public var contraction: Int
  /// The map, by number.
  public var map: Int
  public var obstacle: EpilogueObstacle

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
