import ElbowArrays
import ElbowGraph

extension KernelGrouping {
  /// Work that two kernels can share so that merging them pays.
  private enum SharedWork: Hashable {
    /// They read or write the same memory, as much as they have steps.
    case memory(Int)
    /// They compute the same costly value.
    case value(Int)
  }

  /// Puts together what shares work: each group in turn takes the next one that can be merged with it, until there is none.
  ///
  /// A kernel is built anew for each step, so a group takes more of the others at a time as long as that goes well.
  mutating func merged(_ groups: [Group]) -> [Group] {
    var merging = Merging(
      groups: groups, order: GroupOrder(groups.map { $0.nodes[0] }, operands: memoryOperands),
      work: groups.map(sharedWork))
    for first in groups.indices {
      var (step, refused): (Int, Set<Int>) = (1, [])
      while let group = merging.groups[first] {
        let (taken, order) = taken(by: first, in: merging, atMost: step, refused)
        if taken.isEmpty { break }
        let others = taken.compactMap { merging.groups[$0] }
        if let result = merged(group, others) {
          merging.replace(first, taken, by: result, work: sharedWork(result), order: order)
          step *= 2
        } else {
          if taken.count == 1 { refused.insert(taken[0]) }
          step = 1
        }
      }
    }
    return merging.groups.compactMap { $0 }
  }

  /// The state of merging: groups that were merged into others are nil.
  private struct Merging {
    var groups: [Group?]
    var order: GroupOrder
    var work: [Set<SharedWork>]
    /// The groups that do some work.
    var sharers: [SharedWork: Set<Int>] = [:]

    init(groups: [Group], order: GroupOrder, work: [Set<SharedWork>]) {
      self.groups = groups
      self.order = order
      self.work = work
      for (group, work) in work.enumerated() { for item in work { sharers[item, default: []].insert(group) } }
    }

    mutating func replace(
      _ first: Int, _ taken: [Int], by group: Group, work new: Set<SharedWork>, order: GroupOrder
    ) {
      for other in [first] + taken {
        for item in work[other] { sharers[item]?.remove(other) }
        groups[other] = nil
      }
      groups[first] = group
      work[first] = new
      for item in new { sharers[item, default: []].insert(first) }
      self.order = order
    }
  }

  /// The next groups that a group can take, one after the other, and the order in which what is then left can run.
  private func taken(
    by first: Int, in merging: Merging, atMost limit: Int, _ refused: Set<Int>
  ) -> ([Int], GroupOrder) {
    var order = merging.order
    var taken: [Int] = []
    var common = merging.groups[first].map { Loops(self, $0.nodes) }
    var known: Set<Int> = [first]
    // In descending order.
    var queue: [Int] = []
    func add(_ work: Set<SharedWork>) {
      for item in work {
        for other in merging.sharers[item] ?? [] where other > first && !refused.contains(other) {
          if known.insert(other).inserted { queue.insert(other, at: queue.firstPosition { $0 < other }) }
        }
      }
    }
    add(merging.work[first])
    // Those that have to wait for a third; they are asked again when that may have been taken.
    var waiting: [Int] = []
    while taken.count < limit, let second = queue.popLast() {
      guard let partner = merging.groups[second], let both = common?.with(Loops(self, partner.nodes)) else { continue }
      guard let followers = order.followers(first, second, isPassed: { kinds[$0] == .inlined }) else {
        waiting.append(second)
        continue
      }
      order.merge(first, second, followers: followers)
      taken.append(second)
      common = both
      for other in waiting { queue.insert(other, at: queue.firstPosition { $0 < other }) }
      waiting = []
      add(merging.work[second])
    }
    return (taken, order)
  }

  private func sharedWork(_ group: Group) -> Set<SharedWork> {
    guard let map = group.map, let (shape, _) = domain(group.nodes[0]), shape.elementCount != 1 else { return [] }
    let count = shape.elementCount
    let memory = map.kernel.reads.union(map.kernel.writes).filter { buffers[$0].shape.elementCount == count }
    // Scalars are computed before the loops and cost nothing to have twice.
    let values = map.inlined.filter {
      cost[$0] > KernelGrouping.recomputedCost && program.nodes[$0].type.shape.elementCount != 1
    }
    return Set(memory.map { .memory($0) } + values.map { .value($0) })
  }

  /// The loops of some results, and what is combined over them.
  private struct Loops {
    let shape: Shape?
    var reduced: Set<Set<Int>>

    init(_ grouping: KernelGrouping, _ nodes: [Int]) {
      shape = grouping.domain(nodes[0])?.shape
      reduced = Set(nodes.compactMap { grouping.domain($0)?.reduced })
    }

    /// The loops of these and other results, if they are the same. Two reductions have to be over the same loops. Stored
    /// results go with a reduction that leaves the outermost loop, for that is the one that work is divided along.
    func with(_ other: Loops) -> Loops? {
      guard shape == other.shape else { return nil }
      var both = self
      both.reduced.formUnion(other.reduced)
      let isPossible =
        both.reduced.count <= 1
        || both.reduced.count == 2 && both.reduced.contains([]) && !both.reduced.contains { $0.contains(0) }
      return isPossible ? both : nil
    }
  }

  private mutating func merged(_ group: Group, _ others: [Group]) -> Group? {
    let nodes = others.reduce(group.nodes) { $0 + $1.nodes }.sorted()
    guard let map = try? map(nodes), !readsWhatItOverwrites(map.kernel) else { return nil }
    return Group(nodes: nodes, map: map)
  }

  /// Whether a kernel that updates a variable, which happens in place, reads it anywhere but where the new value goes: then
  /// it would meet elements that it has replaced already.
  private func readsWhatItOverwrites(_ kernel: Kernel) -> Bool {
    guard case .map(_, let outputs) = kernel.body else { return false }
    return outputs.contains { output in
      guard let updated = updatedVariables[output.node] else { return false }
      return kernel.accesses.contains { access in
        guard case .variable(let variable) = buffers[access.buffer].storage else { return false }
        return updated.contains(variable) && access.index != output.access.index
      }
    }
  }
}
