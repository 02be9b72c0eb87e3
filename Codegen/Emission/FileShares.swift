/// Which kernels go into which file, so that all take about as long to compile, and what kernels have in common is compiled in
/// few of them.
struct FileShares {
  /// The kernels of each file, in order.
  private(set) var files: [[Int]]

  /// - Parameters:
  ///   - costs: How long each kernel takes to compile, in any unit.
  ///   - common: What each kernel needs in its file, by name.
  ///   - files: How many files there are.
  init(costs: [Int], common: [Set<String>], files count: Int) {
    files = [[Int]](repeating: [], count: count)
    let share = costs.reduce(0, +) / max(count, 1)
    var loads = [Int](repeating: 0, count: count)
    // The largest first: what comes last evens out the rest.
    for group in FileShares.groups(common).flatMap({ FileShares.pieces($0, costs, atMost: share) })
      .sorted(by: { ($0.cost, $1.kernels[0]) > ($1.cost, $0.kernels[0]) })
    {
      guard let file = loads.indices.min(by: { loads[$0] < loads[$1] }) else { return }
      files[file] += group.kernels
      loads[file] += group.cost
    }
    files = files.map { $0.sorted() }.filter { !$0.isEmpty }
  }

  /// Kernels that need the same are together; those that need nothing are alone.
  private static func groups(_ common: [Set<String>]) -> [[Int]] {
    var groups: [[Int]] = []
    var groupOf: [String: Int] = [:]
    for (kernel, names) in common.enumerated() {
      let known = Set(names.compactMap { groupOf[$0] })
      let group = known.min() ?? groups.count
      if known.isEmpty { groups.append([]) }
      groups[group].append(kernel)
      for name in names { groupOf[name] = group }
      for other in known where other != group {
        groups[group] += groups[other]
        groups[other] = []
        groupOf = groupOf.mapValues { $0 == other ? group : $0 }
      }
    }
    return groups.filter { !$0.isEmpty }.map { $0.sorted() }
  }

  /// A group that is too much for a file is cut.
  private static func pieces(_ group: [Int], _ costs: [Int], atMost share: Int) -> [(kernels: [Int], cost: Int)] {
    var pieces: [(kernels: [Int], cost: Int)] = []
    for kernel in group {
      if let last = pieces.last, last.cost + costs[kernel] <= share {
        pieces[pieces.count - 1].kernels.append(kernel)
        pieces[pieces.count - 1].cost += costs[kernel]
      } else {
        pieces.append((kernels: [kernel], cost: costs[kernel]))
      }
    }
    return pieces
  }
}
