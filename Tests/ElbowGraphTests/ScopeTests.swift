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
}
