import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowNetworks
import TestSupport
import Testing

/// Layers that are made of convolutions, loops and products, compiled: results and gradients are those of the evaluator.
@Suite struct CompiledLayerTests {
  private let layers: [(name: String, layer: any Layer, input: String)] = [
    ("conv1d", Conv1D(5, kernelSize: 3, strides: 2, padding: .same, activation: tanh), "series"),
    ("conv1d_apart", Conv1D(3, kernelSize: 2, dilations: 3), "series"),
    ("conv1d_transpose", Conv1DTranspose(4, kernelSize: 3, strides: 2, padding: .same), "series"),
    ("conv3d", Conv3D(6, kernelSize: [2, 3, 2], strides: [1, 2, 1], padding: .same, activation: relu), "volumes"),
    ("conv3d_transpose", Conv3DTranspose(3, kernelSize: 2, strides: [2, 1, 2], padding: .same), "volumes"),
    ("max_pool1d", MaxPool1D(poolSize: 3, strides: 2, padding: .same), "series"),
    ("average_pool3d", AveragePool3D(poolSize: 2, padding: .same), "volumes"),
    ("global_average", GlobalAveragePooling2D(), "images"), ("global_max", GlobalMaxPooling1D(), "series"),
    ("padding", ZeroPadding2D([(low: 1, high: 0), (low: 2, high: 1)]), "images"),
    ("nearest", UpSampling2D(size: [2, 3]), "images"),
    ("bilinear", UpSampling2D(size: [3, 2], interpolation: .bilinear), "images"),
    ("simple_rnn", SimpleRNN(4, returnSequences: true, goBackwards: true), "series"), ("lstm", LSTM(5), "series"),
    ("gru", GRU(4, returnSequences: true), "series"), ("gru_before", GRU(3, resetAfter: false), "series"),
    ("bidirectional", Bidirectional(LSTM(3, returnSequences: true)), "series"),
    ("attention", MultiHeadAttention(numHeads: 2, keyDim: 3, outputDim: 5), "series"),
  ]

  /// One library has them all.
  @Test func agreeWithTheEvaluator() throws {
    let graph = Graph()
    let inputs = [
      "series": graph.placeholder("series", shape: [nil, 7, 3]),
      "images": graph.placeholder("images", shape: [nil, 4, 3, 2]),
      "volumes": graph.placeholder("volumes", shape: [nil, 3, 4, 5, 2]),
    ]
    var outputs: [String: Tensor] = [:]
    for (name, layer, input) in layers {
      let x = try #require(inputs[input])
      let y = layer(x)
      outputs[name] = y
      let found = gradients(of: (y * y).sum(), by: [x] + layer.parameters)
      for (index, gradient) in found.enumerated() { outputs["\(name)_gradient\(index)"] = gradient }
    }
    outputs["causal"] = MultiHeadAttention(numHeads: 1, keyDim: 2)(try #require(inputs["series"]), useCausalMask: true)
    try graph.check()

    var feeds: [String: HostArray] = [:]
    for (name, input) in inputs {
      let shape = [5] + input.shape.dimensions.dropFirst().compactMap(\.value)
      feeds[name] = try HostArray(pattern(shape.reduce(1, *), scale: 2.3).map { Float($0 * 3) }, shape: shape)
    }
    let state = try ReferenceBackend().run(
      graph.initializer(), feeding: [:], state: [:], random: RandomState(seed: 11)
    ).updates
    let expected = try ReferenceBackend().values(of: outputs, in: graph, feeding: feeds, state: state)
    let compiled = try CompiledBackend().values(of: outputs, in: graph, feeding: feeds, state: state)
    #expect(expected.count == outputs.count && outputs.count > 60)
    for (name, reference) in expected.sorted(by: { $0.key < $1.key }) {
      let found = try #require(compiled[name])
      let scale = reference.doubles.map { abs($0) }.max() ?? 1
      #expect(scale > 0 && scale.isFinite, "\(name)")
      let worst = zip(found.doubles, reference.doubles).map { abs($0 - $1) }.max() ?? .infinity
      #expect(found.shape == reference.shape && worst <= 2e-5 * max(1, scale), "\(name): \(worst) of \(scale)")
    }
  }
}
