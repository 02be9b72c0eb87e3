import ElbowArrays
import ElbowGraph

/// One way to make a distribution of tensors alone, as data: the tests of values, of samplers and of tables and the random
/// graphs go through ``all``, so that a new distribution is known to them by its line there.
///
/// Parameters are those that the distribution adds to its ``ParameterTable``, in that order.
package struct DistributionConstructor: Sendable {
  /// A parameter without its value.
  package struct Parameter: Sendable, Hashable {
    package let name: String
    package let constraint: ParameterConstraint
    /// How many of its last axes describe one distribution.
    package let eventNDims: Int
    /// The parameter that it has to be above.
    package let lowerBound: String?
  }

  /// A quantity that some distributions have a formula for.
  package enum Quantity: String, Sendable, CaseIterable {
    case cdf, quantile, mean, variance, covariance, mode, entropy
  }

  /// `Gamma`.
  package let typeName: String
  package let parameters: [Parameter]
  /// The quantities that it has formulas for.
  package let quantities: Set<Quantity>
  /// The distribution of some tensors, one for each parameter, of one graph.
  package let make: @Sendable ([Tensor]) -> any Distribution

  /// - Parameters:
  ///   - count: The number of parameters.
  ///   - make: Makes the distribution of as many tensors.
  init(_ count: Int, make: @escaping @Sendable ([Tensor]) -> any Distribution) {
    self.make = make
    // Square matrices do for every parameter: those that need fewer axes take the others for a batch.
    let graph = Graph()
    let example = make((0..<count).map { graph.placeholder("parameter_\($0)", shape: [3, 3], dtype: .float64) })
    typeName = example.traits.typeName
    parameters = example.traits.parameters.map { parameter in
      let bound = example.traits.ordered.first { $0.high.name == parameter.name }
      return Parameter(
        name: parameter.name, constraint: parameter.constraint, eventNDims: parameter.eventNDims,
        lowerBound: bound?.low.name)
    }
    quantities = Set(Quantity.allCases.filter { $0.formula(of: example) != nil })
  }

  /// `Binomial(totalCount:probs:)`.
  package var name: String { "\(typeName)(\(parameters.map { $0.name + ":" }.joined()))" }
}

extension DistributionConstructor.Quantity {
  /// The formula of a distribution; nil if there is none.
  fileprivate func formula(of distribution: any Distribution) -> Tensor? {
    let x = distribution.graph.zeros(distribution.batchShape + distribution.eventShape, dtype: .float64)
    return switch self {
    case .cdf: distribution.cdfFormula(x)
    case .quantile: distribution.quantileFormula(x)
    case .mean: distribution.meanFormula()
    case .variance: distribution.varianceFormula()
    case .covariance: distribution.covarianceFormula()
    case .mode: distribution.modeFormula()
    case .entropy: distribution.entropyFormula()
    }
  }
}

extension DistributionConstructor {
  /// Every distribution that is made of tensors; those that are made of other distributions are not among them.
  package static let all = [
    Bernoulli.constructors,
    Beta.constructors,
    Binomial.constructors,
    Categorical.constructors,
    Cauchy.constructors,
    Chi2.constructors,
    CholeskyLKJ.constructors,
    ContinuousBernoulli.constructors,
    Deterministic.constructors,
    Dirichlet.constructors,
    Exponential.constructors,
    Gamma.constructors,
    Geometric.constructors,
    Gumbel.constructors,
    HalfCauchy.constructors,
    HalfNormal.constructors,
    InverseGamma.constructors,
    Kumaraswamy.constructors,
    LKJ.constructors,
    Laplace.constructors,
    LogNormal.constructors,
    Logistic.constructors,
    Multinomial.constructors,
    MultivariateNormalDiag.constructors,
    MultivariateNormalDiagPlusLowRankCovariance.constructors,
    MultivariateNormalFullCovariance.constructors,
    MultivariateNormalTriL.constructors,
    NegativeBinomial.constructors,
    Normal.constructors,
    OneHotCategorical.constructors,
    Pareto.constructors,
    Poisson.constructors,
    RelaxedBernoulli.constructors,
    RelaxedOneHotCategorical.constructors,
    StudentT.constructors,
    TruncatedNormal.constructors,
    Uniform.constructors,
    VonMises.constructors,
    Weibull.constructors,
    WishartTriL.constructors,
  ].flatMap { $0 }

  /// The constructor of a name, such as `Binomial(totalCount:probs:)`, or of a type that has one only.
  package static func named(_ name: String) -> DistributionConstructor? {
    let found = all.filter { $0.name == name || $0.typeName == name }
    return found.count == 1 ? found[0] : nil
  }
}
