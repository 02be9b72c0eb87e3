import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowProbability

/// A pair of kl.json in float64: the divergence, the cross-entropy and the gradients.
public struct GoldenDivergenceCheck {
  let golden: GoldenCase

  public init(golden: GoldenCase) { self.golden = golden }

  /// `Normal|Normal`, if both are supported.
  @Sendable public static func kind(_ golden: GoldenCase) -> String? {
    guard let a = golden["a"], let b = golden["b"], let first = a["distribution"]?.text,
      let second = b["distribution"]?.text, GoldenDistributionBuilder.supports(a), GoldenDistributionBuilder.supports(b)
    else { return nil }
    return "\(first)|\(second)"
  }

  func check() throws -> GoldenCheck {
    var builder = GoldenDistributionBuilder()
    let a = try builder.distribution(try golden.required("a", golden["a"]), path: "a.")
    let b = try builder.distribution(try golden.required("b", golden["b"]), path: "b.")
    let divergence = a.klDivergence(b)
    // A divergence that TFP has no rule for may have been computed by formula.
    let known = golden["closed_form"] ?? golden.value
    guard let expected = golden.expected(known["kl"], "kl") else {
      // There may be a rule of ours; else the mistake has to say so.
      let isRefused = builder.graph.diagnostics.first?.message.contains("has no rule; add one") == true
      let mistakes =
        divergence.isValid || isRefused ? [] : ["\(golden.id): the divergence fails in another way than expected."]
      return GoldenCheck(golden: golden, builder: builder, expectations: [], mistakes: mistakes)
    }
    var expectations = [expectation("kl", divergence, expected, GoldenDistributionCheck.tolerance)]
    if let entropy = golden.expected(golden["cross_entropy"], "cross_entropy") {
      expectations.append(
        expectation("cross_entropy", a.crossEntropy(b), entropy, GoldenDistributionCheck.tolerance))
    }
    let paths = (known["gradients"]?.fields ?? [:]).filter { $0.value.tensor != nil }.keys.sorted()
    let by = try paths.map { try golden.required("gradients.\($0)", builder.inputs[$0]) }
    for (path, gradient) in zip(paths, gradients(of: divergence.sum(), by: by, unconnected: .zero)) {
      guard let wanted = golden.expected(known["gradients"]?[path], "gradients.\(path)") else { continue }
      expectations.append(
        expectation("gradients.\(path)", gradient, wanted, GoldenDistributionCheck.gradientTolerance))
    }
    return GoldenCheck(golden: golden, builder: builder, expectations: expectations)
  }

  private func expectation(
    _ name: String, _ actual: Tensor, _ expected: GoldenTensor, _ tolerance: Tolerance
  ) -> GoldenExpectation {
    let exception = GoldenException.find(golden, name)
    return GoldenExpectation(
      name: name, actual: actual, expected: expected, tolerance: exception?.tolerance ?? tolerance,
      positions: exception?.positions(in: expected))
  }
}
