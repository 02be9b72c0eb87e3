import ElbowArrays
import ElbowGraph
import ElbowProbability

/// Makes the distributions of golden cases, their parameters being placeholders named by dotted path.
public struct GoldenDistributionBuilder {
  /// The distributions whose cases run; those of others are left out.
  public static let supported = composed.union(DistributionConstructor.all.map(\.typeName))

  /// The distributions that are made of others.
  private static let composed: Set<String> = [
    "Independent", "Mixture", "MixtureSameFamily", "QuantizedDistribution", "Sample", "TransformedDistribution",
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
    switch name {
    case "Independent":
      guard let inner = params["distribution"], let count = spec["options"]?["reinterpreted_batch_ndims"]?.integer
      else {
        throw ElbowError(.data, "An Independent needs a distribution and a number of axes.")
      }
      return Independent(
        try distribution(inner, path: prefix + "distribution."), reinterpretedBatchNDims: count)
    case "CholeskyLKJ", "LKJ":
      guard let dimension = spec["options"]?["dimension"]?.integer, let concentration = tensors["concentration"] else {
        throw ElbowError(.data, "A \(name) needs a dimension and a concentration.")
      }
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
    case "QuantizedDistribution", "Sample":
      guard let inner = params["distribution"] else { throw ElbowError(.data, "A \(name) needs a distribution.") }
      let (options, made) = (spec["options"], try distribution(inner, path: prefix + "distribution."))
      return name == "Sample"
        ? Sample(made, sampleShape: Shape(options?["sample_shape"]?.integers ?? []))
        : QuantizedDistribution(made, low: options?["low"]?.number, high: options?["high"]?.number)
    case "TransformedDistribution":
      guard let inner = params["distribution"], let map = params["bijector"] else {
        throw ElbowError(.data, "A TransformedDistribution needs a distribution and a bijector.")
      }
      return TransformedDistribution(
        try distribution(inner, path: prefix + "distribution."), bijector: try bijector(map, path: prefix + "bijector.")
      )
    default: return try Self.distribution(name, tensors)
    }
  }

  /// The distribution of a type that is made of tensors, which are called as in Python: `total_count`.
  private static func distribution(_ name: String, _ tensors: [String: Tensor]) throws -> any Distribution {
    func plain(_ name: String) -> String { name.replacing("_", with: "").lowercased() }
    let given = Dictionary(tensors.map { (plain($0.key), $0.value) }) { first, _ in first }
    let constructors = DistributionConstructor.all.filter { $0.typeName == name }
    for constructor in constructors {
      let parameters = constructor.parameters.compactMap { given[plain($0.name)] }
      if parameters.count == constructor.parameters.count { return constructor.make(parameters) }
    }
    let missing = constructors.last?.parameters.first { given[plain($0.name)] == nil }
    guard let missing else { throw ElbowError(.data, "The distribution \(name) is not supported.") }
    throw ElbowError(.data, "A \(name) has no parameter '\(missing.name)'.")
  }
}
