import ElbowArrays
import ElbowGraph

extension KernelGrouping {
  /// What two kernels can have in common so that merging them pays.
  private enum SharedWork: Hashable {
    /// They read or write the same memory, as much as they have steps.
    case memory(Int)
    /// They compute the same costly value.
    case value(Int)
  }

  /// Puts together what shares work: each group in turn takes the next one that can be merged with it, until there is none.
  mutating func merged(_ groups: [Group]) -> [Group] {
    var groups: [Group?] = groups
    var order = GroupOrder(groups.compactMap { $0?.nodes[0] }, operands: memoryOperands)
    var work = groups.map { $0.map(sharedWork) ?? [] }
    var sharers: [SharedWork: Set<Int>] = [:]
    for (group, work) in work.enumerated() { for item in work { sharers[item, default: []].insert(group) } }
    for first in groups.indices {
      while let group = groups[first] {
        var partners: Set<Int> = []
        for item in work[first] { partners.formUnion(sharers[item] ?? []) }
        var result: (group: Group, second: Int)?
        for second in partners.filter({ $0 > first }).sorted() {
          guard let partner = groups[second], canShareLoops(group, partner),
            let followers = order.followers(first, second, isPassed: { kinds[$0] == .inlined }),
            let merged = merged(group, partner)
          else { continue }
          order.merge(first, second, followers: followers)
          result = (merged, second)
          break
        }
        guard let (merged, second) = result else { break }
        (groups[first], groups[second]) = (merged, nil)
        for item in work[first] { sharers[item]?.remove(first) }
        for item in work[second] { sharers[item]?.remove(second) }
        work[first] = sharedWork(merged)
        for item in work[first] { sharers[item, default: []].insert(first) }
      }
    }
    return groups.compactMap { $0 }
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

  /// Whether the loops are the same, and what is combined over them. Two reductions have to be over the same loops. Stored
  /// results go with a reduction that leaves the outermost loop, for that is the one that work is divided along.
  private func canShareLoops(_ a: Group, _ b: Group) -> Bool {
    guard domain(a.nodes[0])?.shape == domain(b.nodes[0])?.shape else { return false }
    let reduced = Set((a.nodes + b.nodes).compactMap { domain($0)?.reduced })
    return reduced.count <= 1 || reduced.count == 2 && reduced.contains([]) && !reduced.contains { $0.contains(0) }
  }

  private mutating func merged(_ a: Group, _ b: Group) -> Group? {
    let nodes = (a.nodes + b.nodes).sorted()
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
