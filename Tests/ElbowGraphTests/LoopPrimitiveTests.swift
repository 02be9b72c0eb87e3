import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import Testing

/// Cases that the generic tests of primitives cannot see: edges, ties, and symbolic batches all the way through a gradient.
@Suite struct LoopPrimitiveTests {
  @Test func choleskyOfWhatIsNotPositiveDefiniteIsNaNFromThePivotOn() throws {
    let graph = Graph()
    let a = graph.constant(try HostArray([4.0, 0, 0, 2, 1, 0, 2, 1, 9], shape: [3, 3]))
    let factor = try evaluate([cholesky(a)])[0].doubles
    #expect(factor[0] == 2 && factor[3] == 1 && factor[6] == 1)
    #expect(factor[4].isNaN && factor[7].isNaN && factor[8].isNaN)
    #expect(factor[1] == 0 && factor[2] == 0 && factor[5] == 0)
  }

  @Test func logDeterminantOfADiagonal() throws {
    let graph = Graph()
    let a = diag(graph.constant([2, 3, 4], dtype: .float64))
    #expect(
      agree(
        try evaluate([logDeterminant(choleskyFactor: cholesky(a))])[0].doubles, [3.17805383034794562], tolerance: 1e-14)
    )
  }

  @Test func triangles() throws {
    let graph = Graph()
    let a = graph.constant(try HostArray((1...6).map { Double($0) }, shape: [2, 3]))
    let found = try evaluate([tril(a), triu(a), bandPart(a, lower: 0, upper: 1)])
    #expect(found.map { $0.doubles } == [[1, 0, 0, 4, 5, 0], [1, 2, 3, 0, 5, 6], [1, 2, 0, 0, 5, 6]])
  }

  @Test func theFirstOfEqualElementsIsFoundAndNaNBeforeAll() throws {
    let graph = Graph()
    let x = graph.constant(try HostArray([1, 3, 3, 2, .nan, 9, .nan, 0, -1, -1, -1, -1], shape: [3, 4]))
    let found = try evaluate([argMax(x), argMin(x), argMax(x, axis: 0)])
    #expect(found.map { $0.doubles } == [[1, 0, 0], [0, 0, 0], [1, 1, 1, 0]])
    #expect(found[0].dtype == .int32)
  }

  @Test func indicesOutsideAreClamped() throws {
    let graph = Graph()
    let x = graph.constant([10, 20, 30])
    let indices = graph.constant(HostArray([Int64.min, -1, 1, 3, Int64.max]))
    let taken = take(x, indices)
    let slope = gradient(of: taken.sum(), by: x)
    let found = try evaluate([taken, slope])
    #expect(found[0].doubles == [10, 10, 20, 30, 30])
    #expect(found[1].doubles == [2, 1, 2])
  }

  @Test func oneHotIsZeroOutside() throws {
    let graph = Graph()
    let labels = graph.constant(HostArray([Int32(2), 0, 5, -1]))
    #expect(try evaluate([oneHot(labels, depth: 3)])[0].doubles == [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test func convolutionsKeepASymbolicBatch() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 7, 6, 4], dtype: .float64)
    let dense = graph.placeholder("dense", shape: [3, 3, 4, 6], dtype: .float64)
    let deep = graph.placeholder("deep", shape: [3, 2, 4, 2], dtype: .float64)
    let back = graph.placeholder("back", shape: [3, 3, 5, 6], dtype: .float64)
    let small = conv2D(x, dense, strides: [2, 2], padding: .same)
    let large = conv2DTranspose(small, back, strides: [2, 2], padding: .same)
    let pooled = maxPool2D(depthwiseConv2D(x, deep, padding: .same))
    #expect(small.shape.description == "[n, 4, 3, 6]")
    #expect(large.shape.description == "[n, 8, 6, 5]")
    #expect(pooled.shape.description == "[n, 3, 3, 8]")
    let value = (large * large).sum() + (pooled * pooled).sum()
    let first = gradients(of: value, by: [x, dense, deep, back])
    let second = gradients(of: first.reduce(value) { $0 + ($1 * $1).sum() }, by: [x, dense, deep, back])
    try graph.check()
    #expect((first + second).map { $0.shape } == [x, dense, deep, back, x, dense, deep, back].map { $0.shape })

    var generator = TestGenerator(seed: 5)
    var feeds: [String: HostArray] = [:]
    for (name, shape) in [
      ("x", [2, 7, 6, 4]), ("dense", [3, 3, 4, 6]), ("deep", [3, 2, 4, 2]), ("back", [3, 3, 5, 6]),
    ] {
      feeds[name] = try .random(.float64, shape, in: -1...1, &generator)
    }
    #expect(try evaluate(second, feeding: feeds).allSatisfy { $0.doubles.allSatisfy(\.isFinite) })
  }

  @Test func explicitPaddingAndOutputPadding() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 5, 5, 1])
    let kernel = graph.placeholder("kernel", shape: [3, 3, 1, 1])
    #expect(conv2D(x, kernel, padding: .explicit([(1, 2), (0, 0)])).shape.description == "[n, 6, 3, 1]")
    let padded = conv2DTranspose(x, kernel, strides: [2, 2], padding: .same, outputPadding: [0, 1])
    #expect(padded.shape.description == "[n, 9, 10, 1]")
    try graph.check()
    #expect(!conv2DTranspose(x, kernel, strides: [2, 2], outputSize: [20, 11]).isValid)
    #expect(!conv2D(x, kernel, padding: .explicit([(1, 1)])).isValid)
    #expect(!conv2D(x, kernel, strides: [Int.max, 1], padding: .same).isValid)
    #expect(graph.diagnostics.count == 3)
  }

  @Test func symbolicSpatialExtentsAreRefused() {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [1, nil, 5, 1])
    #expect(!conv2D(x, graph.ones([3, 3, 1, 1])).isValid)
    #expect(graph.diagnostics.first?.message.contains("of fixed height and width") == true)
  }
}

@Suite struct ActivationEdgeTests {
  @Test func smoothFunctionsAreSmoothAtZero() throws {
    let graph = Graph()
    let x = graph.constant([0.0], dtype: .float64)
    func derivatives(_ f: (Tensor) -> Tensor) throws -> [Double] {
      let first = gradient(of: f(x).sum(), by: x)
      let second = gradient(of: first.sum(), by: x, unconnected: .zero)
      return try evaluate([first, second]).map { $0.doubles[0] }
    }
    #expect(try derivatives { softplus($0) } == [0.5, 0.25])
    #expect(try derivatives { sigmoid($0) } == [0.25, 0])
    #expect(try derivatives { logSigmoid($0) } == [0.5, -0.25])
    #expect(try derivatives { silu($0) } == [0.5, 0.5])
    #expect(try derivatives { leakyRelu($0) }.first == 0.2)
  }
}
