import ElbowDifferentiation
import ElbowGraph
import Testing

/// Which layer an operation belongs to.
@Suite struct ScopeTests {
  @Test func followTheVariables() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    func weight(_ scope: String, _ shape: Shape) -> Tensor {
      graph.scope(scope) { graph.variable("weight", initialValue: graph.ones(shape)) }
    }
    let doubled = x * 2
    let first = tanh(matmul(doubled, weight("net/first", [3, 4])))
    let second = matmul(first, exp(weight("net/second", [4, 2])))
    let both = second.sum() + first.sum()
    let loose = both + weight("other", []) + both
    let program = try graph.program(
      Signature(
        "all", outputs: ["doubled": doubled, "first": first, "second": second, "both": both, "loose": loose]))
    let scopes = Dictionary(
      uniqueKeysWithValues: program.outputs.map { ($0.name, program.scopes[$0.node]) })
    #expect(
      scopes == ["doubled": "", "first": "net/first", "second": "net/second", "both": "net", "loose": ""])
    #expect(program.scopes.count == program.nodes.count)
  }

  @Test func gradientsBelongToTheirLayers() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let weight = graph.scope("layer") { graph.variable("weight", initialValue: graph.ones([3, 2])) }
    let loss = tanh(matmul(x, weight)).sum()
    let derivative = gradient(of: loss, by: weight)
    let program = try graph.program(Signature("step", outputs: ["gradient": derivative]))
    #expect(program.scopes[program.outputs[0].node] == "layer")
  }

  /// Every node lies in a box, and those without a scope with their users, or in one for their line.
  @Test func boxesHoldEverything() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    func weight(_ scope: String, _ shape: Shape) -> Tensor {
      graph.scope(scope) { graph.variable("weight", initialValue: graph.ones(shape)) }
    }
    let (first, second) = (weight("net/first", [3]), weight("net/second", [3]))
    let own = sqrt(graph.constant(3))
    let shared = sqrt(graph.constant(5))
    let apart = sqrt(graph.constant(7))
    let line = #line - 1
    let slot = sqrt(graph.constant(11))
    let all = first * own * shared * x + second * shared
    let moment = graph.scope("adam/m") { graph.variable("weight", initialValue: graph.ones([])) }
    let signature = Signature(
      "all", outputs: ["own": own, "shared": shared, "apart": apart, "all": all],

      updates: [VariableUpdate(moment, to: slot)])
    let program = try graph.program(signature)
    let boxes = program.boxes
    #expect(boxes.count == program.nodes.count && boxes.allSatisfy { !$0.isEmpty })
    let outputs = Dictionary(uniqueKeysWithValues: program.outputs.map { ($0.name, boxes[$0.node]) })
    #expect(outputs["own"] == ["net", "first"] && outputs["shared"] == ["net"] && outputs["all"] == ["net"])
    let known = Set([["ScopeTests.swift", "line \(line)"], ["without a scope"]])
    #expect(outputs["apart"].map { known.contains($0) } == true, "\(outputs)")
    #expect(boxes[program.updates[0].node] == ["adam", "m"])
    let input = program.nodes.firstIndex { $0.primitive is Placeholder }
    #expect(input.map { boxes[$0] } == ["inputs"])
    // An operand lies where its user does.
    let constant = try #require(program.nodes[program.updates[0].node].inputs.first)
    #expect(boxes[constant] == ["adam", "m"])
  }
}
