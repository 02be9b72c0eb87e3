import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// The joint distributions' own behaviour; their values are among the golden ones.
@Suite struct JointDistributionTests {
  private func model(_ graph: Graph) -> JointDistributionSequential {
    JointDistributionSequential([
      .of(Normal(in: graph, loc: 1, scale: 2, dtype: .float64)),
      .given { z in Normal(loc: 3 * z[0], scale: 0.5) },
    ])
  }

  @Test func laterVariablesFollowEarlierOnes() throws {
    let graph = Graph()
    let values = model(graph).sample([2000])
    #expect(values.map { "\($0.shape)" } == ["[2000]", "[2000]"])
    let arrays = try ReferenceBackend().values(
      of: ["rest": values[1] - 3 * values[0], "x": values[0]], in: graph, seed: 3)
    let rest = try #require(arrays["rest"]).doubles
    let spread = (rest.reduce(0) { $0 + $1 * $1 } / 2000).squareRoot()
    #expect(abs(spread - 0.5) < 5 * 0.5 / 4000.0.squareRoot())
  }

  @Test func namesAndPositionsAgree() throws {
    let graph = Graph()
    let named = JointDistributionNamed([
      "z": .of(Normal(in: graph, loc: 1, scale: 2, dtype: .float64)),
      "x": .given { Normal(loc: 3 * $0["z"], scale: 0.5) },
    ])
    let (z, x) = (graph.constant([0.5, 2], dtype: .float64), graph.constant([1, 4], dtype: .float64))
    let values = try ReferenceBackend().values(
      of: ["sequential": model(graph).logProb([z, x]), "named": named.logProb(["x": x, "z": z])], in: graph)
    #expect(try #require(values["sequential"]) == #require(values["named"]))
    #expect(named.sample([4]).mapValues { "\($0.shape)" } == ["z": "[4]", "x": "[4]"])
    #expect(
      "\(named)" == "JointDistributionNamed(\"JointDistributionNamed\", batchShape: [], eventShape: [z: [], x: []])")
  }

  @Test func mistakesAreRecorded() {
    let graph = Graph()
    let model = model(graph)
    #expect(!model.logProb([graph.zeros([], dtype: .float64)]).isValid)
    #expect(graph.diagnostics.last?.message.contains("a value for each of 2 variables, but there are 1") == true)
    let wrong = JointDistributionSequential([
      .of(Normal(in: graph, loc: 1, scale: 2)), .given { Normal(loc: $0[1], scale: 1) },
    ])
    #expect(!wrong.sample()[1].isValid)
    #expect(
      graph.diagnostics.last?.message
        == "A joint distribution has no variable at position 1 before this one; there are 1.")
    let empty = JointDistributionSequential([])
    #expect(empty.sample().isEmpty && !empty.logProb([]).isValid)
    let twice = JointDistributionNamed([
      "z": .of(Normal(in: graph, loc: 1, scale: 2)), "z": .of(Normal(in: graph, loc: 1, scale: 2)),
    ])
    #expect(!twice.logProb(["z": graph.zeros([])]).isValid)
  }
}
