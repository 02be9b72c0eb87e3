import ElbowArrays
import ElbowGraph
import ElbowNetworks
import TestSupport
import Testing

@Suite struct LayerTests {
  private func names(_ graph: Graph) -> [String] { graph.variables.map { "\($0.name) \($0.type)" } }

  @Test func denseNamesItsWeightsByScope() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 5])
    let result = graph.scope("encoder") { Dense(3, activation: relu, name: "hidden")(x) }
    #expect("\(result.type)" == "float32[n, 3]")
    #expect(names(graph) == ["encoder/hidden/kernel float32[5, 3]", "encoder/hidden/bias float32[3]"])
    #expect(graph.variables.allSatisfy { $0.role == .parameter })
    try graph.check()
  }

  @Test func denseWithoutNamesIsNumbered() {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 2])
    _ = Dense(2, useBias: false)(Dense(2, useBias: false)(x))
    #expect(names(graph) == ["dense/kernel float32[2, 2]", "dense_1/kernel float32[2, 2]"])
  }

  @Test func aLayerSharesItsWeights() throws {
    let graph = Graph()
    let layer = Dense(3)
    let first = layer(graph.placeholder("x", shape: [2, 5]))
    let second = layer(graph.placeholder("y", shape: [4, 7, 5]))
    #expect(graph.variables.count == 2)
    #expect("\(first.shape) \(second.shape)" == "[2, 3] [4, 7, 3]")
    try graph.check()
  }

  @Test func denseComputesXTimesKernelPlusBias() throws {
    let graph = Graph()
    let layer = Dense(2, activation: { $0 * 10 }, name: "d")
    let y = layer(graph.constant(try HostArray([Float(1), 2, 3, 4, 5, 6], shape: [2, 3])))
    let state = [
      "d/kernel": try HostArray([Float(1), 0, 0, 1, 1, -1], shape: [3, 2]), "d/bias": HostArray([Float(0.5), -1]),
    ]
    let value = try ReferenceBackend().value(y, state: state)
    #expect(value.doubles == [45, -20, 105, -20])
  }

  @Test func sequentialFlattenAndUnflatten() throws {
    let graph = Graph()
    let model = Sequential {
      Flatten()
      for units in [8, 6] { Dense(units, activation: softplus) }
      Unflatten([3, -1])
    }
    let y = model(graph.placeholder("x", shape: [nil, 4, 5]))
    #expect("\(y.shape)" == "[n, 3, 2]")
    #expect(model.layers.count == 4)
    #expect(graph.variables.count == 4)
    try graph.check()
  }
}

/// One case a mistake.
@Suite struct LayerErrorTests {
  private func mistake(_ body: (Graph) -> Void) -> String? {
    let graph = Graph()
    body(graph)
    return graph.diagnostics.first?.message
  }

  @Test func denseOfAScalar() {
    #expect(
      mistake { _ = Dense(3)($0.placeholder("x")) }
        == "Dense(3) cannot be applied to float32[]: a scalar has no last axis.")
  }
  @Test func denseOfASymbolicAxis() {
    #expect(
      mistake { _ = Dense(3, name: "hidden")($0.placeholder("x", shape: [4, nil])) }
        == "Dense(3) 'hidden' cannot be applied to float32[4, n]: the size of the last axis has to be known.")
  }
  @Test func denseOfIntegers() {
    #expect(
      mistake { _ = Dense(3)($0.placeholder("x", shape: [4, 2], dtype: .uint8)) }
        == "Dense(3) cannot be applied to uint8[4, 2]: its input is floating point; convert it with cast(to: .float32)."
    )
  }
  @Test func denseWithAnotherInputSize() {
    let text = mistake {
      let layer = Dense(3, name: "hidden")
      _ = layer($0.placeholder("x", shape: [nil, 5]))
      _ = layer($0.placeholder("y", shape: [nil, 7]))
    }
    #expect(
      text == "Dense(3) 'hidden' has weights for inputs of size 5, from its first call, and cannot be applied to "
        + "float32[m, 7], whose last axis has size 7.")
  }
  @Test func denseWithoutUnits() {
    #expect(
      mistake { _ = Dense(0)($0.placeholder("x", shape: [4, 2])) }
        == "Dense(0) would have 0 units; it needs at least 1.")
  }
  @Test func unflattenThatDoesNotDivide() {
    #expect(
      mistake { _ = Unflatten([7, -1])($0.placeholder("x", shape: [nil, 20])) }
        == "Unflatten([7, -1]) cannot be applied to float32[n, 20]: the elements do not divide into that shape.")
  }
}
