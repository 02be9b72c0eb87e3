import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowProbability
import Foundation
import TestSupport
import Testing

/// Cumulative functions far out in the tails, at the edges of the support and outside of it.
///
/// `Fixtures/tails.txt` has a line for each point: the distribution's name in ``TailDistributions``, its parameters, x, and
/// the logarithms of P(X <= x), P(X > x) and the density, and the derivatives of the first two by x, NaN where a
/// distribution is discrete. They were computed by mpmath with 400 digits, those of VonMises with 40; numbers beyond
/// float64 are infinite or 0.
@Suite struct TailTests {
  @Test(arguments: TailDistributions.names, [DType.float64, .float32])
  func values(name: String, dtype: DType) throws {
    let points = try TailPoint.all(dtype)[name] ?? []
    #expect(!points.isEmpty)
    let mistakes = try TailRun(name, points, dtype).mistakes()
    #expect(mistakes.isEmpty, "\(mistakes.joined(separator: "\n"))")
  }

  @Test func everyDistributionWithACDFHasPoints() throws {
    #expect(try Set(TailPoint.all(.float64).keys) == Set(TailDistributions.names))
    let folder = TailPoint.folder.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/ElbowProbability/Distributions")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    let found = try files.filter { try String(contentsOf: $0, encoding: .utf8).contains("func cdfFormula") }
      .map { $0.deletingPathExtension().lastPathComponent }
    #expect(found.count > 30)
    #expect(Set(found).subtracting(TailDistributions.names) == ["Distribution"])
  }

  /// At infinity all is decided. Angles have no infinity, and a part of a sum of logarithms is NaN there.
  @Test(arguments: TailDistributions.names.filter { $0 != "VonMises" && $0 != "Independent" })
  func infinity(name: String) throws {
    let point = try #require(TailPoint.all(.float64)[name]?.first)
    let ends = [-Double.infinity, .infinity].map { x in
      let isLow = x < 0
      return TailPoint(
        parameters: point.parameters, x: x, logLower: isLow ? -.infinity : 0, logUpper: isLow ? 0 : -.infinity,
        logProb: -.infinity, lowerSlope: .nan, upperSlope: .nan)
    }
    let mistakes = try TailRun(name, ends, .float64, onlyValues: true).mistakes()
    #expect(mistakes.isEmpty, "\(mistakes.joined(separator: "\n"))")
  }
}

/// A line of the table.
struct TailPoint {
  let parameters: [Double]
  let x: Double
  let logLower, logUpper, logProb, lowerSlope, upperSlope: Double

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  /// The points by distribution, but for those that the dtype does not hold exactly.
  static func all(_ dtype: DType) throws -> [String: [TailPoint]] {
    let file = folder.appendingPathComponent("Fixtures/tails.txt")
    var points: [String: [TailPoint]] = [:]
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      let words = line.split(separator: " ")
      let numbers = words.dropFirst().compactMap { Double($0) }
      guard words.count == numbers.count + 1, numbers.count >= 6 else { continue }
      let (arguments, values) = (numbers.dropLast(5), [Double](numbers.suffix(5)))
      guard dtype == .float64 || arguments.allSatisfy({ Double(Float($0)) == $0 }) else { continue }
      let point = TailPoint(
        parameters: [Double](arguments.dropLast()), x: arguments.last ?? .nan, logLower: values[0],
        logUpper: values[1], logProb: values[2], lowerSlope: values[3], upperSlope: values[4])
      points[String(words[0]), default: []].append(point)
    }
    return points
  }
}

/// All points of a distribution, as one batch.
struct TailRun {
  let name: String
  let points: [TailPoint]
  let dtype: DType
  /// Whether gradients and quantiles are left out.
  let onlyValues: Bool

  init(_ name: String, _ points: [TailPoint], _ dtype: DType, onlyValues: Bool = false) {
    (self.name, self.points, self.dtype, self.onlyValues) = (name, points, dtype, onlyValues)
  }

  /// The values that the evaluator finds otherwise.
  func mistakes() throws -> [String] {
    let graph = Graph()
    let count = points.first?.parameters.count ?? 0
    let operands = (0...count).map { graph.placeholder("operand\($0)", shape: [points.count], dtype: dtype) }
    let distribution = TailDistributions.make(name, graph, [Tensor](operands.dropLast()), dtype)
    let x = TailDistributions.value(name, operands[count])
    var outputs: [String: Tensor] = [:]
    for (field, quantity) in Self.quantities {
      let value = quantity(distribution, x)
      outputs[field] = value
      guard !onlyValues, field == "logCDF" || field == "logSurvivalFunction" else { continue }
      for (index, slope) in gradients(of: value.sum(), by: operands, unconnected: .zero).enumerated() {
        outputs[field + (index == count ? "/x" : "/\(index)")] = slope
      }
    }
    if !onlyValues, !TailDistributions.withoutQuantiles.contains(name), distribution.quantileFormula(x) != nil {
      let p = graph.placeholder("p", shape: [points.count], dtype: dtype)
      outputs["quantile"] = distribution.quantile(p)
    }
    var feeds: [String: HostArray] = [:]
    let columns = (0..<count).map { column in points.map { $0.parameters[column] } } + [points.map(\.x)]
    for (index, column) in columns.enumerated() {
      feeds["operand\(index)"] = try GoldenTensor(shape: [points.count], values: column).array(dtype)
    }
    if outputs["quantile"] != nil {
      feeds["p"] = try GoldenTensor(shape: [points.count], values: points.map { rounded(exp($0.logLower)) }).array(
        dtype)
    }
    try graph.check()
    let values = try ReferenceBackend().values(of: outputs, in: graph, feeding: feeds)
    return values.keys.sorted().flatMap { field in mistakes(field, values[field]?.doubles ?? []) }
  }

  private static let quantities: [(String, @Sendable (any Distribution, Tensor) -> Tensor)] = [
    ("logCDF", { $0.logCDF($1) }), ("logSurvivalFunction", { $0.logSurvivalFunction($1) }),
    ("cdf", { $0.cdf($1) }), ("survivalFunction", { $0.survivalFunction($1) }),
    ("logProb", { $0.logProb($1) }),
  ]

  private func mistakes(_ field: String, _ found: [Double]) -> [String] {
    zip(points, found).compactMap { point, found in
      let expected = rounded(expectation(field, point))
      guard !isRight(field, point, found, expected) else { return nil }
      return "\(name)(\(point.parameters)) \(field)(\(point.x)) is \(found), not \(expected)"
        + " (relative \(abs(found - expected) / abs(expected)))"
    }
  }

  private func expectation(_ field: String, _ point: TailPoint) -> Double {
    switch field {
    case "logCDF": point.logLower
    case "logSurvivalFunction": point.logUpper
    case "cdf": exp(point.logLower)
    case "survivalFunction": exp(point.logUpper)
    case "logProb": point.logProb
    case "logCDF/x": point.lowerSlope
    case "logSurvivalFunction/x": point.upperSlope
    case "quantile": point.x
    default: .nan
    }
  }

  private func isRight(_ field: String, _ point: TailPoint, _ found: Double, _ expected: Double) -> Bool {
    let tolerance = TailDistributions.tolerance(name, dtype)
    let smallest = dtype == .float64 ? Double.leastNormalMagnitude : Double(Float.leastNormalMagnitude)
    if field == "quantile" {
      // Of probabilities that have all their digits; how much an error of p moves x is known from the slope.
      let p = exp(point.logLower)
      guard p < 0.5, p > smallest * 1e8, point.logProb > -.infinity, abs(point.x) > smallest else { return true }
      let condition = 1 / abs(point.x * point.lowerSlope)
      return abs(found - expected) <= 10 * tolerance * (1 + condition) * abs(expected)
    }
    if field.contains("/") {
      let value = rounded(field.hasPrefix("logCDF") ? point.logLower : point.logUpper)
      // Where a logarithm is beyond the dtype there is no gradient; outside the support there is none to flow.
      guard value.isFinite || point.logProb == -.infinity else { return true }
      guard found.isFinite else { return expected.isInfinite }
      // A logarithm that underflows has lost its slope.
      guard value == 0 && expected == 0 || abs(value) > smallest * 1e6 else { return true }
      return expected.isNaN || abs(found - expected) <= max(smallest, 100 * tolerance * abs(expected))
    }
    // It takes values between 0 and 1 too, and is asked for no others.
    if field == "logProb", name == "Bernoulli", !(0...1).contains(point.x) { return true }
    if expected.isInfinite {
      let isExact = point.logProb == -.infinity || point.logLower == 0 || point.logUpper == 0
      return isExact ? found == expected : !found.isNaN
    }
    if point.logProb == -.infinity { return found == expected }
    if field == "logProb" { return abs(found - expected) <= tolerance * max(1, abs(expected)) }
    return abs(found - expected) <= max(smallest, tolerance * abs(expected))
  }

  private func rounded(_ value: Double) -> Double { dtype == .float64 ? value : Double(Float(value)) }
}
