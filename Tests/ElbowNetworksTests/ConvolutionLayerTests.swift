import ElbowArrays
import ElbowGraph
import ElbowNetworks
import TestSupport
import Testing

@Suite struct ConvolutionLayerTests {
  private func names(_ graph: Graph) -> [String] { graph.variables.map { "\($0.name) \($0.type)" } }

  @Test func weightsAreNamedAsKerasNamesThem() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 13, 11, 3])
    let model = Sequential {
      Conv2D(5, kernelSize: [3, 2], strides: 2, activation: relu)
      DepthwiseConv2D(kernelSize: 3, padding: .same, depthMultiplier: 2)
      Conv2DTranspose(7, kernelSize: [2, 4], strides: [2, 3], padding: .same, useBias: false)
      Conv2D(1, kernelSize: 1, name: "last")
    }
    #expect("\(model(x).type)" == "float32[n, 12, 15, 1]")
    #expect(
      names(graph) == [
        "conv2d/kernel float32[3, 2, 3, 5]", "conv2d/bias float32[5]", "depthwise_conv2d/kernel float32[3, 3, 5, 2]",
        "depthwise_conv2d/bias float32[10]", "conv2d_transpose/kernel float32[2, 4, 7, 10]",
        "last/kernel float32[1, 1, 7, 1]", "last/bias float32[1]",
      ])
    #expect(graph.variables.allSatisfy { $0.role == .parameter })
    try graph.check()
  }

  @Test func aLayerSharesItsWeights() throws {
    let graph = Graph()
    let layer = Conv2DTranspose(2, kernelSize: 3, strides: 2, padding: .same)
    _ = layer(graph.placeholder("x", shape: [2, 5, 4, 3]))
    let second = layer(graph.placeholder("y", shape: [nil, 7, 6, 3]))
    #expect(graph.variables.count == 2)
    #expect("\(second.shape)" == "[n, 14, 12, 2]")
    try graph.check()
  }

  /// Layer, kernel and expectation of a 1 x 2 image with two channels, [[1, 2], [3, 5]], the bias being 0.5, and times 10.
  @Test func resultsAreActivationOfConvolutionPlusBias() throws {
    let graph = Graph()
    let x = graph.constant(try HostArray([Float(1), 2, 3, 5], shape: [1, 1, 2, 2]))
    let tenfold: Activation = { $0 * 10 }
    let layers: [(any Layer, [Int], [Float], [Double])] = [
      (Conv2D(1, kernelSize: [1, 2], activation: tenfold, name: "c"), [1, 2, 2, 1], [1, 0, 2, -1], [25]),
      (
        Conv2DTranspose(1, kernelSize: [1, 2], activation: tenfold, name: "c"), [1, 2, 1, 2], [1, 0, 2, -1],
        [15, 35, 15]
      ),
      (DepthwiseConv2D(kernelSize: [1, 2], activation: tenfold, name: "c"), [1, 2, 2, 1], [1, 0, 2, -1], [75, -45]),
    ]
    for (layer, shape, kernel, expected) in layers {
      let graph = Graph()
      let y = layer(graph.constant(try #require((x.node.primitive as? Constant)?.value)))
      let bias = [Float](repeating: 0.5, count: expected.count == 2 ? 2 : 1)
      let state = ["c/kernel": try HostArray(kernel, shape: shape), "c/bias": HostArray(bias)]
      #expect(try ReferenceBackend().value(y, state: state).doubles == expected)
    }
  }

  /// He's initializer has the variance 2 / fanIn, so it tells fan-in from fan-out.
  @Test func transposedKernelsHaveTheFansOfTheirUse() throws {
    let graph = Graph()
    let layer = Conv2DTranspose(4, kernelSize: 5, kernelInitializer: .heUniform)
    _ = layer(graph.placeholder("x", shape: [nil, 3, 3, 60]))
    let program = try graph.initializer()
    let kernel = try ReferenceBackend().run(program, feeding: [:], state: [:], random: RandomState(seed: 1))
      .updates["conv2d_transpose/kernel"]
    let limit = (6.0 / (25 * 60)).squareRoot()
    let largest = try #require(kernel).doubles.map { abs($0) }.max() ?? 0
    #expect(kernel?.shape == [5, 5, 4, 60])
    #expect(largest <= limit && largest > 0.99 * limit)
  }

  @Test func poolingAndFunctions() throws {
    let graph = Graph()
    let x = graph.constant(try HostArray([Float](0..<16).map { $0 - 7 }, shape: [1, 4, 4, 1]))
    let largest = Sequential {
      MaxPool2D()
      LeakyReLU(alpha: 0.5)
    }
    let means = Sequential {
      AveragePool2D(poolSize: [2, 4], strides: 2)
      Lambda { $0 * 2 }
    }
    #expect(try ReferenceBackend().value(largest(x)).doubles == [-1, 0, 6, 8])
    #expect(try ReferenceBackend().value(means(x)).doubles == [-7, 9])
    #expect(graph.variables.isEmpty)
  }
}

extension [Float] {
  fileprivate init(_ range: Range<Int>) { self = range.map { Float($0) } }
}

/// One case a mistake.
@Suite struct ConvolutionLayerErrorTests {
  private func mistake(_ body: (Graph) -> Void) -> String? {
    let graph = Graph()
    body(graph)
    return graph.diagnostics.first?.message
  }

  @Test func withoutFilters() {
    #expect(
      mistake { _ = Conv2D(0, kernelSize: 3)($0.placeholder("x", shape: [nil, 8, 8, 1])) }
        == "Conv2D(0, kernelSize: [3, 3]) would have 0 filters of the size [3, 3]; it needs at least 1, and two extents "
        + "of at least 1.")
  }
  @Test func withoutExtent() {
    #expect(
      mistake { _ = DepthwiseConv2D(kernelSize: [3, 0])($0.placeholder("x", shape: [nil, 8, 8, 1])) }
        == "DepthwiseConv2D(kernelSize: [3, 0]) would have 1 kernels a channel of the size [3, 0]; it needs at least 1, "
        + "and two extents of at least 1.")
  }
  @Test func withThreeExtents() {
    #expect(
      mistake { _ = Conv2D(2, kernelSize: [3, 3, 3])($0.placeholder("x", shape: [nil, 8, 8, 1])) }?
        .contains("of the size [3, 3, 3]") == true)
  }
  @Test func ofIntegers() {
    #expect(
      mistake { _ = Conv2D(2, kernelSize: 3)($0.placeholder("x", shape: [nil, 8, 8, 1], dtype: .uint8)) }
        == "Conv2D(2, kernelSize: [3, 3]) cannot be applied to uint8[n, 8, 8, 1]: its input is floating point; convert "
        + "it with cast(to: .float32).")
  }
  @Test func ofVectors() {
    #expect(
      mistake { _ = Conv2DTranspose(2, kernelSize: 3, name: "up")($0.placeholder("x", shape: [nil, 8])) }
        == "Conv2DTranspose(2, kernelSize: [3, 3]) 'up' cannot be applied to float32[n, 8]: its input is images "
        + "[n, height, width, channels] with a known number of channels.")
  }
  @Test func withOtherChannels() {
    let text = mistake {
      let layer = Conv2DTranspose(2, kernelSize: 3, name: "up")
      _ = layer($0.placeholder("x", shape: [1, 8, 8, 3]))
      _ = layer($0.placeholder("y", shape: [1, 8, 8, 2]))
    }
    #expect(
      text == "Conv2DTranspose(2, kernelSize: [3, 3]) 'up' has weights for images [n, height, width, 3], from its "
        + "first call, and cannot be applied to float32[1, 8, 8, 2].")
  }
  @Test func ofAnotherGraph() {
    let layer = Conv2D(2, kernelSize: 3, name: "c")
    _ = layer(Graph().placeholder("x", shape: [1, 8, 8, 3]))
    #expect(
      mistake { _ = layer($0.placeholder("x", shape: [1, 8, 8, 3])) }
        == "Conv2D(2, kernelSize: [3, 3]) 'c' has its weights in another graph; make a layer for each.")
  }
  @Test func withNegativeStrides() {
    #expect(
      mistake { _ = Conv2D(2, kernelSize: 3, strides: -1)($0.placeholder("x", shape: [1, 8, 8, 3])) }
        == "'conv2D' with strides [-1, -1] and dilations [1, 1]: both are two numbers of at least 1.")
  }
}
