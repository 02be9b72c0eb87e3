import ElbowArrays
import ElbowGraph

/// Features with mean 0 and variance 1 over the batch, times `gamma` plus `beta` (Ioffe and Szegedy 2015), as Keras has it:
///
///     y = gamma (x - mean) / sqrt(variance + epsilon) + beta
///
/// Called with `training: true` it takes mean and biased variance from the batch, over all axes but that of the features,
/// and moves its averages towards them: `average = momentum average + (1 - momentum) statistic`. A training step carries that
/// out once ``updates`` are added to it. Called without, it takes the averages.
///
///     let normalization = BatchNormalization()
///     let hidden = relu(normalization(Dense(100)(images), training: true))
///     ...
///     var step = Adam().minimize(loss)
///     step.updates += normalization.updates
///
/// The variables are `<scopes>/<name>/gamma` and `beta`, parameters, and `moving_mean` and `moving_variance`, statistics, each
/// of the number of features.
public final class BatchNormalization: Layer {
  /// The axis of the features.
  public let axis: Int
  /// How much of the averages stays in a step.
  public let momentum: Double
  /// The number added to variances.
  public let epsilon: Double
  /// The name given; after the first call, the one that it goes by.
  public var name: String? { weights.name }
  /// Variables once the layer has been called; nil if it has no such.
  public var gamma: Tensor? { weights.variables["gamma"] }
  /// The offsets, a variable of the number of features; nil before the first call, or without `center`.
  public var beta: Tensor? { weights.variables["beta"] }
  /// The moving average of the means, a variable of the number of features; nil before the first call.
  public var movingMean: Tensor? { weights.variables["moving_mean"] }
  /// The moving average of the variances, a variable of the number of features; nil before the first call.
  public var movingVariance: Tensor? { weights.variables["moving_variance"] }

  private let weights: FeatureWeights
  /// The averages after all calls so far: each call goes on from the one before.
  private var moved: [String: Tensor] = [:]
  /// When that began.
  private var collection = 0

  /// - Parameters:
  ///   - axis: The axis of the features.
  ///   - momentum: How much of the averages stays in a step.
  ///   - epsilon: The number added to variances.
  ///   - center: Whether there is a `beta`.
  ///   - scale: Whether there is a `gamma`.
  ///   - name: The first part of its variables' names; `batch_normalization`, `batch_normalization_1`, ... if nil.
  public init(
    axis: Int = -1, momentum: Double = 0.99, epsilon: Double = 1e-3, center: Bool = true, scale: Bool = true,
    name: String? = nil
  ) {
    self.axis = axis
    self.momentum = momentum
    self.epsilon = epsilon
    weights = FeatureWeights(
      "BatchNormalization()", named: "batch_normalization", name: name, axis: axis,
      (scale ? [("gamma", .ones, .parameter)] : []) + (center ? [("beta", .zeros, .parameter)] : [])
        + [("moving_mean", .zeros, .statistic), ("moving_variance", .ones, .statistic)])
  }

  public func callAsFunction(_ input: Tensor) -> Tensor { callAsFunction(input, training: false) }

  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    input.graph.located {
      guard input.isValid else { return input }
      guard let (axis, fitted) = weights.fitting(input), let movingMean = fitted["moving_mean"],
        let movingVariance = fitted["moving_variance"]
      else { return input.graph.invalid() }
      var statistics = (mean: movingMean, variance: movingVariance)
      if training {
        statistics = moments(input, axes: (0..<input.rank).filter { $0 != axis }, keepDims: true)
        guard statistics.variance.isValid else { return input.graph.invalid() }
        if collection != input.graph.partCollection { moved = [:] }
        collection = input.graph.partCollection
        input.graph.note(self)
        move("moving_mean", towards: statistics.mean)
        move("moving_variance", towards: statistics.variance)
      }
      return normalized(
        input, mean: statistics.mean, variance: statistics.variance, scale: fitted["gamma"], offset: fitted["beta"],
        epsilon: epsilon)
    }
  }

  /// The averages' new values, after all calls with `training: true`.
  public var updates: [VariableUpdate] {
    moved.sorted { $0.key < $1.key }.compactMap { name, value in
      weights.variables[name].map { VariableUpdate($0, to: value) }
    }
  }

  private func move(_ name: String, towards statistic: Tensor) {
    guard let variable = weights.variables[name] else { return }
    let average = moved[name] ?? variable
    moved[name] = momentum * average + (1 - momentum) * statistic.reshaped(to: variable.shape)
  }
}
