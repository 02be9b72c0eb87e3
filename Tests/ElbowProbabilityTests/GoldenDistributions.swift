import ElbowArrays
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// Every field of every case of distributions.json whose distribution is supported, and its gradients, against TFP.
@Suite struct GoldenDistributions {
  static let suite = GoldenSuite.all.first { $0.file == "distributions.json" }
  static let all = ((try? GoldenFile.cases("distributions.json")) ?? []).filter { suite?.kind($0) != nil }
  static let cases = all.filter { GoldenDistributionBuilder.supports($0.value) }

  static let float32Tolerance = Tolerance(relative: 1e-5, absolute: 1e-6)

  /// Functions that TFP does not define, but we do.
  static let beyondTFP: Set<String> = ["VonMises/0.quantile"]

  /// Cases of an x so near 1 that rounding it to float32 changes 1 - x, and with that the density.
  static let nearOne: Set<String> = [
    "RelaxedBernoulli/8", "RelaxedBernoulli/10", "TransformedDistribution/6", "TransformedDistribution/15",
  ]

  /// Distributions that the golden values lack: `TailTests` has values of theirs.
  static let beyondGolden: Set<String> = ["HalfCauchy"]

  @Test(
    arguments: GoldenDistributionBuilder.supported.subtracting(beyondGolden).sorted() + ["JointDistributionSequential"])
  func supportedDistributionHasCases(name: String) {
    #expect(Self.all.contains { $0["distribution"]?.text == name })
  }

  @Test(arguments: GoldenGroup.groups(of: all))
  func valuesAndGradients(_ group: GoldenGroup) throws {
    let suite = try #require(Self.suite)
    let mistakes = try suite.mistakes(group.cases, goldenBackends)
    #expect(mistakes.isEmpty, "\(mistakes.joined(separator: "\n"))")
  }

  /// In float32, where no argument is extreme. Cumulative functions near 0 and 1 keep the digits of 1 only.
  @Test(arguments: GoldenGroup.groups(of: cases.filter { !$0.tags.contains("edge") && !nearOne.contains($0.id) }))
  func float32Values(_ group: GoldenGroup) throws {
    let runs = try group.cases.map(Self.float32Run)
    for backend in goldenBackends {
      for (golden, results) in zip(group.cases, try backend.values(of: runs)) {
        expectValues(golden, results, on: backend)
      }
    }
  }

  private static func float32Run(_ golden: GoldenCase) throws -> GoldenRun {
    var builder = GoldenDistributionBuilder(dtype: .float32)
    let distribution = try builder.distribution(golden.value)
    var outputs: [String: Tensor] = [:]
    for (field, quantity) in try GoldenDistributionCheck.quantities(golden, of: distribution, &builder)
    where golden[field]?.tensor != nil { outputs[field] = quantity() }
    return GoldenRun(outputs: outputs, graph: builder.graph, feeds: builder.feeds)
  }

  private func expectValues(_ golden: GoldenCase, _ results: [String: HostArray], on backend: any GoldenBackend) {
    for field in results.keys.sorted() {
      guard let expected = golden.expected(golden[field], field) else { continue }
      let found = difference(
        results[field], expected, Self.float32Tolerance,
        at: GoldenException.find(golden, field)?.positions(in: expected))
      #expect(found == nil, "\(golden.id).\(field) in float32 on \(backend.name): \(found ?? "")")
    }
  }

  // One case of each kind: finding the user's line for a message takes tens of milliseconds.
  @Test(arguments: cases.filter { $0.id.hasSuffix("/0") || $0.id == "Independent/14" })
  func undefinedQuantitiesAreRecordedMistakes(_ golden: GoldenCase) throws {
    var builder = GoldenDistributionBuilder()
    let distribution = try builder.distribution(golden.value)
    for (field, quantity) in try GoldenDistributionCheck.quantities(golden, of: distribution, &builder)
    where golden[field]?.isUndefined ?? false && !Self.beyondTFP.contains("\(golden.id).\(field)") {
      let before = builder.graph.diagnostics.count
      #expect(!quantity().isValid, "\(golden.id).\(field)")
      #expect(builder.graph.diagnostics.count == before + 1)
      #expect(builder.graph.diagnostics.last?.message.hasSuffix("is not defined.") == true)
    }
  }
}
