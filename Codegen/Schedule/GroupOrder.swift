/// An order in which groups of stored values can be computed, kept while groups are merged.
///
/// Only what lies between two groups in the order can be on a way from the one to the other, so neither the search nor the
/// repair after a merge looks further (Pearce and Kelly, "A dynamic topological sort algorithm for directed acyclic
/// graphs", 2006, with a merge in place of a new edge).
struct GroupOrder {
  /// For each stored node, the stored nodes that are computed from it directly.
  private let readers: [Int: [Int]]
  private var groupOf: [Int: Int] = [:]
  private var members: [[Int]]
  /// The groups in order; one that was merged into another keeps a place, without members.
  private var order: [Int]
  private var rank: [Int]

  /// Each node as a group of its own, numbered by its position.
  ///
  /// - Parameters:
  ///   - nodes: The stored nodes, operands before users.
  ///   - operands: The nodes in memory that each of them is computed from directly.
  init(_ nodes: [Int], operands: (Int) -> Set<Int>) {
    var readers: [Int: [Int]] = [:]
    for (group, node) in nodes.enumerated() {
      groupOf[node] = group
      for operand in operands(node) { readers[operand, default: []].append(node) }
    }
    self.readers = readers
    members = nodes.map { [$0] }
    order = Array(nodes.indices)
    rank = order
  }

  /// The groups between two in the order that need the earlier one; nil if the later one needs the earlier, and so cannot
  /// be merged with it. That it reads one of the earlier one's nodes directly does not count if `isPassed` says so: within
  /// one kernel such a value need not go through memory.
  func followers(_ first: Int, _ second: Int, isPassed: (Int) -> Bool) -> Set<Int>? {
    let (early, late) = rank[first] < rank[second] ? (first, second) : (second, first)
    var found: Set<Int> = []
    var queue = [early]
    while let group = queue.popLast() {
      for node in members[group] {
        for reader in readers[node] ?? [] {
          guard let next = groupOf[reader], next != group, rank[next] <= rank[late] else { continue }
          if next == late {
            guard group == early, isPassed(node) else { return nil }
          } else if found.insert(next).inserted {
            queue.append(next)
          }
        }
      }
    }
    return found
  }

  /// Makes one group, with the number `first`, of two whose ``followers(_:_:isPassed:)`` are given: what follows the
  /// earlier one moves behind what the later one may need.
  mutating func merge(_ first: Int, _ second: Int, followers: Set<Int>) {
    let range = min(rank[first], rank[second])...max(rank[first], rank[second])
    let between = order[range].filter { $0 != first && $0 != second }
    let moved =
      between.filter { !followers.contains($0) } + [first] + between.filter { followers.contains($0) } + [second]
    order.replaceSubrange(range, with: moved)
    for place in range { rank[order[place]] = place }
    for node in members[second] { groupOf[node] = first }
    members[first] += members[second]
    members[second] = []
  }
}
