import ElbowArrays
import ElbowGraph

/// A Bayesian model: parameters with priors, and data that were observed.
///
///     let schools = BayesianModel(coords: ["school": names]) { m in
///       let sigma = m.data("sigma", dims: ["school"])
///       let mu = m.sample("mu", Normal(in: m.graph, loc: 0, scale: 5))
///       let tau = m.sample("tau", HalfCauchy(in: m.graph, scale: 5))
///       let theta = m.sample("theta", Normal(loc: mu, scale: tau), dims: ["school"], parameterization: .nonCentered)
///       m.observe("y", Normal(loc: theta, scale: sigma), dims: ["school"])
///     }
///     let posterior = try schools.sample(["y": y, "sigma": sigma], seed: 42)
///     print(posterior.summary)
///
/// The closure is written for one draw, and builds a graph. It runs several times, once for each thing that is asked for: for the
/// log density of all parameters, for draws from the prior. So it must do the same each time.
public struct BayesianModel: Sendable {
  /// The name of the compiled library.
  public let name: String
  /// The labels of each dimension's positions, by the dimension's name.
  public let coords: [String: [String]]
  let body: @Sendable (ModelContext) throws -> Void

  /// A model.
  ///
  /// - Parameters:
  ///   - name: The name of the compiled library.
  ///   - coords: The labels of each dimension's positions; of a dimension that is not among them the data give the extent.
  ///   - body: Declares parameters and data.
  public init(
    _ name: String = "posterior", coords: [String: [String]] = [:],
    _ body: @escaping @Sendable (ModelContext) throws -> Void
  ) {
    self.name = name
    self.coords = coords
    self.body = body
  }
}

/// How a parameter is moved in by samplers.
public enum Parameterization: Sendable {
  /// As it is.
  case centered
  /// By its distance from the location in units of the scale, which does not depend on either: for the parameters of groups
  /// about which the data say little.
  case nonCentered
}

/// One parameter of a model, as samplers see it.
struct ParameterSite {
  let name: String
  /// The shape of its value.
  let shape: [Int]
  /// Where its elements are in the position.
  let offset: Int
  let unconstrainedShape: [Int]

  var count: Int { unconstrainedShape.reduce(1, *) }
}
