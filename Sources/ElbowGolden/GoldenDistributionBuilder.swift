import ElbowArrays
import ElbowGraph
import ElbowProbability

/// Makes the distributions of golden cases, their parameters being placeholders named by dotted path.
public struct GoldenDistributionBuilder {
  /// The distributions whose cases run; those of others are left out.
  public static let supported: Set<String> = [
    "Bernoulli", "Beta", "Binomial", "Categorical", "Cauchy", "Chi2", "CholeskyLKJ", "ContinuousBernoulli",
    "Deterministic", "Dirichlet", "Exponential", "Gamma", "Geometric", "Gumbel", "HalfNormal", "Independent",
    "InverseGamma", "Kumaraswamy", "LKJ", "Laplace", "LogNormal", "Logistic", "Mixture", "MixtureSameFamily",
    "Multinomial", "MultivariateNormalDiag", "MultivariateNormalDiagPlusLowRankCovariance",
    "MultivariateNormalFullCovariance", "MultivariateNormalTriL", "NegativeBinomial", "Normal", "OneHotCategorical",
    "Pareto", "Poisson", "QuantizedDistribution", "RelaxedBernoulli", "RelaxedOneHotCategorical", "Sample", "StudentT",
    "TransformedDistribution", "TruncatedNormal", "Uniform", "VonMises", "Weibull", "WishartTriL",
  ]

  public let graph = Graph()
  /// The dtype that floating-point values are converted to.
  public var dtype: DType
  /// The placeholders' values.
  public private(set) var feeds: [String: HostArray] = [:]
  /// The floating-point placeholders by path.
  public private(set) var inputs: [String: Tensor] = [:]

  public init(dtype: DType = .float64) { self.dtype = dtype }

  /// Whether a specification, with all that it is made of, is supported.
  public static func supports(_ spec: GoldenValue) -> Bool {
    guard let name = spec["distribution"]?.text, supported.contains(name) else { return false }
    return (spec["params"]?.fields ?? [:]).values.flatMap { $0.list + [$0] }.allSatisfy {
      $0["distribution"] == nil || supports($0)
    }
  }

  /// A placeholder for a tensor of the case.
  public mutating func input(_ path: String, _ tensor: GoldenTensor) throws -> Tensor {
    let value = try tensor.array(dtype)
    let placeholder = graph.placeholder(path, shape: tensor.shape, dtype: tensor.dtype(dtype))
    feeds[path] = value
    if !tensor.isInteger { inputs[path] = placeholder }
    return placeholder
  }

  /// The distribution of a specification.
  ///
  /// - Throws: `ElbowError` of kind `data` if it is none, or not supported.
  public mutating func distribution(_ spec: GoldenValue, path prefix: String = "") throws -> any Distribution {
    let name = spec["distribution"]?.text ?? "?"
    let params = spec["params"]?.fields ?? [:]
    var tensors: [String: Tensor] = [:]
    for (key, value) in params.sorted(by: { $0.key < $1.key }) {
      if let tensor = value.tensor { tensors[key] = try input(prefix + key, tensor) }
    }
    func parameter(_ key: String) throws -> Tensor {
      guard let tensor = tensors[key] else { throw ElbowError(.data, "A \(name) has no parameter '\(key)'.") }
      return tensor
    }
    switch name {
    case "Bernoulli":
      return try tensors["logits"].map { Bernoulli(logits: $0) } ?? Bernoulli(probs: parameter("probs"))
    case "Categorical":
      return try tensors["logits"].map { Categorical(logits: $0) } ?? Categorical(probs: parameter("probs"))
    case "Independent":
      guard let inner = params["distribution"], let count = spec["options"]?["reinterpreted_batch_ndims"]?.integer
      else {
        throw ElbowError(.data, "An Independent needs a distribution and a number of axes.")
      }
      return Independent(
        try distribution(inner, path: prefix + "distribution."), reinterpretedBatchNDims: count)
    case "CholeskyLKJ", "LKJ":
      guard let dimension = spec["options"]?["dimension"]?.integer else {
        throw ElbowError(.data, "A \(name) needs a dimension.")
      }
      let concentration = try parameter("concentration")
      return name == "LKJ"
        ? LKJ(dimension: dimension, concentration: concentration)
        : CholeskyLKJ(dimension: dimension, concentration: concentration)
    case "Mixture":
      guard let mixture = params["cat"],
        let categorical = try distribution(mixture, path: prefix + "cat.") as? Categorical
      else { throw ElbowError(.data, "A Mixture needs a Categorical.") }
      var components: [any Distribution] = []
      for (index, component) in (params["components"]?.list ?? []).enumerated() {
        components.append(try distribution(component, path: "\(prefix)components[\(index)]."))
      }
      return Mixture(cat: categorical, components: components)
    case "MixtureSameFamily":
      guard let mixture = params["mixture_distribution"], let components = params["components_distribution"],
        let categorical = try distribution(mixture, path: prefix + "mixture_distribution.") as? Categorical
      else { throw ElbowError(.data, "A MixtureSameFamily needs a Categorical and components.") }
      return MixtureSameFamily(
        mixtureDistribution: categorical,
        componentsDistribution: try distribution(components, path: prefix + "components_distribution."))
    case "MultivariateNormalDiag":
      return MultivariateNormalDiag(loc: try parameter("loc"), scaleDiag: try parameter("scale_diag"))
    case "MultivariateNormalDiagPlusLowRankCovariance":
      return MultivariateNormalDiagPlusLowRankCovariance(
        loc: try parameter("loc"), covDiagFactor: try parameter("cov_diag_factor"),
        covPerturbFactor: try parameter("cov_perturb_factor"))
    case "MultivariateNormalFullCovariance":
      return MultivariateNormalFullCovariance(
        loc: try parameter("loc"), covarianceMatrix: try parameter("covariance_matrix"))
    case "QuantizedDistribution", "Sample":
      guard let inner = params["distribution"] else { throw ElbowError(.data, "A \(name) needs a distribution.") }
      let (options, made) = (spec["options"], try distribution(inner, path: prefix + "distribution."))
      return name == "Sample"
        ? Sample(made, sampleShape: Shape(options?["sample_shape"]?.integers ?? []))
        : QuantizedDistribution(made, low: options?["low"]?.number, high: options?["high"]?.number)
    case "WishartTriL": return WishartTriL(df: try parameter("df"), scaleTriL: try parameter("scale_tril"))
    case "MultivariateNormalTriL":
      return MultivariateNormalTriL(loc: try parameter("loc"), scaleTriL: try parameter("scale_tril"))
    case "TransformedDistribution":
      guard let inner = params["distribution"], let map = params["bijector"] else {
        throw ElbowError(.data, "A TransformedDistribution needs a distribution and a bijector.")
      }
      return TransformedDistribution(
        try distribution(inner, path: prefix + "distribution."), bijector: try bijector(map, path: prefix + "bijector.")
      )
    case "Normal": return Normal(loc: try parameter("loc"), scale: try parameter("scale"))
    default: break
    }
    if let made = try Self.ofOneForm(name, parameter) ?? Self.ofTwoForms(name, tensors, parameter) { return made }
    throw ElbowError(.data, "The distribution \(name) is not supported.")
  }

  /// Distributions whose parameters have one form.
  private static func ofOneForm(
    _ name: String, _ parameter: (String) throws -> Tensor
  ) throws -> (any Distribution)? {
    switch name {
    case "Beta":
      Beta(concentration1: try parameter("concentration1"), concentration0: try parameter("concentration0"))
    case "Cauchy": Cauchy(loc: try parameter("loc"), scale: try parameter("scale"))
    case "Chi2": Chi2(df: try parameter("df"))
    case "Deterministic": Deterministic(loc: try parameter("loc"))
    case "Dirichlet": Dirichlet(concentration: try parameter("concentration"))
    case "Exponential": Exponential(rate: try parameter("rate"))
    case "Gamma": Gamma(concentration: try parameter("concentration"), rate: try parameter("rate"))
    case "Gumbel": Gumbel(loc: try parameter("loc"), scale: try parameter("scale"))
    case "HalfNormal": HalfNormal(scale: try parameter("scale"))
    case "InverseGamma": InverseGamma(concentration: try parameter("concentration"), scale: try parameter("scale"))
    case "Kumaraswamy":
      Kumaraswamy(
        concentration1: try parameter("concentration1"), concentration0: try parameter("concentration0"))
    case "Laplace": Laplace(loc: try parameter("loc"), scale: try parameter("scale"))
    case "LogNormal": LogNormal(loc: try parameter("loc"), scale: try parameter("scale"))
    case "Logistic": Logistic(loc: try parameter("loc"), scale: try parameter("scale"))
    case "Pareto": Pareto(concentration: try parameter("concentration"), scale: try parameter("scale"))
    case "StudentT": StudentT(df: try parameter("df"), loc: try parameter("loc"), scale: try parameter("scale"))
    case "TruncatedNormal":
      TruncatedNormal(
        loc: try parameter("loc"), scale: try parameter("scale"), low: try parameter("low"),
        high: try parameter("high"))
    case "Uniform": Uniform(low: try parameter("low"), high: try parameter("high"))
    case "VonMises": VonMises(loc: try parameter("loc"), concentration: try parameter("concentration"))
    case "Weibull": Weibull(concentration: try parameter("concentration"), scale: try parameter("scale"))
    default: nil
    }
  }

  /// Distributions of logits or probabilities.
  private static func ofTwoForms(
    _ name: String, _ tensors: [String: Tensor], _ parameter: (String) throws -> Tensor
  ) throws -> (any Distribution)? {
    let logits = tensors["logits"]
    switch name {
    case "Binomial":
      let count = try parameter("total_count")
      return try logits.map { Binomial(totalCount: count, logits: $0) }
        ?? Binomial(totalCount: count, probs: parameter("probs"))
    case "ContinuousBernoulli":
      return try logits.map { ContinuousBernoulli(logits: $0) } ?? ContinuousBernoulli(probs: parameter("probs"))
    case "Geometric": return try logits.map { Geometric(logits: $0) } ?? Geometric(probs: parameter("probs"))
    case "Multinomial":
      let count = try parameter("total_count")
      return try logits.map { Multinomial(totalCount: count, logits: $0) }
        ?? Multinomial(totalCount: count, probs: parameter("probs"))
    case "NegativeBinomial":
      let count = try parameter("total_count")
      return try logits.map { NegativeBinomial(totalCount: count, logits: $0) }
        ?? NegativeBinomial(totalCount: count, probs: parameter("probs"))
    case "OneHotCategorical":
      return try logits.map { OneHotCategorical(logits: $0) } ?? OneHotCategorical(probs: parameter("probs"))
    case "Poisson": return try tensors["log_rate"].map { Poisson(logRate: $0) } ?? Poisson(rate: parameter("rate"))
    case "RelaxedBernoulli":
      let temperature = try parameter("temperature")
      return try logits.map { RelaxedBernoulli(temperature: temperature, logits: $0) }
        ?? RelaxedBernoulli(temperature: temperature, probs: parameter("probs"))
    case "RelaxedOneHotCategorical":
      let temperature = try parameter("temperature")
      return try logits.map { RelaxedOneHotCategorical(temperature: temperature, logits: $0) }
        ?? RelaxedOneHotCategorical(temperature: temperature, probs: parameter("probs"))
    default: return nil
    }
  }
}
