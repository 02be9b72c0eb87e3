import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import Testing

/// The order of the elements is that of TensorFlow Probability's FillTriangular.
@Suite struct FillTriangularTests {
  @Test(arguments: [
    ([1], [1]), ([1, 2, 3], [3, 0, 2, 1]), ([1, 2, 3, 4, 5, 6], [4, 0, 0, 6, 5, 0, 3, 2, 1]),
    ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [5, 0, 0, 0, 9, 10, 0, 0, 8, 7, 6, 0, 4, 3, 2, 1]),
  ])
  func elements(_ vector: [Int], _ matrix: [Int]) throws {
    let graph = Graph()
    let size = Int(Double(matrix.count).squareRoot())
    let x = graph.constant(try HostArray(vector.map { Double($0) }, shape: [1, vector.count]))
    let y = fillTriangular(x)
    #expect(y.shape == Shape([1, size, size]))
    let weights = (0..<matrix.count).map { Double($0) + 0.5 }
    let gradient = gradients(
      of: (y * graph.constant(try HostArray(weights, shape: [1, size, size]))).sum(), by: [x])[0]
    let found = try evaluate([y, gradient])
    #expect(found[0].doubles == matrix.map { Double($0) })
    #expect(found[1].doubles == vector.map { number in weights[matrix.firstIndex(of: number) ?? 0] })
  }

  @Test func batchesMayBeSymbolic() throws {
    let graph = Graph()
    #expect("\(fillTriangular(graph.placeholder("x", shape: [nil, 4, 136])).shape)" == "[n, 4, 16, 16]")
    try graph.check()
  }

  @Test(arguments: [0, 2, 5]) func otherExtentsAreMistakes(_ extent: Int) {
    let graph = Graph()
    let x = graph.zeros(Shape([3, extent]))
    #expect(!fillTriangular(x).isValid)
    #expect(graph.diagnostics.first?.message.contains("a known extent k (k + 1) / 2") == true)
  }
}
