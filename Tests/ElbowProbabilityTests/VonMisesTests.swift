import ElbowArrays
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// Properties that the golden values cannot show of the von Mises distribution, whose cdf TFP approximates.
@Suite struct VonMisesTests {
  /// Concentration, x and log P(X <= x) by 30-digit quadrature.
  static let logCDF: [(Double, Double, Double)] = [
    (0, -3, -3.7926780469057648), (0, -0.01, -0.6963353562572073), (0, 2.5, -0.10771065537436614),
    (1e-6, -1, -1.0763276764469), (1e-6, 0.3, -0.60194263560452559), (0.5, -3, -4.3525576197554224),
    (0.5, -1, -1.303709684066056), (0.5, 0.3, -0.5560452484410645), (5, -3, -12.080557813551938),
    (5, -0.01, -0.71064058732744307), (5, 2.5, -3.7038028366834411e-5), (10.6, -3, -22.869838850122033),
    (10.6, -1, -6.8654507061718458), (10.6, 0.3, -0.18427838822895768), (10.6, 2.5, -1.2941866286862322e-9),
    (50, -3, -100.74188387043554), (50, -1, -25.703968347102125), (50, 2.5, -7.6770301155091418e-41),
    (700, -3, -1395.1380105937794), (700, -0.01, -0.92713171770260856), (700, 0.3, -1.3279561814454504e-15),
    (1e5, -3, -199_003.96642019373), (1e5, -1, -45_976.272219585766), (1e5, -0.01, -7.1527008081232581),
  ]

  private static func angles(_ graph: Graph, _ dtype: DType) -> VonMises {
    VonMises(
      loc: graph.zeros([], dtype: dtype), concentration: graph.constant(logCDF.map(\.0), dtype: dtype))
  }

  @Test(arguments: [(DType.float64, 1e-13), (.float32, 2e-5)])
  func distributionFunctions(dtype: DType, tolerance: Double) throws {
    let graph = Graph()
    let distribution = Self.angles(graph, dtype)
    let x = Self.logCDF.map(\.1)
    let expected = GoldenTensor(shape: [Self.logCDF.count], values: Self.logCDF.map(\.2))
    for backend in goldenBackends {
      let values = try backend.values(
        of: ["below": distribution.logCDF(x), "above": distribution.logSurvivalFunction(x.map { -$0 })], in: graph)
      for name in ["below", "above"] {
        // Differences that float32 cannot hold beside 1 are left out.
        let found = difference(
          values[name], expected, Tolerance(relative: tolerance, absolute: dtype == .float32 ? 1e-7 : 0))
        #expect(found == nil, "\(name) on \(backend.name): \(found ?? "")")
      }
    }
  }

  @Test func quantilesInvertTheCDF() throws {
    let graph = Graph()
    let concentrations = [0, 1e-3, 0.7, 1.49, 1.51, 4, 30, 1000, 1e6]
    let p = [1e-12, 1e-4, 0.2, 0.5, 0.75, 0.999]
    let distribution = VonMises(
      loc: graph.zeros([1], dtype: .float64),
      concentration: graph.constant(concentrations, dtype: .float64).expandedDims(-1))
    let expected = GoldenTensor(shape: [concentrations.count, p.count], values: concentrations.flatMap { _ in p })
    for backend in goldenBackends {
      let found = difference(
        try backend.value(distribution.cdf(distribution.quantile(p))), expected,
        Tolerance(relative: 1e-11, absolute: 2e-16))
      #expect(found == nil, "on \(backend.name): \(found ?? "")")
    }
  }

  @Test func theGradientsOfTheCDF() throws {
    let inputs = [
      GoldenTensor(shape: [4], values: [0.4, 0.2, -1, 3]), GoldenTensor(shape: [4], values: [0.3, 2, 15, 0.01]),
      GoldenTensor(shape: [4], values: [-1, 0.5, -0.8, 2.5]),
    ]
    let error = try largestGradientError(at: inputs) { _, x in VonMises(loc: x[0], concentration: x[1]).cdf(x[2]) }
    #expect(error < 1e-8)
    let quantile = try largestGradientError(at: inputs.map { $0 }) { _, x in
      VonMises(loc: x[0], concentration: x[1]).quantile(0.5 + 0.1 * x[2])
    }
    #expect(quantile < 1e-7)
  }
}
