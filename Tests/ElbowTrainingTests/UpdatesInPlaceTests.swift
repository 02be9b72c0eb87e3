import ElbowArrays
import ElbowGraph
import ElbowNetworks
import ElbowTraining
import TestSupport
import Testing

/// New values of variables are computed where the variables lie, and must not replace what is still to be read.
@Suite struct UpdatesInPlaceTests {
  private func compare(_ graph: Graph, _ step: Signature, feeding feeds: [String: HostArray] = [:]) throws {
    let program = try graph.program(step)
    let state = try ReferenceBackend().run(
      graph.initializer(), feeding: [:], state: [:], random: RandomState(seed: 3)
    ).updates
    let expected = try ReferenceBackend().run(program, feeding: feeds, state: state, random: RandomState(seed: 0))
    let found = try CompiledBackend().run(program, feeding: feeds, state: state, random: RandomState(seed: 0))
    for (name, value) in expected.updates.sorted(by: { $0.key < $1.key }) {
      let values = GoldenTensor(shape: value.shape, values: value.doubles)
      let mistake = difference(found.updates[name], values, Tolerance(relative: 1e-4, absolute: 1e-5))
      #expect(mistake == nil, "\(name): \(mistake ?? "")")
    }
  }

  /// A variable that becomes a function of its own elements elsewhere.
  @Test(arguments: ["reversed", "product", "transposed", "elementwise"])
  func ofItsOwnOldValue(_ function: String) throws {
    let graph = Graph()
    let x = graph.variable("x", initialValue: graph.randomNormal([10, 10]))
    let value =
      switch function {
      case "reversed": x.reversed(axes: [0])
      case "product": matmul(x, x)
      case "transposed": x.transpose
      default: x * 2
      }
    try compare(graph, Signature("step", updates: [VariableUpdate(x, to: value)]))
  }

  /// The gradient by a convolution's input reads the kernel in reverse; the copy for that is made in the loop that updates.
  @Test(arguments: [false, true])
  func whileAGradientReadsTheOldValue(isTransposed: Bool) throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 6, 6, 1])
    let model = Sequential {
      Conv2D(3, kernelSize: 3, padding: .same, activation: { leakyRelu($0) }, name: "a")
      if isTransposed {
        Conv2DTranspose(1, kernelSize: 3, padding: .same, name: "b")
      } else {
        Conv2D(1, kernelSize: 3, padding: .same, name: "b")
      }
    }
    let loss = (softplus(model(x)) * x).mean()
    let values = (0..<72).map { Float(($0 * 7919 + 13) % 101) / 50 - 1 }
    try compare(
      graph, SGD(learningRate: 0.5).minimize(loss).signature(), feeding: ["x": HostArray(values, shape: [2, 6, 6, 1])])
  }
}
