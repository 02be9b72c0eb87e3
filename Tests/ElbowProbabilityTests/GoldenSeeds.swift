import ElbowArrays
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// What the tutorials print of the distributions that exist: values, and the printed form.
@Suite struct GoldenSeeds {
  private static let cases = Dictionary(
    ((try? GoldenFile.cases("seeds.json")) ?? []).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })

  private func golden(_ id: String) throws -> GoldenCase { try #require(Self.cases[id], "There is no case '\(id)'.") }

  /// The expressions of the tutorials, by case.
  private static func value(_ id: String, _ graph: Graph, _ dtype: DType) -> Tensor? {
    let normal = Normal(in: graph, loc: 0, scale: 1, dtype: dtype)
    switch id {
    case "normal-log-prob": return normal.logProb([-1, 0, 1])
    case "normal-log-prob-2.01": return normal.logProb(2.01)
    case "normal-log-prob-0-0.5-1": return normal.logProb([0, 0.5, 1])
    case "normal-cdf": return normal.cdf([0, 0.5, 1])
    case "bernoulli-logits-log-prob": return Bernoulli(in: graph, logits: 0.9, dtype: dtype).logProb([0, 1, 0, 0])
    default: return nil
    }
  }

  @Test(arguments: [
    "normal-log-prob", "normal-log-prob-2.01", "normal-log-prob-0-0.5-1", "normal-cdf", "bernoulli-logits-log-prob",
  ])
  func values(id: String) throws {
    let golden = try golden(id)
    let exact = try #require(golden["value"]?.tensor)
    let printed = GoldenTensor(shape: exact.shape, values: golden["printed_values"]?.list.compactMap(\.number) ?? [])
    let tolerance = try #require(golden["tolerance"]?.number)
    for backend in goldenBackends {
      let float64 = try backend.value(try #require(Self.value(id, Graph(), .float64)))
      #expect(difference(float64, exact, Tolerance(relative: 1e-12)) == nil)
      let float32 = try backend.value(try #require(Self.value(id, Graph(), .float32)))
      #expect(difference(float32, printed, Tolerance(relative: 0, absolute: tolerance)) == nil)
    }
  }

  @Test func theFlowsTargetHasStandardDeviationTwo() throws {
    let golden = try golden("flow-target-remark")
    let target = MultivariateNormalDiag(in: Graph(), loc: [1, 1], scaleIdentityMultiplier: 2, dtype: .float64)
    let x = [[0, 0], [1, 1], [3, -1]]
    for backend in goldenBackends {
      let values = try backend.values(
        of: ["log_prob": target.logProb(x), "stddev": target.stddev(), "variance": target.variance()], in: target.graph)
      for field in ["log_prob", "stddev", "variance"] {
        #expect(difference(values[field], try #require(golden[field]?.tensor), Tolerance(relative: 1e-12)) == nil)
      }
    }
  }

  /// The distributions whose form is printed, made as the tutorials make them.
  private static func distribution(_ id: String, _ graph: Graph) -> (any Distribution)? {
    let bernoulli = Bernoulli(in: graph, probs: [0.3, 0.5, 0.7])
    func ones(_ shape: Shape) -> Tensor { graph.ones(shape) }
    return switch id {
    case "form-normal-batch-3": Normal(in: graph, loc: [0, 1, 2], scale: 1)
    case "form-mvn", "shape-flow-base": MultivariateNormalDiag(in: graph, loc: [0, 0])
    case "form-bernoulli-3": bernoulli
    case "form-independent-bernoulli": Independent(bernoulli, reinterpretedBatchNDims: 1)
    case "form-approx-posterior": MultivariateNormalDiag(loc: ones([256, 2]), scaleDiag: ones([256, 2]))
    case "form-decoder": Independent(Bernoulli(logits: ones([256, 28, 28, 1])), reinterpretedBatchNDims: 3)
    case "shape-batch-of-mvn": MultivariateNormalDiag(loc: ones([3, 2]))
    case "shape-layers-prior": Independent(Normal(loc: graph.zeros([16]), scale: 1), reinterpretedBatchNDims: 1)
    case "shape-cs20-decoder": Independent(Bernoulli(logits: ones([10, 28, 28])), reinterpretedBatchNDims: 2)
    case "shape-cs20-posterior": MultivariateNormalDiag(loc: ones([10, 2]), scaleDiag: ones([10, 2]))
    case "shape-cs20-regression": MultivariateNormalDiag(loc: ones([10, 10]), scaleDiag: ones([10, 10]))
    case "shape-cs20-classification": Categorical(logits: ones([10, 10]))
    case "shape-cs20-bnn-posterior":
      MultivariateNormalDiag(loc: ones([784, 10]), scaleDiag: softplus(ones([784, 10])))
    default: nil
    }
  }

  @Test(arguments: [
    "form-normal-batch-3", "form-mvn", "form-bernoulli-3", "form-independent-bernoulli", "form-approx-posterior",
    "form-decoder", "shape-batch-of-mvn", "shape-layers-prior", "shape-cs20-decoder", "shape-cs20-posterior",
    "shape-cs20-regression", "shape-cs20-classification", "shape-cs20-bnn-posterior", "shape-flow-base",
  ])
  func forms(id: String) throws {
    let golden = try golden(id)
    let graph = Graph()
    let distribution = try #require(Self.distribution(id, graph))
    try graph.check()
    // TFP 0.25 prints snake case; the rest is the same.
    let expected = try #require(golden["tfp_0_25_str"]?.text)
      .replacing("tfp.distributions.", with: "").replacing("batch_shape=", with: "batchShape: ")
      .replacing("event_shape=", with: "eventShape: ").replacing("dtype=", with: "dtype: ")
    #expect("\(distribution)" == expected)
  }

  /// The draws that the tutorials print cannot be repeated, but their log probabilities can.
  @Test func logProbabilitiesOfPrintedDraws() throws {
    let graph = Graph()
    let normal = Normal(in: graph, loc: 0, scale: 1, dtype: .float64)
    let bernoulli = Bernoulli(in: graph, logits: 0.9, dtype: .float64)
    let cases = [
      (try golden("normal-sample-6"), normal as any Distribution), (try golden("bernoulli-sample-10"), bernoulli),
    ]
    for (golden, distribution) in cases {
      let draws = try #require(golden["printed_values"]).list.compactMap(\.number)
      let expected = try #require(golden["log_prob_of_printed"]?.tensor)
      #expect(distribution.sample([draws.count].map { Dimension($0) }.shape).shape.extents == golden["shape"]?.integers)
      #expect("\(distribution.dtype)" == golden["dtype"]?.text || distribution is Normal)
      for backend in goldenBackends {
        #expect(difference(try backend.value(distribution.logProb(draws)), expected, Tolerance(relative: 1e-12)) == nil)
      }
    }
  }
}

extension [Dimension] {
  var shape: Shape { Shape(self) }
}
