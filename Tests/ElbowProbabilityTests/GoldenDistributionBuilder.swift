import ElbowArrays
import ElbowGraph
import ElbowProbability
import TestSupport

/// Makes the distributions of golden cases, their parameters being placeholders named by dotted path.
struct GoldenDistributionBuilder {
  /// The distributions whose cases run; those of others are left out.
  static let supported: Set<String> = [
    "Bernoulli", "Categorical", "Independent", "MixtureSameFamily", "MultivariateNormalDiag", "MultivariateNormalTriL",
    "Normal",
  ]

  let graph = Graph()
  var dtype = DType.float64
  var feeds: [String: HostArray] = [:]
  /// The floating-point placeholders by path.
  var inputs: [String: Tensor] = [:]

  /// Whether a specification, with all that it is made of, is supported.
  static func supports(_ spec: GoldenValue) -> Bool {
    guard let name = spec["distribution"]?.text, supported.contains(name) else { return false }
    return (spec["params"]?.fields ?? [:]).values.allSatisfy { $0["distribution"] == nil || supports($0) }
  }

  mutating func input(_ path: String, _ tensor: GoldenTensor) throws -> Tensor {
    let placeholder = graph.placeholder(path, shape: tensor.shape, dtype: tensor.dtype(dtype))
    feeds[path] = try tensor.array(dtype)
    if !tensor.isInteger { inputs[path] = placeholder }
    return placeholder
  }

  mutating func distribution(_ spec: GoldenValue, path prefix: String = "") throws -> any Distribution {
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
      guard let inner = params["distribution"], let count = spec["options"]?["reinterpreted_batch_ndims"]?.number else {
        throw ElbowError(.data, "An Independent needs a distribution and a number of axes.")
      }
      return Independent(
        try distribution(inner, path: prefix + "distribution."), reinterpretedBatchNDims: Int(count))
    case "MixtureSameFamily":
      guard let mixture = params["mixture_distribution"], let components = params["components_distribution"],
        let categorical = try distribution(mixture, path: prefix + "mixture_distribution.") as? Categorical
      else { throw ElbowError(.data, "A MixtureSameFamily needs a Categorical and components.") }
      return MixtureSameFamily(
        mixtureDistribution: categorical,
        componentsDistribution: try distribution(components, path: prefix + "components_distribution."))
    case "MultivariateNormalDiag":
      return MultivariateNormalDiag(loc: try parameter("loc"), scaleDiag: try parameter("scale_diag"))
    case "MultivariateNormalTriL":
      return MultivariateNormalTriL(loc: try parameter("loc"), scaleTriL: try parameter("scale_tril"))
    case "Normal": return Normal(loc: try parameter("loc"), scale: try parameter("scale"))
    default: throw ElbowError(.data, "The distribution \(name) is not supported.")
    }
  }
}
