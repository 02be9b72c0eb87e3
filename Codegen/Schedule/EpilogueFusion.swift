import ElbowArrays
import ElbowGraph

/// Lets a contraction finish what follows it - a bias, an activation, the gradient of one - tile by tile, while the tile is
/// still in the first-level cache. See `ScheduleTests`.
package struct EpilogueFusion {
  private var schedule: Schedule
  /// For each buffer the kernels that read or write it, in order.
  private let users: [Int: [Int]]

  package init(_ schedule: Schedule) {
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
      guard let reader = onlyReader(contraction), obstacle(contraction, reader) == nil,
        let position = kernels.firstIndex(of: contraction),
        let follower = kernels[(position + 1)...].firstIndex(of: reader), let place = place(kernels, position, follower)
      else { continue }
      let map = kernels.remove(at: follower)
      kernels.insert(kernels.remove(at: position), at: place)
      schedule.kernels[contraction].epilogue = [schedule.kernels[map]]
      schedule.kernels[contraction].nodes = (schedule.kernels[contraction].nodes + schedule.kernels[map].nodes).sorted()
    }
    schedule.stages[stage].tasks[task].kernels = kernels
  }

  /// The kernel that alone uses what a contraction computes.
  private func onlyReader(_ kernel: Int) -> Int? {
    guard case .contraction(let body) = schedule.kernels[kernel].body else { return nil }
    let others = (users[body.result.buffer] ?? []).filter { $0 != kernel }
    return others.count == 1 ? others[0] : nil
  }

  /// Why a map cannot finish the tiles of a contraction; nil if it goes element by element through the result and nobody
  /// else reads that.
  package func obstacle(_ first: Int, _ second: Int) -> EpilogueObstacle? {
    let (source, map) = (schedule.kernels[first], schedule.kernels[second])
    guard case .contraction = source.body, case .map(_, let outputs) = map.body else { return .notAMap }
    guard source.epilogue.isEmpty else { return .finishedByAnother }
    guard let body = source.matrixProduct else { return .notOneMatrix }
    guard outputs.allSatisfy({ $0.reduction == nil }), !map.loops.contains(where: \.isReduction) else {
      return .combines
    }
    guard map.loops.count == 2, map.partition?.id == map.loops[0].id,
      let column = source.loops.first(where: { $0.id == body.columns[0] }), map.loops[1].extent == column.extent,
      map.loops[0].extent == source.partition?.extent
    else { return .otherLoops }
    guard map.vectorLoop == map.loops[1].id else { return .otherVectors }
    let result = body.result.buffer
    guard users[result] == [first, second].sorted() else { return .readByOthers }
    guard schedule.buffers[result].storage == .tile else { return .notInATile }
    let identity = LinearIndex(0, [map.loops[0].id: schedule.buffers[result].strides[0], map.loops[1].id: 1])
    return map.accesses.filter { $0.buffer == result }.allSatisfy { $0.index == identity } ? nil : .otherElements
  }

  /// Where a contraction and the map that finishes it can run as one kernel: the map moves before what stands between them,
  /// as far as that changes nothing, and the contraction behind the rest of it. Nil if there is no such place.
  package func place(_ kernels: [Int], _ first: Int, _ second: Int) -> Int? {
    var place = second - 1
    while place > first, mayChangePlaces(kernels[place], kernels[second]) { place -= 1 }
    guard place > first else { return first }
    return kernels[(first + 1)...place].allSatisfy { mayChangePlaces(kernels[first], $0) } ? place : nil
  }

  /// Whether the order of two kernels makes no difference: neither writes what the other reads or writes.
  private func mayChangePlaces(_ a: Int, _ b: Int) -> Bool {
    let (a, b) = (schedule.kernels[a], schedule.kernels[b])
    return a.writes.isDisjoint(with: b.reads.union(b.writes)) && b.writes.isDisjoint(with: a.reads)
  }
}
