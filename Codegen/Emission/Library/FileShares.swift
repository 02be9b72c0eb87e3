/// Which kernels go into which file, so that all take about as long to compile, and what kernels have in common is compiled in
/// few of them.
struct FileShares {
  /// How long things take to compile, in any unit.
  struct Costs {
    /// Each kernel by itself.
    let own: [Int]
    /// The costs of the pieces that each kernel needs once in its file, by name.
    let common: [[String: Int]]

    var total: Int { cost(of: Array(own.indices)) }

    /// Of kernels in one file.
    func cost(of kernels: [Int]) -> Int {
      var shared: [String: Int] = [:]
      for kernel in kernels { shared.merge(common[kernel]) { a, _ in a } }
      return kernels.map { own[$0] }.reduce(0, +) + shared.values.reduce(0, +)
    }
  }

  /// The kernels of each file, in order; at most as many files as were asked for.
  let files: [[Int]]

  init(_ costs: Costs, files count: Int) {
    let share = costs.total / max(count, 1)
    let pieces = FileShares.groups(costs.common).flatMap { FileShares.pieces($0, costs, atMost: share) }
    var files = [[Int]](repeating: [], count: count)
    var loads = [Int](repeating: 0, count: count)
    // The largest first: what comes last evens out the rest.
    let priced = pieces.map { (kernels: $0, cost: costs.cost(of: $0)) }
    for piece in priced.sorted(by: { ($0.cost, $1.kernels[0]) > ($1.cost, $0.kernels[0]) }) {
      guard let file = loads.indices.min(by: { loads[$0] < loads[$1] }) else { break }
      files[file] += piece.kernels
      loads[file] += piece.cost
    }
    self.files = files.map { $0.sorted() }.filter { !$0.isEmpty }
  }

  /// Kernels that need the same are together; those that need nothing are alone.
  private static func groups(_ common: [[String: Int]]) -> [[Int]] {
    var groups: [[Int]] = []
    var groupOf: [String: Int] = [:]
    for (kernel, needs) in common.enumerated() {
      let known = Set(needs.keys.compactMap { groupOf[$0] })
      let group = known.min() ?? groups.count
      if known.isEmpty { groups.append([]) }
      groups[group].append(kernel)
      for name in needs.keys { groupOf[name] = group }
      for other in known where other != group {
        groups[group] += groups[other]
        groups[other] = []
        groupOf = groupOf.mapValues { $0 == other ? group : $0 }
      }
    }
    return groups.filter { !$0.isEmpty }.map { $0.sorted() }
  }

  /// A group that is too much for a file is cut.
  private static func pieces(_ group: [Int], _ costs: Costs, atMost share: Int) -> [[Int]] {
    var pieces: [[Int]] = []
    for kernel in group {
      if let last = pieces.last, costs.cost(of: last + [kernel]) <= share {
        pieces[pieces.count - 1].append(kernel)
      } else {
        pieces.append([kernel])
      }
    }
    return pieces
  }
}
