import ElbowArrays
import ElbowGraph

/// Lets a contraction finish what follows it - a bias, an activation, the gradient of one - tile by tile, while the tile is
/// still in the first-level cache. See `ScheduleTests`.
struct EpilogueFusion {
  private var schedule: Schedule
  /// For each buffer the kernels that read or write it, in order.
  private let users: [Int: [Int]]

  init(_ schedule: Schedule) {
    self.schedule = schedule
    var users: [Int: [Int]] = [:]
    for (index, kernel) in schedule.kernels.enumerated() {
      for buffer in kernel.reads.union(kernel.writes) { users[buffer, default: []].append(index) }
    }
    self.users = users
  }

  func fused() -> Schedule {
    var copy = self
    for stage in schedule.stages.indices {
      for task in schedule.stages[stage].tasks.indices where schedule.stages[stage].tasks[task].isTiled {
        copy.fuse(stage, task)
      }
    }
    return copy.schedule
  }

  private mutating func fuse(_ stage: Int, _ task: Int) {
    var kernels = schedule.stages[stage].tasks[task].kernels
    for contraction in kernels {
      guard let position = kernels.firstIndex(of: contraction),
        let follower = kernels[(position + 1)...].firstIndex(where: { fits(contraction, $0) }),
        operandsComeBefore(kernels, position, follower)
      else { continue }
      let map = kernels.remove(at: follower)
      schedule.kernels[contraction].epilogue = [schedule.kernels[map]]
      schedule.kernels[contraction].nodes = (schedule.kernels[contraction].nodes + schedule.kernels[map].nodes).sorted()
    }
    schedule.stages[stage].tasks[task].kernels = kernels
  }

  private func fits(_ first: Int, _ second: Int) -> Bool { obstacle(first, second) == nil }

  /// Why a map cannot finish the tiles of a contraction; nil if it goes element by element through the result and nobody
  /// else reads that.
  func obstacle(_ first: Int, _ second: Int) -> EpilogueObstacle? {
    let (source, map) = (schedule.kernels[first], schedule.kernels[second])
    guard case .contraction = source.body, case .map(let instructions, let outputs) = map.body else { return .notAMap }
    guard source.epilogue.isEmpty else { return .finishedByAnother }
    guard let body = source.matrixProduct else { return .notOneMatrix }
    guard outputs.allSatisfy({ $0.reduction == nil }), !map.loops.contains(where: \.isReduction) else {
      return .combines
    }
    guard map.loops.count == 2, map.partition?.id == map.loops[0].id,
      let column = source.loops.first(where: { $0.id == body.columns[0] }), map.loops[1].extent == column.extent,
      map.loops[0].extent == source.partition?.extent
    else { return .otherLoops }
    guard MapEmitter.vectorLoop(map, instructions, outputs) == map.loops[1].id else { return .otherVectors }
    let result = body.result.buffer
    guard users[result] == [first, second].sorted() else { return .readByOthers }
    guard schedule.buffers[result].storage == .tile else { return .notInATile }
    let identity = LinearIndex(0, [map.loops[0].id: schedule.buffers[result].strides[0], map.loops[1].id: 1])
    return map.accesses.filter { $0.buffer == result }.allSatisfy { $0.index == identity } ? nil : .otherElements
  }

  /// Whether all else that the map reads is there when the contraction runs.
  func operandsComeBefore(_ kernels: [Int], _ first: Int, _ second: Int) -> Bool {
    let reads = schedule.kernels[kernels[second]].reads
    return kernels[(first + 1)..<second].allSatisfy { schedule.kernels[$0].writes.isDisjoint(with: reads) }
  }
}
