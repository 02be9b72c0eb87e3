import ElbowGraph

/// Each vector of the last axis with mean 0 and variance 1, times `gamma` plus `beta` (Ba et al. 2016), as Keras has it:
///
///     y = gamma (x - mean) / sqrt(variance + epsilon) + beta
///
/// Mean and biased variance are those of the vector itself, while training and afterwards. The variables are
/// `<scopes>/<name>/gamma` and `beta`, of the vectors' size.
public final class LayerNormalization: Layer {
  /// The number added to variances.
  public let epsilon: Double
  /// The name given; after the first call, the one that it goes by.
  public var name: String? { weights.name }
  /// Variables once the layer has been called; nil if it has no such.
  public var gamma: Tensor? { weights.variables["gamma"] }
  /// The offsets, a variable of the vectors' size; nil before the first call, or without `center`.
  public var beta: Tensor? { weights.variables["beta"] }

  private let weights: FeatureWeights

  /// - Parameters:
  ///   - epsilon: The number added to variances.
  ///   - center: Whether there is a `beta`.
  ///   - scale: Whether there is a `gamma`.
  ///   - name: The first part of its variables' names; `layer_normalization`, `layer_normalization_1`, ... if nil.
  public init(epsilon: Double = 1e-3, center: Bool = true, scale: Bool = true, name: String? = nil) {
    self.epsilon = epsilon
    weights = FeatureWeights(
      "LayerNormalization()", named: "layer_normalization", name: name, axis: -1,
      (scale ? [("gamma", .ones, .parameter)] : []) + (center ? [("beta", .zeros, .parameter)] : []))
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.graph.located {
      guard input.isValid else { return input }
      guard let (_, fitted) = weights.fitting(input) else { return input.graph.invalid() }
      return layerNormalized(input, scale: fitted["gamma"], offset: fitted["beta"], epsilon: epsilon)
    }
  }
}
