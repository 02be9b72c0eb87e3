import ElbowArrays
import ElbowGraph
import Testing

@testable import ElbowFuzz

@Suite struct ShrinkerTests {
  /// Whether a plan has a pad of a contraction, which stands for a fault of the compiler.
  private static func isFaulty(_ plan: GraphPlan) -> Bool {
    plan.nodes.contains { node in
      node.primitive is Pad && plan.nodes[node.inputs[0]].primitive is Contraction
    }
  }

  /// A large random graph that has it is made one of three nodes: an input, a contraction of it with itself and a pad.
  @Test func aFaultOfTwoOperationsIsFoundInALargeGraph() throws {
    var found: FuzzCase?
    for index in 0..<400 where found == nil {
      let next = try CaseGenerator(seed: 2).makeCase(index)
      if next.plan.nodes.count > 20, Self.isFaulty(next.plan) { found = next }
    }
    let original = try #require(found)
    var count = 0
    let shrinker = Shrinker { reproductions in
      count += reproductions.count
      return reproductions.enumerated().filter { Self.isFaulty($1.plan) }.map {
        Finding(index: $0.offset, kind: .wrongValue, message: "wrong")
      }
    }
    let small = try shrinker.shrink(Reproduction(original, message: ""), .wrongValue)
    #expect(Self.isFaulty(small.plan))
    #expect(small.plan.nodes.count == 3)
    #expect(small.plan.variables.isEmpty)
    #expect(small.setup.run.threads == 1)
    #expect(count < 700)
    let largest = small.plan.nodes.flatMap { $0.type.shape.extents ?? [] }.max() ?? 0
    #expect(largest <= 2)
    // The plan written can be read, and says the same.
    let (graph, signatures) = try small.plan.graph()
    #expect(try GraphPlan(graph, signatures).nodes.count == 3)
  }

  /// A change after which operations do not fit is none.
  @Test func whatDoesNotFitIsRefused() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [6, 7])
    let plan = try GraphPlan(graph, [Signature("f", outputs: ["y": x.reshaped(to: [42])])])
    #expect(plan.replacingExtent(7, by: 2, multiples: true)?.retyped()?.nodes.last?.type.shape == [12])
    #expect(plan.replacingExtent(7, by: 2, multiples: false)?.retyped() == nil)
  }
}
