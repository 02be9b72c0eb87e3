import ElbowArrays
import ElbowData
import ElbowDistributionLayers
import ElbowGraph
import ElbowNetworks
import ElbowProbability

/// Checks what the tutorials print: values of expressions, the forms of distributions, and draws, which cannot be repeated,
/// but whose log probabilities can; and what they say of their networks.
public struct GoldenSeedCheck {
  let golden: GoldenCase

  public init(golden: GoldenCase) { self.golden = golden }

  /// Whether a case is one of those whose expression or distribution is known.
  public static func supports(_ golden: GoldenCase) -> Bool {
    value(golden.id, Graph(), .float64) != nil || distribution(golden.id, Graph()) != nil
      || !fields(golden, Graph()).isEmpty || golden.id == "symbolic-sample" || GoldenNetworkCheck.supports(golden)
      || GoldenConstantsCheck.supports(golden)
  }

  /// The computation of a case, and the differences in its results, a sentence each.
  private struct Computation {
    let run: GoldenRun
    let mistakes: (_ values: [String: HostArray], _ backend: any GoldenBackend) throws -> [String]
  }

  /// The differences in some cases, a sentence each.
  public static func mistakes(_ cases: [GoldenCase], on backends: [any GoldenBackend]) throws -> [String] {
    var mistakes: [String] = []
    var computations: [Computation] = []
    for golden in cases {
      let check = GoldenSeedCheck(golden: golden)
      if GoldenNetworkCheck.supports(golden) {
        mistakes += try GoldenNetworkCheck(golden: golden).mistakes()
      } else if GoldenConstantsCheck.supports(golden) {
        mistakes += try GoldenConstantsCheck(golden: golden).mistakes()
      } else if golden.id == "symbolic-sample" {
        mistakes += try check.sampleMistakes()
      } else if distribution(golden.id, Graph()) != nil {
        mistakes += try check.formMistakes()
      } else if value(golden.id, Graph(), .float64) == nil {
        computations.append(check.fieldComputation())
      } else {
        computations += try check.valueComputations()
      }
    }
    for backend in backends {
      for (computation, values) in zip(computations, try backend.values(of: computations.map(\.run))) {
        mistakes += try computation.mistakes(values, backend)
      }
    }
    return mistakes
  }

  /// The computation of what follows from numbers that a case has.
  private func fieldComputation() -> Computation {
    let graph = Graph()
    let fields = Self.fields(golden, graph)
    return Computation(run: GoldenRun(outputs: fields, graph: graph, feeds: [:])) { values, backend in
      try fields.keys.sorted().compactMap { name in
        let number = golden[name]?.number.map { GoldenTensor(shape: [], values: [$0]) }
        let expected = try golden.required(name, golden[name]?.tensor ?? number)
        return difference(values[name], expected, Tolerance(relative: 1e-12)).map {
          "\(golden.id).\(name) on \(backend.name): \($0)."
        }
      }
    }
  }

  /// In float64 the value, and in float32 what is printed.
  private func valueComputations() throws -> [Computation] {
    let exact = try golden.required("value", golden["value"]?.tensor)
    let printed = GoldenTensor(shape: exact.shape, values: golden["printed_values"]?.list.compactMap(\.number) ?? [])
    guard printed.values.count == exact.values.count else {
      throw ElbowError(
        .data,
        "The golden case '\(golden.id)' has \(printed.values.count) printed values for \(exact.values.count).")
    }
    let rounding = try golden.required("tolerance", golden["tolerance"]?.number)
    let wanted: [(DType, GoldenTensor, Tolerance)] = [
      (.float64, exact, Tolerance(relative: 1e-12)), (.float32, printed, Tolerance(relative: 0, absolute: rounding)),
    ]
    return wanted.compactMap { dtype, expected, tolerance in
      Self.value(golden.id, Graph(), dtype).map { tensor in
        Computation(run: GoldenRun(outputs: ["value": tensor], graph: tensor.graph, feeds: [:])) { values, backend in
          difference(values["value"], expected, tolerance).map {
            ["\(golden.id) in \(dtype) on \(backend.name): \($0)."]
          } ?? []
        }
      }
    }
  }

  private func formMistakes() throws -> [String] {
    let graph = Graph()
    guard let distribution = Self.distribution(golden.id, graph) else { return [] }
    try graph.check()
    // TFP 0.25 prints snake case; the rest is the same.
    let expected = try golden.required("tfp_0_25_str", golden["tfp_0_25_str"]?.text)
      .replacing("tfp.distributions.", with: "").replacing("batch_shape=", with: "batchShape: ")
      .replacing("event_shape=", with: "eventShape: ").replacing("dtype=", with: "dtype: ")
    return "\(distribution)" == expected ? [] : ["\(golden.id): \(distribution) is printed, expected \(expected)."]
  }

  /// The type of a sample, which is all that a graph knows of it.
  private func sampleMistakes() throws -> [String] {
    let sample = Normal(in: Graph(), loc: 0, scale: 1).sample([6])
    try sample.graph.check()
    let (shape, dtype) = (golden["shape"]?.integers ?? [], golden["dtype"]?.text ?? "?")
    return sample.shape.extents == shape && "\(sample.dtype)" == dtype
      ? [] : ["\(golden.id): the sample is \(sample.type), expected \(dtype)\(shape)."]
  }

  /// The expressions of the tutorials, by case.
  private static func value(_ id: String, _ graph: Graph, _ dtype: DType) -> Tensor? {
    let normal = Normal(in: graph, loc: 0, scale: 1, dtype: dtype)
    let transformed = TransformedDistribution(normal, bijector: Bijectors.AffineScalar(shift: 0, scale: 2))
    switch id {
    case "normal-log-prob": return normal.logProb([-1, 0, 1])
    case "normal-log-prob-2.01": return normal.logProb(2.01)
    case "normal-log-prob-0-0.5-1": return normal.logProb([0, 0.5, 1])
    case "normal-cdf": return normal.cdf([0, 0.5, 1])
    case "normal-cdf-bijector-log-prob-2.01":
      let (cdf, x) = (Bijectors.NormalCDF(), graph.constant(2.01, dtype: dtype))
      let uniform = Uniform(in: graph, low: 0, high: 1, dtype: dtype)
      return uniform.logProb(cdf.forward(x)) + cdf.forwardLogDetJacobian(x, eventNDims: 0)
    case "affine-scalar-log-prob":
      let twice = Bijectors.AffineScalar(shift: 0, scale: 2)
      let z = twice.forward(graph.constant([0, 0.5, 1], dtype: dtype))
      return normal.logProb(twice.inverse(z)) + twice.inverseLogDetJacobian(z, eventNDims: 0)
    case "transformed-log-prob": return transformed.logProb([0, 1, 2])
    case "transformed-cdf": return transformed.cdf([0, 1, 2])
    case "bernoulli-logits-log-prob": return Bernoulli(in: graph, logits: 0.9, dtype: dtype).logProb([0, 1, 0, 0])
    default: return nil
    }
  }

  /// The fields of a case that can be computed of its other fields.
  private static func fields(_ golden: GoldenCase, _ graph: Graph) -> [String: Tensor] {
    let printed = golden["printed_values"]?.list.compactMap(\.number) ?? []
    let normal = Normal(in: graph, loc: 0, scale: 1, dtype: .float64)
    switch golden.id {
    case "normal-sample-6":
      return ["log_prob_of_printed": normal.logProb(printed), "cdf_of_printed": normal.cdf(printed)]
    case "bernoulli-sample-10":
      let bernoulli = Bernoulli(in: graph, logits: 0.9, dtype: .float64)
      return ["log_prob_of_printed": bernoulli.logProb(printed), "mean": bernoulli.mean()]
    case "approx-posterior-sample":
      let prior = MultivariateNormalDiag(in: graph, loc: [0, 0], dtype: .float64)
      let rows = graph.constant(printed, dtype: .float64).reshaped([-1, 2])
      return ["log_prob_of_printed_under_standard_normal": prior.logProb(rows)]
    case "exponential-inverse-cdf":
      let u = graph.constant(golden["u"]?.list.compactMap(\.number) ?? [], dtype: .float64)
      let exponential = TransformedDistribution(
        Uniform(in: graph, low: 0, high: 1, dtype: .float64),
        bijector: Bijectors.Invert(Bijectors.WeibullCDF(scale: 2.0, concentration: 1.0)))
      let x = exponential.bijector.forward(u)
      return ["value": x, "cdf": exponential.cdf(x)]
    case "flow-target-remark":
      let target = MultivariateNormalDiag(in: graph, loc: [1, 1], scaleIdentityMultiplier: 2, dtype: .float64)
      let x = graph.constant(golden["log_prob_at"]?.tensor?.values ?? [], dtype: .float64).reshaped([-1, 2])
      return ["log_prob": target.logProb(x), "stddev": target.stddev(), "variance": target.variance()]
    case "softplus-offset-remark":
      let x = graph.constant(golden["x"]?.tensor?.values ?? [], dtype: .float64)
      return ["value": softplus(x + 1e-5)]
    default: return numbers(golden.id, graph)
    }
  }

  /// Sizes that the tutorials work out by hand, as our code has them.
  private static func numbers(_ id: String, _ graph: Graph) -> [String: Tensor] {
    func value(_ size: Dimension) -> [String: Tensor] { ["value": graph.extent(size, dtype: .float64)] }
    switch id {
    case "params-size-mvn-tril-16": return value(Dimension(MultivariateNormalTriLLayer.paramsSize(16)))
    case "params-size-independent-bernoulli":
      return value(Dimension(IndependentBernoulliLayer.paramsSize([28, 28, 1])))
    case "flatten-after-conv2": return value(Flatten()(graph.placeholder("x", shape: [nil, 6, 6, 64])).shape[-1])
    case "dense-7-7-32":
      return value(Unflatten([7, 7, 32])(graph.placeholder("x", shape: [nil, 1568])).shape[1..<4].elementCount)
    case "flow-L-size": return value(fillTriangularInverse(graph.zeros([2, 2])).shape[-1])
    case "nats-to-bits":
      return ["value": graph.constant(115, dtype: .float64) / log(graph.constant(2, dtype: .float64))]
    case "batches-per-epoch":
      guard let batches = try? Dataset(columns: [("x", HostArray(zeros: [60_000], dtype: .uint8))]).batches(of: 256)
      else { return [:] }
      return [("batches", batches.count), ("last_batch", batches[batches.count - 1].count)].reduce(into: [:]) {
        $0[$1.0] = graph.constant(Double($1.1), dtype: .float64)
      }
    default: return [:]
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
    case "form-mixture-prior":
      MixtureSameFamily(
        mixtureDistribution: Categorical(logits: ones([16])),
        componentsDistribution: MultivariateNormalDiag(loc: ones([16, 2]), scaleDiag: ones([16, 2])))
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
}
