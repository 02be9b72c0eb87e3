import ElbowGraph
import ElbowPasses
@testable import ElbowSchedule
import Testing

@testable import ElbowCodegen

/// Which kernels are merged, and what it takes to find out.
@Suite struct KernelGroupingTests {
  /// Sums that each need the one before, and all read the same array.
  private func grouping(sums: Int) throws -> (built: Int, groups: [[Int]]) {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 5])
    var signature = Signature("sums")
    var last = sum(x, axes: [1], keepDims: true)
    for index in 0..<sums {
      last = sum(exp(x - last), axes: [1], keepDims: true)
      signature.outputs.append((name: "sum\(index)", tensor: last))
      signature.outputs.append((name: "other\(index)", tensor: sum(x * Double(index + 2), axes: [1])))
    }
    var grouping = KernelGrouping(try Pipeline().run(graph.program(signature)))
    let groups = try grouping.form().groups
    return (grouping.builtCount, groups)
  }

  @Test func mergesWhatDoesNotWaitForEachOther() throws {
    // Seven sums need each other in turn; the six others read the same array and go with one of them. What leaves the
    // program with an axis of extent 1 is a value of its own.
    let groups = try grouping(sums: 6).groups
    #expect(groups.map(\.count).sorted() == [Int](repeating: 1, count: 12) + [7])
  }

  @Test func workGrowsWithTheNumberOfKernels() throws {
    let small = try grouping(sums: 8).built
    let large = try grouping(sums: 32).built
    #expect(large <= 5 * small, "\(small) kernels were built for 8 sums, \(large) for 32")
  }

  /// Operations that read the same array become one kernel, which is not built anew for each of them.
  @Test func kernelsGrowInLargeSteps() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 5])
    var signature = Signature("multiples")
    for index in 0..<100 { signature.outputs.append((name: "y\(index)", tensor: x * Double(index + 2))) }
    var grouping = KernelGrouping(try Pipeline().run(graph.program(signature)))
    #expect(try grouping.form().groups.count == 1)
    #expect(grouping.builtCount <= 110)
  }

  /// Nothing walks along a chain of operations by calling itself, and costs that double with each of them stay numbers.
  @Test func longChains() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil])
    let y = (0..<10_000).reduce(x) { sum, _ in sum + sum }
    let program = try Pipeline().run(graph.program(Signature("chain", outputs: ["y": y])))
    #expect(try SchedulePipeline().run(program).kernels.count == 1)
  }

  /// A repeatable sequence of numbers below a bound.
  private struct Numbers {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
  }

  /// Whether something that one group computes reaches the other, found by following all ways.
  private func reaches(_ from: Int, _ to: Int, _ groupOf: [Int], _ operands: [Set<Int>]) -> Bool {
    var queue = [to]
    var seen: Set<Int> = [to]
    while let group = queue.popLast() {
      for node in groupOf.indices where groupOf[node] == group {
        for source in operands[node].map({ groupOf[$0] }) where source != group {
          if source == from { return true }
          if seen.insert(source).inserted { queue.append(source) }
        }
      }
    }
    return false
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func orderKnowsWhoNeedsWhom(seed: UInt64) {
    let count = 40
    var numbers = Numbers(state: seed)
    let operands = (0..<count).map { node in
      Set((0..<2).compactMap { _ in node > 0 && numbers.next(3) > 0 ? numbers.next(node) : nil })
    }
    var order = GroupOrder(Array(0..<count)) { operands[$0] }
    var groupOf = Array(0..<count)
    var merged = 0
    for _ in 0..<600 {
      let (first, second) = (groupOf[numbers.next(count)], groupOf[numbers.next(count)])
      guard first != second else { continue }
      let isDependent = reaches(first, second, groupOf, operands) || reaches(second, first, groupOf, operands)
      let followers = order.followers(first, second) { _ in false }
      #expect((followers == nil) == isDependent)
      // Half of what could be merged is not, so that there is something left to ask about.
      guard let followers, numbers.next(8) == 0 else { continue }
      order.merge(first, second, followers: followers)
      groupOf = groupOf.map { $0 == second ? first : $0 }
      merged += 1
    }
    #expect(merged > 5)
  }
}
