import ElbowArrays
import ElbowGraph
import ElbowNetworks
import TestSupport
import Testing

@Suite struct AutoregressiveNetworkTests {
  /// The outputs that change when one input does.
  @Test(arguments: [[], [5], [7, 4], [2, 3, 2]])
  func outputsDependOnTheInputsBeforeTheirs(hiddenUnits: [Int]) throws {
    let graph = Graph()
    let network = AutoregressiveNetwork(
      outputsPerInput: 3, hiddenUnits: hiddenUnits, activation: tanh, kernelInitializer: .randomNormal(stddev: 1))
    let x = graph.placeholder("x", shape: [4], dtype: .float64)
    let outputs = network(x)
    #expect(outputs.shape == [4, 3])
    let state = try ReferenceEvaluator(graph.initializer()).run(random: RandomState(seed: 5)).updates
    let point = [0.3, -0.8, 1.1, 0.6]
    func evaluate(_ point: [Double]) throws -> [Double] {
      try ReferenceBackend().value(outputs, feeding: ["x": HostArray(point)], state: state).doubles
    }
    let before = try evaluate(point)
    var reached: Set<Int> = []
    for input in 0..<4 {
      var moved = point
      moved[input] += 1
      let after = try evaluate(moved)
      for output in 0..<12 where before[output] != after[output] {
        #expect(output / 3 > input, "output \(output / 3) depends on input \(input)")
        reached.insert(output / 3)
      }
    }
    #expect(reached == [1, 2, 3])
  }

  @Test func weightsAreSharedAndNamed() throws {
    let graph = Graph()
    let network = AutoregressiveNetwork(hiddenUnits: [8], name: "made")
    let x = graph.placeholder("x", shape: [nil, 3])
    let (shift, logScale) = network.shiftAndLogScale(x)
    #expect(shift.shape == x.shape && logScale.shape == x.shape)
    _ = network(x)
    #expect(graph.variables.map(\.name) == ["made/kernel_0", "made/bias_0", "made/kernel_1", "made/bias_1"])
    let coupling = shiftAndLogScaleNetwork(hiddenUnits: [16], name: "coupling")
    #expect(coupling(x, 2).shift.shape == [x.shape[0], 2])
    _ = coupling(x, 2)
    #expect(graph.variables.map(\.name).suffix(4).first == "coupling/dense_0/kernel")
    #expect(graph.variables.count == 8)
    try graph.check()
  }

  @Test func mistakes() {
    func mistake(_ body: (Graph) -> Void) -> String? {
      let graph = Graph()
      body(graph)
      return graph.diagnostics.first?.message
    }
    #expect(
      mistake { _ = AutoregressiveNetwork(hiddenUnits: [4])($0.placeholder("x", shape: [3, nil])) }
        == "AutoregressiveNetwork cannot be applied to float32[3, n]: the size of the last axis has to be known.")
    #expect(
      mistake {
        let network = AutoregressiveNetwork(hiddenUnits: [4], name: "made")
        _ = network($0.zeros([2]))
        _ = network($0.zeros([3]))
      }
        == "AutoregressiveNetwork 'made' cannot be applied to float32[3]: its weights, from its first call, are for inputs of "
        + "size 2.")
    #expect(
      mistake { _ = AutoregressiveNetwork(outputsPerInput: 1, hiddenUnits: [4]).shiftAndLogScale($0.zeros([3])) }
        == "AutoregressiveNetwork has 1 outputs for each input; a shift and a scale are 2.")
  }
}
