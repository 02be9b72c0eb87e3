import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowProbability

/// Every field of a case of distributions.json, and its gradients, in float64.
public struct GoldenDistributionCheck {
  /// Relative tolerances in float64; the floor is one unit in the last place of 1.
  static let tolerance = Tolerance(relative: 1e-10, absolute: 2.3e-16)
  static let quantileTolerance = Tolerance(relative: 1e-8, absolute: 1e-15)
  /// Gradients are sums of terms that cancel. Where TFP's is NaN ours has to be a number.
  static let gradientTolerance = Tolerance(relative: 1e-10, absolute: 1e-13, anyForNaN: true)

  let golden: GoldenCase

  public init(golden: GoldenCase) { self.golden = golden }

  /// The distribution of a case, if it is supported.
  @Sendable public static func kind(_ golden: GoldenCase) -> String? {
    let name = golden["distribution"]?.text
    return name == "JointDistributionSequential" || GoldenDistributionBuilder.supports(golden.value) ? name : nil
  }

  func check() throws -> GoldenCheck {
    var builder = GoldenDistributionBuilder()
    let distribution = try builder.distribution(golden.value)
    var mistakes: [String] = []
    for (name, shape) in [("batch_shape", distribution.batchShape), ("event_shape", distribution.eventShape)]
    where shape.extents != golden[name]?.integers {
      mistakes.append("\(golden.id).\(name) is \(shape).")
    }
    let expectations = try fields(distribution, &builder) + gradients(distribution, &builder)
    return GoldenCheck(golden: golden, builder: builder, expectations: expectations, mistakes: mistakes)
  }

  private func fields(
    _ distribution: any Distribution, _ builder: inout GoldenDistributionBuilder
  ) throws -> [GoldenExpectation] {
    try Self.quantities(golden, of: distribution, &builder).compactMap { field, quantity in
      let (path, value) = field == "quantile" ? ("quantile.value", golden[field]?["value"]) : (field, golden[field])
      guard let expected = golden.expected(value, path) else { return nil }
      let exception = GoldenException.find(golden, field)
      let usual = field == "quantile" ? Self.quantileTolerance : Self.tolerance
      return GoldenExpectation(
        name: field, actual: quantity(), expected: expected, tolerance: exception?.tolerance ?? usual,
        positions: exception?.positions(in: expected))
    }
  }

  private func gradients(
    _ distribution: any Distribution, _ builder: inout GoldenDistributionBuilder
  ) throws -> [GoldenExpectation] {
    let x = try builder.input("x", try golden.required("x", golden["x"]?.tensor))
    let isDiscrete = golden["discrete"]?.flag ?? false
    let expected = (golden["gradients"]?.fields ?? [:]).filter {
      $0.value.tensor != nil && !(isDiscrete && $0.key == "x")
    }
    let paths = expected.keys.sorted()
    let by = try paths.map { try golden.required("gradients.\($0)", builder.inputs[$0]) }
    let found = ElbowDifferentiation.gradients(of: distribution.logProb(x).sum(), by: by, unconnected: .zero)
    return zip(paths, found).compactMap { path, gradient in
      guard let tensor = golden.expected(expected[path], "gradients.\(path)") else { return nil }
      let exception = GoldenException.find(golden, "gradients.\(path)")
      return GoldenExpectation(
        name: "gradients.\(path)", actual: gradient, expected: tensor,
        tolerance: exception?.tolerance ?? Self.gradientTolerance,
        positions: exception?.positions(in: tensor) ?? insideSupport(tensor),
        isWithinSimplex: exception?.isWithinSimplex ?? false)
    }
  }

  /// The elements of a gradient at which the density is not zero: elsewhere TFP differentiates what `exact` corrects.
  private func insideSupport(_ gradient: GoldenTensor) -> [Int]? {
    guard golden.tags.contains("outside_support"), let value = golden.expected(golden["log_prob"], "log_prob"),
      value.shape == gradient.shape
    else { return nil }
    return value.values.indices.filter { value.values[$0] != -.infinity }
  }

  /// The quantities of a distribution by their names in the file, at the case's x.
  public static func quantities(
    _ golden: GoldenCase, of d: any Distribution, _ builder: inout GoldenDistributionBuilder
  ) throws -> [(String, () -> Tensor)] {
    let x = try builder.input("value", try golden.required("x", golden["x"]?.tensor))
    var quantities: [(String, () -> Tensor)] = [
      ("log_prob", { d.logProb(x) }), ("prob", { d.prob(x) }), ("cdf", { d.cdf(x) }), ("log_cdf", { d.logCDF(x) }),
      ("survival_function", { d.survivalFunction(x) }), ("log_survival_function", { d.logSurvivalFunction(x) }),
      ("mean", { d.mean() }), ("mode", { d.mode() }), ("variance", { d.variance() }), ("stddev", { d.stddev() }),
      ("covariance", { d.covariance() }), ("entropy", { d.entropy() }),
    ]
    if let p = golden["quantile"]?["p"]?.tensor {
      let probability = try builder.input("probability", p)
      quantities.append(("quantile", { d.quantile(probability) }))
    } else {
      quantities.append(("quantile", { d.quantile(0.5) }))
    }
    return quantities
  }
}
