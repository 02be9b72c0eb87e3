import Elbow
import ElbowInference
import Testing

/// Eight schools (D. B. Rubin, 1981): effects of coaching in eight schools, with their standard errors.
@Suite struct EightSchoolsTests {
  static let effects: [Double] = [28, 8, -3, 7, -1, 1, 18, 12]
  static let errors: [Double] = [15, 10, 16, 11, 9, 11, 10, 18]
  static let names = ["A", "B", "C", "D", "E", "F", "G", "H"]

  static func model(_ parameterization: Parameterization) -> BayesianModel {
    BayesianModel("eight_schools", coords: ["school": names]) { m in
      let sigma = m.data("sigma", dims: ["school"])
      let mu = m.sample("mu", Normal(in: m.graph, loc: 0, scale: 5))
      let tau = m.sample("tau", HalfCauchy(in: m.graph, scale: 5))
      let theta = m.sample(
        "theta", Normal(loc: mu, scale: tau), dims: ["school"], parameterization: parameterization)
      m.observe("y", Normal(loc: theta, scale: sigma), dims: ["school"])
    }
  }

  @Test func theNonCentredModelHasThePublishedMeans() throws {
    var options = SamplerOptions()
    (options.seed, options.targetAcceptance) = (42, 0.95)
    let posterior = try EightSchoolsTests.model(.nonCentered)
      .compile(["y": EightSchoolsTests.effects, "sigma": EightSchoolsTests.errors], cache: TestCache.cache())
      .sample(options)
    let summary = posterior.summary
    let mu = try #require(summary["mu"])
    #expect(abs(mu.mean - 4.4) < 4 * mu.meanError + 0.1)
    #expect(posterior.divergenceCount == 0)
    let lines = summary.description.split(separator: "\n")
    #expect(lines.count == 11 && lines[1].hasPrefix("mu ") && lines[3].hasPrefix("theta[A]"))
  }
}
