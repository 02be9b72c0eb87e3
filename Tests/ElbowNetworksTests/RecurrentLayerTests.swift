import ElbowArrays
import ElbowGraph
import ElbowNetworks
import Foundation
import TestSupport
import Testing

/// Recurrent layers against their equations, written out in plain numbers.
@Suite struct RecurrentLayerTests {
  /// The inputs of three steps of two features.
  private let steps: [[Double]] = [[0.5, -1], [2, 0.25], [-0.75, 1.5]]

  /// The result of a layer for those steps, with weights of a fixed pattern, and the weights themselves.
  private func run(
    _ layer: some Layer, _ state: [String: HostArray]? = nil, of steps: [[Double]]? = nil
  ) throws -> (result: HostArray, state: [String: HostArray]) {
    let graph = Graph()
    let y = layer(graph.constant(try HostArray((steps ?? self.steps).flatMap { $0 }, shape: [1, 3, 2])))
    try graph.check()
    var values: [String: HostArray] = [:]
    for (index, variable) in graph.variables.enumerated() {
      let shape = variable.type.shape.extents ?? []
      values[variable.name] = try HostArray(pattern(shape.reduce(1, *), scale: 1.1 + Double(index)), shape: shape)
    }
    return (try ReferenceBackend().value(y, state: state ?? values), state ?? values)
  }

  /// A row of numbers times a matrix.
  private func times(_ row: [Double], _ matrix: HostArray) -> [Double] {
    let (values, columns) = (matrix.doubles, matrix.shape[1])
    return (0..<columns).map { column in
      row.indices.reduce(0) { $0 + row[$1] * values[$1 * columns + column] }
    }
  }
  private func plus(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }
  private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
  private func isClose(_ found: [Double], _ expected: [Double]) -> Bool {
    found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-12 }
  }

  @Test func variablesAreNamedAndShapedAsKerasHasThem() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 4, 5])
    let model = Sequential {
      SimpleRNN(2, returnSequences: true)
      LSTM(3, returnSequences: true)
      Bidirectional(GRU(2, returnSequences: true))
      GRU(6, resetAfter: false, name: "last", useBias: false)
    }
    #expect("\(model(x).type)" == "float32[n, 6]")
    #expect(
      graph.variables.map { "\($0.name) \($0.type.shape)" } == [
        "simple_rnn/kernel [5, 2]", "simple_rnn/recurrent_kernel [2, 2]", "simple_rnn/bias [2]", "lstm/kernel [2, 12]",
        "lstm/recurrent_kernel [3, 12]", "lstm/bias [12]", "bidirectional/forward_gru/kernel [3, 6]",
        "bidirectional/forward_gru/recurrent_kernel [2, 6]", "bidirectional/forward_gru/bias [2, 6]",
        "bidirectional/backward_gru/kernel [3, 6]", "bidirectional/backward_gru/recurrent_kernel [2, 6]",
        "bidirectional/backward_gru/bias [2, 6]", "last/kernel [4, 18]", "last/recurrent_kernel [6, 18]",
      ])
    #expect(model.parameters.count == graph.variables.count)
    try graph.check()
  }

  /// One unit, by hand: the states are tanh(1), and tanh(-1 + 2 tanh(1)).
  @Test func aUnitByHand() throws {
    let graph = Graph()
    let layer = SimpleRNN(1, returnSequences: true, name: "r")
    let y = layer(graph.constant(try HostArray([1.0, -1], shape: [1, 2, 1])))
    let state = [
      "r/kernel": try HostArray([1.0], shape: [1, 1]), "r/recurrent_kernel": try HostArray([2.0], shape: [1, 1]),
      "r/bias": HostArray([0.0]),
    ]
    let found = try ReferenceBackend().value(y, state: state)
    #expect(found.shape == [1, 2, 1])
    #expect(isClose(found.doubles, [0.7615941559557649, 0.48015700943368606]))
  }

  @Test func simpleRNN() throws {
    let (found, state) = try run(SimpleRNN(3, returnSequences: true, name: "r"))
    var (h, all) = ([0.0, 0, 0], [Double]())
    for x in steps {
      let sum = plus(times(x, try #require(state["r/kernel"])), times(h, try #require(state["r/recurrent_kernel"])))
      h = plus(sum, try #require(state["r/bias"]).doubles).map { tanh($0) }
      all += h
    }
    #expect(isClose(found.doubles, all))
    #expect(isClose(try run(SimpleRNN(3, name: "r"), state).result.doubles, h))
  }

  @Test func lstm() throws {
    let (found, state) = try run(LSTM(2, returnSequences: true, name: "r"))
    var (h, c, all) = ([0.0, 0], [0.0, 0], [Double]())
    for x in steps {
      let sum = plus(times(x, try #require(state["r/kernel"])), times(h, try #require(state["r/recurrent_kernel"])))
      let z = plus(sum, try #require(state["r/bias"]).doubles)
      for unit in 0..<2 {
        c[unit] = sigmoid(z[2 + unit]) * c[unit] + sigmoid(z[unit]) * tanh(z[4 + unit])
        h[unit] = sigmoid(z[6 + unit]) * tanh(c[unit])
      }
      all += h
    }
    #expect(isClose(found.doubles, all))
    #expect(isClose(try run(LSTM(2, name: "r"), state).result.doubles, h))
  }

  @Test(arguments: [true, false])
  func gru(resetAfter: Bool) throws {
    let (found, state) = try run(GRU(2, returnSequences: true, resetAfter: resetAfter, name: "r"))
    let (kernel, recurrent) = (try #require(state["r/kernel"]), try #require(state["r/recurrent_kernel"]))
    let biases = try #require(state["r/bias"]).doubles
    var (h, all) = ([0.0, 0], [Double]())
    for x in steps {
      let input = plus(times(x, kernel), [Double](biases.prefix(6)))
      let product = plus(times(h, recurrent), resetAfter ? [Double](biases.suffix(6)) : [0, 0, 0, 0, 0, 0])
      let gates: [Double] = plus([Double](input[..<4]), [Double](product[..<4])).map { sigmoid($0) }
      let (z, r) = ([Double](gates[..<2]), [Double](gates[2...]))
      let before = times([r[0] * h[0], r[1] * h[1]], recurrent)
      for unit in 0..<2 {
        let reset: Double = resetAfter ? r[unit] * product[4 + unit] : before[4 + unit]
        h[unit] = z[unit] * h[unit] + (1 - z[unit]) * tanh(input[4 + unit] + reset)
      }
      all += h
    }
    #expect(isClose(found.doubles, all))
  }

  /// Going backwards is going forwards through the steps in reverse; the outputs are in the order of going.
  @Test func backwards() throws {
    let (backward, state) = try run(LSTM(2, returnSequences: true, goBackwards: true, name: "r"))
    let (forward, _) = try run(LSTM(2, returnSequences: true, name: "r"), state, of: steps.reversed())
    #expect(isClose(backward.doubles, forward.doubles))
    let (last, _) = try run(LSTM(2, goBackwards: true, name: "r"), state)
    #expect(isClose(last.doubles, [Double](forward.doubles.suffix(2))))
  }

  /// Outputs of both directions stand beside each other at the step that they are of.
  @Test func bidirectional() throws {
    let (both, state) = try run(Bidirectional(GRU(1, returnSequences: true, name: "r"), name: "b"))
    func one(_ direction: String, _ layer: GRU) throws -> [Double] {
      let prefix = "b/\(direction)_r/"
      let own = state.filter { $0.key.hasPrefix(prefix) }.map { ("r/" + $0.key.dropFirst(prefix.count), $0.value) }
      return try run(layer, Dictionary(uniqueKeysWithValues: own)).result.doubles
    }
    let forward = try one("forward", GRU(1, returnSequences: true, name: "r"))
    let backward = try one("backward", GRU(1, returnSequences: true, goBackwards: true, name: "r"))
    #expect(forward != backward)
    #expect(both.shape == [1, 3, 2])
    #expect(isClose(both.doubles, (0..<3).flatMap { [forward[$0], backward[2 - $0]] }))
    let (last, _) = try run(Bidirectional(GRU(1, name: "r"), mergeMode: .sum, name: "b"), state)
    #expect(isClose(last.doubles, [forward[2] + backward[2]]))
    let (mean, _) = try run(Bidirectional(GRU(1, name: "r"), mergeMode: .ave, name: "b"), state)
    #expect(isClose(mean.doubles, [(forward[2] + backward[2]) / 2]))
    let (product, _) = try run(Bidirectional(GRU(1, name: "r"), mergeMode: .mul, name: "b"), state)
    #expect(isClose(product.doubles, [forward[2] * backward[2]]))
  }

  /// The state after the first two steps leads on to the third.
  @Test func statesAreGivenAndTaken() throws {
    let graph = Graph()
    let layer = LSTM(2, name: "r")
    func part(_ range: Range<Int>) throws -> Tensor {
      graph.constant(try HostArray(steps[range].flatMap { $0 }, shape: [1, range.count, 2]))
    }
    let whole = try layer(part(0..<3))
    let (_, state) = try layer(part(0..<2), initialState: nil)
    #expect(state.count == 2)
    let (rest, _) = try layer(part(2..<3), initialState: state)
    try graph.check()
    let values = try run(LSTM(2, name: "r")).state
    let found = try ReferenceBackend().values(of: ["whole": whole, "rest": rest], in: graph, state: values)
    #expect(isClose(found["rest"]?.doubles ?? [], found["whole"]?.doubles ?? [0]))
  }

  /// The forget gate's biases begin with 1, the others with 0; recurrent kernels begin orthogonal.
  @Test func initialValues() throws {
    let graph = Graph()
    _ = LSTM(2, name: "r")(graph.placeholder("x", shape: [nil, 3, 2], dtype: .float64))
    let initial = try ReferenceBackend().run(
      graph.initializer(), feeding: [:], state: [:], random: RandomState(seed: 7)
    ).updates
    #expect(initial["r/bias"]?.doubles == [0, 0, 1, 1, 0, 0, 0, 0])
    let u = try #require(initial["r/recurrent_kernel"]).doubles
    func dot(_ a: Int, _ b: Int) -> Double { (0..<8).reduce(0) { $0 + u[a * 8 + $1] * u[b * 8 + $1] } }
    #expect(isClose([dot(0, 0), dot(1, 1), dot(0, 1)], [1, 1, 0]))
  }

  @Test func gradients() throws {
    let layers: [any Layer] = [
      SimpleRNN(2), LSTM(2, returnSequences: true, goBackwards: true), GRU(2, returnSequences: true),
      GRU(2, resetAfter: false), Bidirectional(LSTM(1, returnSequences: true)),
    ]
    for layer in layers {
      let error = try largestLayerGradientError(inputs: [[1, 3, 2]], parameters: { layer.parameters }) { layer($0[0]) }
      #expect(error < 1e-6, "\(type(of: layer))")
    }
  }
}

/// One case a mistake.
@Suite struct RecurrentLayerErrorTests {
  private func mistake(_ shape: [Int?], dtype: DType = .float32, _ body: (Tensor) -> Void) -> String? {
    let graph = Graph()
    body(graph.placeholder("x", shape: shape, dtype: dtype))
    return graph.diagnostics.first?.message
  }

  @Test func withoutUnits() {
    #expect(mistake([nil, 3, 2]) { _ = LSTM(0)($0) } == "LSTM(0) would have 0 units; it needs at least 1.")
  }
  @Test func ofIntegers() {
    #expect(
      mistake([nil, 3, 2], dtype: .int32) { _ = GRU(4)($0) }
        == "GRU(4) cannot be applied to int32[n, 3, 2]: its input is floating point; convert it with cast(to: .float32)."
    )
  }
  @Test func ofVectors() {
    #expect(
      mistake([nil, 3]) { _ = SimpleRNN(4, name: "r")($0) }
        == "SimpleRNN(4) 'r' cannot be applied to float32[n, 3]: its input is [n, steps, features] with a known number of "
        + "features.")
  }
  @Test func ofAnUnknownNumberOfSteps() {
    #expect(
      mistake([nil, nil, 3]) { _ = Bidirectional(LSTM(4))($0) }
        == "LSTM(4) 'forward_lstm' cannot be applied to float32[n, m, 3]: the number of steps, its second axis, has to be "
        + "known.")
  }
  @Test func ofOtherFeatures() {
    let text = mistake([nil, 3, 2]) {
      let layer = GRU(4)
      _ = layer($0)
      _ = layer($0[.ellipsis, ..<1])
    }
    #expect(
      text
        == "GRU(4) 'gru' cannot be applied to float32[n, 3, 1]: it has weights for float32[n, steps, 2], from its first "
        + "call.")
  }
  @Test func ofAnotherGraph() {
    let layer = GRU(4, name: "g")
    _ = layer(Graph().placeholder("x", shape: [1, 3, 2]))
    #expect(
      mistake([1, 3, 2]) { _ = layer($0) } == "GRU(4) 'g' has its weights in another graph; make a layer for each.")
  }
  @Test func fromAnotherState() {
    #expect(
      mistake([5, 3, 2]) { _ = LSTM(4)($0, initialState: [$0.graph.zeros([5, 4])]) }
        == "LSTM(4) 'lstm' cannot be applied to float32[5, 3, 2]: its state is 2 tensors float32[5, 4], and cannot begin "
        + "with (float32[5, 4]).")
  }
}
