import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// Every field of every case of distributions.json whose distribution is supported, against TFP in float64.
@Suite struct GoldenDistributions {
  static let cases = ((try? GoldenFile.cases("distributions.json")) ?? []).filter {
    GoldenDistributionBuilder.supports($0.value)
  }

  /// Relative tolerances in float64; the floor is one unit in the last place of 1.
  static let tolerance = Tolerance(relative: 1e-10, absolute: 2.3e-16)
  static let quantileTolerance = Tolerance(relative: 1e-8, absolute: 1e-15)
  /// Gradients are sums of terms that cancel. Where TFP's is NaN ours has to be a number.
  static let gradientTolerance = Tolerance(relative: 1e-10, absolute: 1e-13, anyForNaN: true)

  static let float32Tolerance = Tolerance(relative: 1e-5, absolute: 1e-6)

  /// What TFP does not define, but we do.
  static let beyondTFP: Set<String> = ["VonMises/0.quantile"]

  /// Cases of an x so near 1 that rounding it to float32 changes 1 - x, and with that the density.
  static let nearOne: Set<String> = ["RelaxedBernoulli/8", "RelaxedBernoulli/10"]

  @Test(arguments: GoldenDistributionBuilder.supported.sorted())
  func supportedDistributionHasCases(name: String) {
    #expect(Self.cases.contains { $0["distribution"]?.text == name })
  }

  @Test(arguments: cases)
  func values(_ golden: GoldenCase) throws {
    var builder = GoldenDistributionBuilder()
    let distribution = try builder.distribution(golden.value)
    #expect(distribution.batchShape.extents == golden["batch_shape"]?.integers)
    #expect(distribution.eventShape.extents == golden["event_shape"]?.integers)

    var outputs: [String: Tensor] = [:]
    for (field, quantity) in try quantities(golden, of: distribution, &builder) {
      if golden[field]?.tensor != nil || golden[field]?["value"] != nil { outputs[field] = quantity() }
    }
    for backend in goldenBackends {
      let results = try backend.values(of: outputs, in: builder.graph, feeding: builder.feeds)
      for field in outputs.keys.sorted() {
        let (path, value) = field == "quantile" ? ("quantile.value", golden[field]?["value"]) : (field, golden[field])
        guard let expected = golden.expected(value, path) else { continue }
        let exception = GoldenException.find(golden, field)
        let found = difference(
          results[field], expected,
          exception?.tolerance ?? (field == "quantile" ? Self.quantileTolerance : Self.tolerance),
          at: exception?.positions(in: expected))
        #expect(found == nil, "\(golden.id).\(field) on \(backend.name): \(found ?? "")")
      }
    }
  }

  /// In float32, where no argument is extreme. Cumulative functions near 0 and 1 keep the digits of 1 only.
  @Test(arguments: cases.filter { !$0.tags.contains("edge") && !nearOne.contains($0.id) })
  func float32Values(_ golden: GoldenCase) throws {
    var builder = GoldenDistributionBuilder()
    builder.dtype = .float32
    let distribution = try builder.distribution(golden.value)
    var outputs: [String: Tensor] = [:]
    for (field, quantity) in try quantities(golden, of: distribution, &builder) where golden[field]?.tensor != nil {
      outputs[field] = quantity()
    }
    for backend in goldenBackends {
      let results = try backend.values(of: outputs, in: builder.graph, feeding: builder.feeds)
      for field in outputs.keys.sorted() {
        guard let expected = golden.expected(golden[field], field) else { continue }
        let found = difference(
          results[field], expected, Self.float32Tolerance,
          at: GoldenException.find(golden, field)?.positions(in: expected))
        #expect(found == nil, "\(golden.id).\(field) in float32 on \(backend.name): \(found ?? "")")
      }
    }
  }

  @Test(arguments: cases)
  func gradients(_ golden: GoldenCase) throws {
    var builder = GoldenDistributionBuilder()
    let distribution = try builder.distribution(golden.value)
    let x = try builder.input("x", try #require(golden["x"]?.tensor))
    let isDiscrete = golden["discrete"]?.flag ?? false
    let total = distribution.logProb(x).sum()
    let expected = (golden["gradients"]?.fields ?? [:]).filter {
      $0.value.tensor != nil && !(isDiscrete && $0.key == "x")
    }
    let paths = expected.keys.sorted()
    let by = try paths.map { try #require(builder.inputs[$0]) }
    let gradients = ElbowDifferentiation.gradients(of: total, by: by, unconnected: .zero)
    for backend in goldenBackends {
      let results = try backend.values(
        of: Dictionary(uniqueKeysWithValues: zip(paths, gradients)), in: builder.graph, feeding: builder.feeds)
      for path in paths {
        guard let tensor = golden.expected(expected[path], "gradients.\(path)") else { continue }
        let exception = GoldenException.find(golden, "gradients.\(path)")
        let found = difference(
          results[path], tensor, exception?.tolerance ?? Self.gradientTolerance,
          at: exception?.positions(in: tensor) ?? insideSupport(golden, tensor))
        #expect(found == nil, "\(golden.id).gradients.\(path) on \(backend.name): \(found ?? "")")
      }
    }
  }

  /// The elements of a gradient at which the density is not zero: elsewhere TFP differentiates what `exact` corrects.
  private func insideSupport(_ golden: GoldenCase, _ gradient: GoldenTensor) -> [Int]? {
    guard golden.tags.contains("outside_support"), let value = golden.expected(golden["log_prob"], "log_prob"),
      value.shape == gradient.shape
    else { return nil }
    return value.values.indices.filter { value.values[$0] != -.infinity }
  }

  // One case of each kind: finding the user's line for a message takes tens of milliseconds.
  @Test(arguments: cases.filter { $0.id.hasSuffix("/0") || $0.id == "Independent/14" })
  func undefinedQuantitiesAreRecordedMistakes(_ golden: GoldenCase) throws {
    var builder = GoldenDistributionBuilder()
    let distribution = try builder.distribution(golden.value)
    for (field, quantity) in try quantities(golden, of: distribution, &builder)
    where golden[field]?.isUndefined ?? false && !Self.beyondTFP.contains("\(golden.id).\(field)") {
      let before = builder.graph.diagnostics.count
      #expect(!quantity().isValid, "\(golden.id).\(field)")
      #expect(builder.graph.diagnostics.count == before + 1)
      #expect(builder.graph.diagnostics.last?.message.hasSuffix("is not defined.") == true)
    }
  }

  private func quantities(
    _ golden: GoldenCase, of d: any Distribution, _ builder: inout GoldenDistributionBuilder
  ) throws -> [(String, () -> Tensor)] {
    let x = try builder.input("value", try #require(golden["x"]?.tensor))
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
