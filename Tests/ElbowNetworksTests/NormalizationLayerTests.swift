import ElbowArrays
import ElbowGraph
import ElbowNetworks
import TestSupport
import Testing

/// The normalization layers against Keras in float64, where moving averages are kept as variables.
@Suite struct NormalizationLayerTests {
  private static let tolerance = Tolerance(relative: 1e-10, absolute: 1e-12)
  static let cases = ((try? GoldenFile.cases("nn.json")) ?? []).filter { $0["op"]?.text?.contains("_norm") ?? false }

  @Test(arguments: ["batch_norm_inference", "batch_norm_training", "layer_norm"])
  func casesAreThere(op: String) { #expect(Self.cases.contains { $0["op"]?.text == op }) }

  @Test(arguments: cases)
  func agreesWithKeras(_ golden: GoldenCase) throws {
    let graph = Graph()
    let inputs = try #require(golden["inputs"]).fields.compactMapValues(\.tensor)
    let x = try #require(inputs["x"])
    var shape: [Int?] = x.shape
    shape[0] = nil
    let epsilon = try #require(golden["attrs"]?["epsilon"]?.number)
    let isTraining = golden["op"]?.text == "batch_norm_training"
    let layer: any Layer =
      golden["op"]?.text == "layer_norm"
      ? LayerNormalization(epsilon: epsilon, name: "norm") : BatchNormalization(epsilon: epsilon, name: "norm")
    let model = Sequential { layer }
    let y = model(graph.placeholder("x", shape: shape, dtype: .float64), training: isTraining)
    let step = Signature("step", outputs: ["y": y], updates: model.updates)

    var state: [String: HostArray] = [:]
    for (name, tensor) in inputs where name != "x" { state["norm/\(name)"] = try tensor.array(.float64) }
    #expect(Set(graph.variables.map(\.name)) == Set(state.keys))
    for backend in goldenBackends {
      let found = try backend.run(
        graph.program(step), feeding: ["x": x.array(.float64)], state: state, random: RandomState(seed: 0))
      let output = try #require(golden["output"]?.tensor)
      let mistake = difference(found.outputs["y"], output, Self.tolerance)
      #expect(mistake == nil, "\(golden.id) on \(backend.name): \(mistake ?? "")")
      #expect(found.updates.count == (isTraining ? 2 : 0))
      for name in found.updates.keys.sorted() {
        let expected = try #require(golden["aux"]?["new_\(name.dropFirst(5))"]?.tensor)
        let mistake = difference(found.updates[name], expected, Self.tolerance)
        #expect(mistake == nil, "\(golden.id) \(name) on \(backend.name): \(mistake ?? "")")
      }
    }
  }

  @Test func variablesHaveNamesAndRoles() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3, 5])
    _ = BatchNormalization(axis: 1, scale: false)(BatchNormalization()(LayerNormalization(center: false)(x)))
    #expect(
      graph.variables.map { "\($0.name) \($0.type.shape) \($0.role)" } == [
        "layer_normalization/gamma [5] parameter", "batch_normalization/gamma [5] parameter",
        "batch_normalization/beta [5] parameter", "batch_normalization/moving_mean [5] statistic",
        "batch_normalization/moving_variance [5] statistic", "batch_normalization_1/beta [3] parameter",
        "batch_normalization_1/moving_mean [3] statistic", "batch_normalization_1/moving_variance [3] statistic",
      ])
    try graph.check()
  }

  /// Two features of two examples in the middle axis: 1, 3 and 2, 6.
  @Test func featuresMayLieInAnotherAxis() throws {
    let graph = Graph()
    let layer = BatchNormalization(axis: 1, epsilon: 0, name: "b")
    let x = graph.constant(try HostArray([1.0, 2, 3, 6], shape: [2, 2, 1]))
    let program = try graph.program(
      Signature("s", outputs: ["y": layer(x, training: true)], updates: layer.updates))
    let state = try ReferenceBackend().run(
      graph.initializer(), feeding: [:], state: [:], random: RandomState(seed: 0)
    ).updates
    let found = try ReferenceBackend().run(program, feeding: [:], state: state, random: RandomState(seed: 0))
    #expect(found.outputs["y"]?.doubles == [-1, -1, 1, 1])
    let mean = try #require(found.updates["b/moving_mean"]).doubles
    let variance = try #require(found.updates["b/moving_variance"]).doubles
    #expect(zip(mean, [0.02, 0.04]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(zip(variance, [1, 1.03]).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  /// A second call goes on from where the first would leave the averages, and evaluation changes nothing.
  @Test func callsMoveTheAveragesOneAfterTheOther() throws {
    let graph = Graph()
    let layer = BatchNormalization(momentum: 0.5, name: "b")
    #expect(layer.updates.isEmpty)
    for values in [[8.0, 8], [4.0, 4]] {
      _ = layer(graph.constant(try HostArray(values, shape: [2, 1])), training: true)
    }
    _ = layer(graph.constant(try HostArray([100.0], shape: [1, 1])))
    let program = try graph.program(Signature("s", updates: layer.updates))
    let state = ["b/moving_mean": HostArray([16.0]), "b/moving_variance": HostArray([0.0])]
    let found = try ReferenceBackend().run(program, feeding: [:], state: state, random: RandomState(seed: 0))
    #expect(found.updates["b/moving_mean"]?.doubles == [8])
    #expect(graph.variables.count == 4)
  }
}

/// One case a mistake.
@Suite struct NormalizationLayerErrorTests {
  private func mistake(_ body: (Graph) -> Void) -> String? {
    let graph = Graph()
    body(graph)
    return graph.diagnostics.first?.message
  }

  @Test func ofIntegers() {
    #expect(
      mistake { _ = LayerNormalization()($0.placeholder("x", shape: [4], dtype: .int32)) }
        == "LayerNormalization() cannot be applied to int32[4]: its input is floating point; convert it with "
        + "cast(to: .float32).")
  }
  @Test func withoutTheAxis() {
    #expect(
      mistake { _ = BatchNormalization(axis: 2)($0.placeholder("x", shape: [nil, 4])) }
        == "BatchNormalization() cannot be applied to float32[n, 4]: it has no axis 2.")
  }
  @Test func ofASymbolicAxis() {
    #expect(
      mistake { _ = LayerNormalization(name: "l")($0.placeholder("x", shape: [4, nil])) }
        == "LayerNormalization() 'l' cannot be applied to float32[4, n]: the size of axis -1 has to be known.")
  }
  @Test func ofOtherFeatures() {
    let text = mistake {
      let layer = BatchNormalization(name: "b")
      _ = layer($0.placeholder("x", shape: [nil, 4]))
      _ = layer($0.placeholder("y", shape: [nil, 5]), training: true)
    }
    #expect(
      text == "BatchNormalization() 'b' cannot be applied to float32[m, 5]: it has weights for 4 features, from its "
        + "first call.")
  }
  @Test func ofAnotherGraph() {
    let layer = LayerNormalization(name: "l")
    _ = layer(Graph().placeholder("x", shape: [nil, 4]))
    #expect(
      mistake { _ = layer($0.placeholder("x", shape: [nil, 4])) }
        == "LayerNormalization() 'l' cannot be applied to float32[n, 4]: it has its weights in another graph; make a "
        + "layer for each.")
  }
}
