import Elbow
import Testing

/// What layers, distributions, bijectors and networks say that training changes.
@Suite struct ParameterTests {
  /// A layer, and the shape of what it is called on.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let shape: [Int?]
    let make: @Sendable () -> any Layer
  }

  static let layers = [
    Case(testDescription: "Dense", shape: [nil, 3]) { Dense(4) },
    Case(testDescription: "Conv2D", shape: [nil, 8, 8, 3]) { Conv2D(4, kernelSize: 3) },
    Case(testDescription: "Conv2DTranspose", shape: [nil, 8, 8, 3]) { Conv2DTranspose(4, kernelSize: 3) },
    Case(testDescription: "DepthwiseConv2D", shape: [nil, 8, 8, 3]) { DepthwiseConv2D(kernelSize: 3) },
    Case(testDescription: "BatchNormalization", shape: [nil, 3]) { BatchNormalization() },
    Case(testDescription: "LayerNormalization", shape: [nil, 3]) { LayerNormalization() },
    Case(testDescription: "AutoregressiveNetwork", shape: [nil, 3]) { AutoregressiveNetwork(hiddenUnits: [8]) },
    Case(testDescription: "DenseVariational", shape: [nil, 3]) { DenseVariational(4) },
    Case(testDescription: "Sequential", shape: [nil, 3]) {
      Sequential {
        Dense(4, activation: relu)
        BatchNormalization()
        Dropout(0.5)
        Dense(2)
      }
    },
  ]

  @Test(arguments: layers)
  func everyLayerKnowsItsParameters(_ layer: Case) {
    let graph = Graph()
    _ = graph.variable("another", shape: [3])
    let made = layer.make()
    #expect(made.parameters.isEmpty)
    _ = made(graph.placeholder("x", shape: layer.shape))
    let own = [Tensor](graph.variables(role: .parameter).dropFirst())
    #expect(!own.isEmpty && made.parameters == own)
  }

  @Test func anEmbeddingKnowsItsParameters() {
    let graph = Graph()
    let embedding = Embedding(10, 4)
    _ = embedding(graph.placeholder("x", shape: [nil], dtype: .int32))
    #expect(embedding.parameters == graph.variables(role: .parameter))
    #expect(embedding.parameters.count == 1)
  }

  private struct Encoder: ModelPart {
    let hidden = Dense(4, activation: relu)
    let heads = ["mean": Dense(2), "scale": Dense(2)]
    let normalization: BatchNormalization? = BatchNormalization()
    let gain: Tensor

    init(_ graph: Graph) { gain = graph.variable("gain", shape: [4]) }

    func callAsFunction(_ x: Tensor, training: Bool) -> (Tensor?, Tensor?) {
      let hidden = gain * (normalization?(hidden(x), training: training) ?? x)
      return (heads["mean"]?(hidden), heads["scale"]?(hidden))
    }
  }

  @Test func typesOfLayersAreParts() throws {
    let graph = Graph()
    let encoder = Encoder(graph)
    let (mean, scale) = encoder(graph.placeholder("x", shape: [nil, 3]), training: true)
    // The gain, three layers of a kernel and a bias, and gamma and beta; not the moving averages.
    #expect(encoder.parameters.count == 1 + 3 * 2 + 2)
    #expect(encoder.updates.count == 2)
    #expect(encoder.losses.isEmpty)
    let decoder = Dense(3)
    let output = decoder(try #require(mean) + #require(scale))
    let step = SGD().minimize((output * output).mean(), inTurn: [encoder.parameters, decoder.parameters])
    #expect(step.gradients.count == 11)
    try graph.check()
  }

  @Test func distributionsAndBijectorsKnowTheirParameters() {
    let graph = Graph()
    let logits = graph.variable("logits", shape: [16])
    let loc = graph.variable("loc", shape: [16, 2])
    let raw = graph.variable("raw", shape: [16, 2])
    let prior = MixtureSameFamily(
      mixtureDistribution: Categorical(logits: logits),
      componentsDistribution: MultivariateNormalDiag(loc: loc, scaleDiag: softplus(raw)))
    #expect(prior.parameters == [logits, loc, raw])
    #expect(Normal(in: graph, loc: 0, scale: 1).parameters.isEmpty)

    let network = AutoregressiveNetwork(hiddenUnits: [8])
    let shift = graph.variable("shift", shape: [3])
    let flow = Bijectors.Chain([
      Bijectors.Shift(shift), Bijectors.MaskedAutoregressiveFlow { network.shiftAndLogScale($0) },
    ])
    let base = MultivariateNormalDiag(loc: graph.zeros([3]), scaleDiag: graph.ones([3]))
    let target = TransformedDistribution(base, bijector: flow)
    _ = target.logProb(graph.placeholder("x", shape: [nil, 3]))
    // A function that a bijector is given keeps what it has to itself.
    #expect(flow.parameters == [shift] && target.parameters == [shift])
    #expect(network.parameters.count == 4)
  }

  @Test func aNetworkKnowsItsParametersAndSumsThemUp() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let network = Network(
      inputs: x,
      Sequential {
        Unflatten([3, 1])
        LSTM(2, name: "memory")
        Dense(4, activation: relu, name: "hidden")
        Dense(2, name: "output")
      })
    #expect(throws: ElbowError.self) { try network.parameters }
    try network.compile(optimizer: Adam(), loss: { _, output in (output * output).mean() })
    #expect(try network.parameters == graph.variables(role: .parameter))
    #expect(
      try network.summary() == """
        variable                 shape   elements
        memory/kernel            [1, 8]         8
        memory/recurrent_kernel  [2, 8]        16
        memory/bias              [8]            8
        hidden/kernel            [2, 4]         8
        hidden/bias              [4]            4
        output/kernel            [4, 2]         8
        output/bias              [2]            2
        all                                    54
        """)
    // A line for each epoch.
    var lines: [String] = []
    let data = try Dataset(columns: [("x", HostArray(zeros: [8, 3]))])
    try network.fit(data, batchSize: 4, epochs: 2, callbacks: [EpochPrinter { lines.append($0) }], verbose: false)
    #expect(lines.count == 2 && lines[1].hasPrefix("epoch 2 of 2: loss 0.0 ("))
    // Called, it has the same variables.
    let again = network(graph.placeholder("y", shape: [nil, 3]))
    #expect(again.shape[-1] == 2 && graph.variables(role: .parameter).count == 7)
  }
}
