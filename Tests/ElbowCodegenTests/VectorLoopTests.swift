import ElbowArrays
import ElbowGraph
import ElbowPasses
import Testing

@testable import ElbowCodegen

/// Along which loop a kernel's vectors lie.
@Suite struct VectorLoopTests {
  /// The extent of the loop that the vectors of the kernel with a reduction lie along; nil if it has none known.
  private func extent(_ build: (Graph) -> Tensor) throws -> Int? {
    let graph = Graph()
    let schedule = try ModelCompiler(name: "test").schedule(
      graph.program(Signature("test", outputs: ["y": build(graph)])))
    for kernel in schedule.kernels {
      guard case .map = kernel.body, kernel.loops.contains(where: \.isReduction) else { continue }
      return kernel.loops.first { $0.id == kernel.vectorLoop }?.extent.value
    }
    return nil
  }

  /// The centres and scales are read once for all points; a vector of points would touch a cache line for each.
  @Test func sumsOverPointsGoAlongTheComponents() throws {
    let extent = try extent { graph in
      let weights = graph.placeholder("weights", shape: [nil, 16, 2])
      let points = graph.placeholder("points", shape: [nil, 2])
      let loc = graph.placeholder("loc", shape: [16, 2])
      let scale = graph.placeholder("scale", shape: [16, 2])
      return sum(weights * ((points.expandedDims(1) - loc) / scale), axes: [0])
    }
    #expect(extent == 16)
  }

  @Test func sumsOfRowsGoAlongTheRows() throws {
    let extent = try extent { sum(exp($0.placeholder("x", shape: [nil, 64])), axes: [1]) }
    #expect(extent == 64)
  }
}
