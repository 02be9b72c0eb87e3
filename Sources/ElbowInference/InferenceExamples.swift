import ElbowGraph
import ElbowProbability

/// Built-in models, with their data.
public enum InferenceExamples {
  /// Effects of coaching in eight schools (D. B. Rubin, Journal of Educational Statistics 6, 1981).
  public static let eightSchools = InferenceExample(
    name: "eight-schools",
    abstract: "Effects of coaching in eight schools, which have a common distribution.",
    model: BayesianModel("eight_schools", coords: ["school": ["A", "B", "C", "D", "E", "F", "G", "H"]]) { m in
      let sigma = m.data("sigma", dims: ["school"])
      let mu = m.sample("mu", Normal(in: m.graph, loc: 0, scale: 5))
      let tau = m.sample("tau", HalfCauchy(in: m.graph, scale: 5))
      let theta = m.sample(
        "theta", Normal(loc: mu, scale: tau), dims: ["school"], parameterization: .nonCentered)
      m.observe("y", Normal(loc: theta, scale: sigma), dims: ["school"])
    },
    data: [
      "y": [28, 8, -3, 7, -1, 1, 18, 12],
      "sigma": [15, 10, 16, 11, 9, 11, 10, 18],
    ],
    targetAcceptance: 0.95)

  /// All of them.
  public static let all = [eightSchools]
}

/// A built-in model with data.
public struct InferenceExample: Sendable {
  /// The name that `graphc infer` takes.
  public let name: String
  /// The model in a line.
  public let abstract: String
  /// The model.
  public let model: BayesianModel
  /// The data of one observation each.
  public let data: [String: [Double]]
  /// The acceptance that its geometry asks for.
  public let targetAcceptance: Double
}
