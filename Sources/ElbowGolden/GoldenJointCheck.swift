import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowProbability

/// A case of a joint distribution: its log probability, and the gradients by parameters and values.
struct GoldenJointCheck {
  let golden: GoldenCase

  func check() throws -> GoldenCheck {
    var builder = GoldenDistributionBuilder()
    let model = try model(&builder)
    var values: [Tensor] = []
    for (index, value) in (golden["x"]?.list ?? []).enumerated() {
      values.append(try builder.input("x[\(index)]", try golden.required("x[\(index)]", value.tensor)))
    }
    let logProb = model.logProb(values)
    var wanted = (golden["gradients"]?.fields ?? [:]).filter { $0.value.tensor != nil }
    // Gradients by whole numbers are of no interest.
    let isSmooth = model.distributions(given: values).map(\.dtype.isFloatingPoint)
    for (index, value) in (golden["gradients"]?["x"]?.list ?? []).enumerated()
    where isSmooth.indices.contains(index) && isSmooth[index] { wanted["x[\(index)]"] = value }
    let paths = wanted.keys.sorted()
    let by = try paths.map { try golden.required("gradients.\($0)", builder.inputs[$0]) }
    let found = gradients(of: logProb.sum(), by: by, unconnected: .zero)
    var expectations = [
      GoldenExpectation(
        name: "log_prob", actual: logProb,
        expected: try golden.required("log_prob", golden.expected(golden["log_prob"], "log_prob")),
        tolerance: GoldenDistributionCheck.tolerance)
    ]
    for (path, gradient) in zip(paths, found) {
      guard let expected = wanted[path]?.tensor else { continue }
      expectations.append(
        GoldenExpectation(
          name: "gradients.\(path)", actual: gradient, expected: expected,
          tolerance: GoldenDistributionCheck.gradientTolerance))
    }
    return GoldenCheck(golden: golden, builder: builder, expectations: expectations)
  }

  /// The model: a list of distributions, or one of two that the file has in words.
  private func model(_ builder: inout GoldenDistributionBuilder) throws -> JointDistributionSequential {
    let params = golden["params"]
    if let list = params?["model"]?.list {
      var components: [JointComponent] = []
      for (index, spec) in list.enumerated() {
        components.append(.of(try builder.distribution(spec, path: "model[\(index)].")))
      }
      return JointDistributionSequential(components)
    }
    var tensors: [String: Tensor] = [:]
    for (name, value) in (params?.fields ?? [:]).sorted(by: { $0.key < $1.key }) {
      tensors[name] = try builder.input(name, try golden.required(name, value.tensor))
    }
    if let kernel = tensors["W"], let bias = tensors["b"] {
      return JointDistributionSequential([
        .of(MultivariateNormalDiag(loc: builder.graph.zeros([2], dtype: builder.dtype))),
        .given { Independent(Bernoulli(logits: matmul($0[0], kernel) + bias), reinterpretedBatchNDims: 1) },
      ])
    }
    guard let loc = tensors["loc"], let first = tensors["scale0"], let w = tensors["w"], let second = tensors["scale1"]
    else { throw ElbowError(.data, "The joint distribution of '\(golden.id)' is not one that is known.") }
    return JointDistributionSequential([
      .of(Normal(loc: loc, scale: first)), .given { Normal(loc: w * $0[0], scale: second) },
      .given { Bernoulli(logits: $0[1] + $0[0]) },
    ])
  }
}
