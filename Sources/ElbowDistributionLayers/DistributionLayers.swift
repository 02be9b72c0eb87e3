import ElbowGraph
import ElbowNetworks
import ElbowProbability

// The layers of TensorFlow Probability that make common distributions of a dense layer's output. Each has a `paramsSize`: how
// many numbers describe one distribution, the last axis of the layer's input.

/// A normal distribution of vectors with full covariance: the location, and then a triangle whose diagonal is made positive by
/// `softplus(x) + 1e-5`.
public final class MultivariateNormalTriLLayer: DistributionLambda<MultivariateNormalTriL> {
  /// `eventSize + eventSize (eventSize + 1) / 2`.
  public static func paramsSize(_ eventSize: Int) -> Int { MultivariateNormalTriL.paramsSize(eventSize) }

  /// A layer for inputs whose last axis has `paramsSize` numbers; others are recorded as a mistake when it is called.
  ///
  /// - Parameters:
  ///   - eventSize: The size of the vectors, at least 1.
  ///   - convertToTensor: The tensor that the distribution stands for, such as `{ $0.mean() }`; a sample if nil.
  ///   - activityRegularizer: The term that the distribution adds to the loss; nil for none.
  public init(
    _ eventSize: Int, convertToTensor: ((MultivariateNormalTriL) -> Tensor)? = nil,
    activityRegularizer: KLDivergenceRegularizer? = nil
  ) {
    super.init(convertToTensor: convertToTensor, activityRegularizer: activityRegularizer) {
      MultivariateNormalTriL(params: $0, eventSize: eventSize)
    }
  }
}

/// A normal distribution of vectors with independent elements: the location, and then a scale that is made positive by
/// softplus.
public final class MultivariateNormalDiagLayer: DistributionLambda<MultivariateNormalDiag> {
  /// `2 eventSize`.
  public static func paramsSize(_ eventSize: Int) -> Int { 2 * eventSize }

  /// A layer for inputs whose last axis has `paramsSize` numbers; others are recorded as a mistake when it is called.
  ///
  /// - Parameters:
  ///   - eventSize: The size of the vectors, at least 1.
  ///   - convertToTensor: The tensor that the distribution stands for, such as `{ $0.mean() }`; a sample if nil.
  ///   - activityRegularizer: The term that the distribution adds to the loss; nil for none.
  public init(
    _ eventSize: Int, convertToTensor: ((MultivariateNormalDiag) -> Tensor)? = nil,
    activityRegularizer: KLDivergenceRegularizer? = nil
  ) {
    super.init(convertToTensor: convertToTensor, activityRegularizer: activityRegularizer) { params in
      let parts = split(params, into: [eventSize, eventSize], for: "MultivariateNormalDiagLayer(\(eventSize))")
      return MultivariateNormalDiag(loc: parts[0], scaleDiag: softplus(parts[1]))
    }
  }
}

/// Independent normal distributions of the elements of an array: all locations, and then the scales, which are made positive
/// by softplus.
public final class IndependentNormalLayer: DistributionLambda<Independent> {
  /// Two for each element of an event.
  public static func paramsSize(_ eventShape: [Int]) -> Int { 2 * eventShape.reduce(1, *) }

  /// A layer for inputs whose last axis has `paramsSize` numbers; others are recorded as a mistake when it is called.
  ///
  /// - Parameters:
  ///   - eventShape: The shape of an event; `[]` for single numbers.
  ///   - convertToTensor: The tensor that the distribution stands for, such as `{ $0.mean() }`; a sample if nil.
  ///   - activityRegularizer: The term that the distribution adds to the loss; nil for none.
  public init(
    _ eventShape: [Int], convertToTensor: ((Independent) -> Tensor)? = nil,
    activityRegularizer: KLDivergenceRegularizer? = nil
  ) {
    super.init(convertToTensor: convertToTensor, activityRegularizer: activityRegularizer) { params in
      let size = eventShape.reduce(1, *)
      let parts = split(params, into: [size, size], for: "IndependentNormalLayer(\(eventShape))")
        .map { $0.withEvents(of: eventShape) }
      return Independent(
        Normal(loc: parts[0], scale: softplus(parts[1])), reinterpretedBatchNDims: eventShape.count)
    }
  }
}

/// Independent Bernoulli distributions of the elements of an array, such as pixels: their logits.
public final class IndependentBernoulliLayer: DistributionLambda<Independent> {
  /// One for each element of an event.
  public static func paramsSize(_ eventShape: [Int]) -> Int { eventShape.reduce(1, *) }

  /// A layer for inputs whose last axis has `paramsSize` numbers; others are recorded as a mistake when it is called.
  ///
  /// - Parameters:
  ///   - eventShape: The shape of an event; `[]` for single numbers.
  ///   - convertToTensor: The tensor that the distribution stands for, such as `{ $0.mean() }`; a sample if nil.
  ///   - activityRegularizer: The term that the distribution adds to the loss; nil for none.
  public init(
    _ eventShape: [Int], convertToTensor: ((Independent) -> Tensor)? = nil,
    activityRegularizer: KLDivergenceRegularizer? = nil
  ) {
    super.init(convertToTensor: convertToTensor, activityRegularizer: activityRegularizer) { params in
      let size = eventShape.reduce(1, *)
      let logits = split(params, into: [size], for: "IndependentBernoulliLayer(\(eventShape))")[0]
      return Independent(
        Bernoulli(logits: logits.withEvents(of: eventShape)),
        reinterpretedBatchNDims: eventShape.count)
    }
  }
}

/// A distribution of one-hot vectors: their logits.
public final class OneHotCategoricalLayer: DistributionLambda<OneHotCategorical> {
  /// `eventSize`.
  public static func paramsSize(_ eventSize: Int) -> Int { eventSize }

  /// A layer for inputs whose last axis has `paramsSize` numbers; others are recorded as a mistake when it is called.
  ///
  /// - Parameters:
  ///   - eventSize: The number of classes, at least 1.
  ///   - convertToTensor: The tensor that the distribution stands for, such as `{ $0.mean() }`; a sample if nil.
  ///   - activityRegularizer: The term that the distribution adds to the loss; nil for none.
  public init(
    _ eventSize: Int, convertToTensor: ((OneHotCategorical) -> Tensor)? = nil,
    activityRegularizer: KLDivergenceRegularizer? = nil
  ) {
    super.init(convertToTensor: convertToTensor, activityRegularizer: activityRegularizer) { params in
      OneHotCategorical(logits: split(params, into: [eventSize], for: "OneHotCategoricalLayer(\(eventSize))")[0])
    }
  }
}

/// A mixture of distributions that another layer makes: the logits of the components, and then the components' parameters, one
/// after the other.
///
///     MixtureSameFamilyLayer(5, componentLayer: MultivariateNormalTriLLayer(2),
///       componentParamsSize: MultivariateNormalTriLLayer.paramsSize(2))
public final class MixtureSameFamilyLayer: DistributionLambda<MixtureSameFamily> {
  /// `componentCount (1 + componentParamsSize)`.
  public static func paramsSize(_ componentCount: Int, componentParamsSize: Int) -> Int {
    componentCount * (1 + componentParamsSize)
  }

  /// A layer for inputs whose last axis has `paramsSize` numbers; others are recorded as a mistake when it is called.
  ///
  /// - Parameters:
  ///   - componentCount: The number of components, at least 1.
  ///   - componentLayer: The layer that makes the components' distributions, all in one call.
  ///   - componentParamsSize: How many numbers describe one component, the `paramsSize` of `componentLayer`.
  ///   - convertToTensor: The tensor that the distribution stands for, such as `{ $0.mean() }`; a sample if nil.
  ///   - activityRegularizer: The term that the distribution adds to the loss; nil for none.
  public init(
    _ componentCount: Int, componentLayer: any DistributionLayer, componentParamsSize: Int,
    convertToTensor: ((MixtureSameFamily) -> Tensor)? = nil,
    activityRegularizer: KLDivergenceRegularizer? = nil
  ) {
    super.init(convertToTensor: convertToTensor, activityRegularizer: activityRegularizer) { params in
      let parts = split(
        params, into: [componentCount, componentCount * componentParamsSize],
        for: "MixtureSameFamilyLayer(\(componentCount), componentParamsSize: \(componentParamsSize))")
      let components = parts[1].withEvents(of: [componentCount, componentParamsSize])
      return MixtureSameFamily(
        mixtureDistribution: Categorical(logits: parts[0]),
        componentsDistribution: componentLayer.anyDistribution(components))
    }
  }
}

extension DistributionLayer {
  fileprivate func anyDistribution(_ params: Tensor) -> any Distribution { distribution(params) }
}

extension Tensor {
  /// The last axis taken apart into axes of an event.
  fileprivate func withEvents(of shape: [Int]) -> Tensor {
    isValid ? reshaped(to: self.shape.dropLast(1) + Shape(shape)) : self
  }
}

/// The parts of the last axis; invalid tensors, with a recorded mistake, if they are not all of it.
private func split(_ params: Tensor, into sizes: [Int], for layer: String) -> [Tensor] {
  guard params.isValid else { return sizes.map { _ in params } }
  guard sizes.allSatisfy({ $0 >= 1 }), params.rank >= 1,
    params.shape[-1].canEqual(Dimension(sizes.reduce(0, +)))
  else {
    let mistake = params.graph.invalid(
      .shape, "\(layer): the last axis of \(params.type) has to be \(sizes.reduce(0, +)), its paramsSize.")
    return sizes.map { _ in mistake }
  }
  var start = 0
  return sizes.map { size in
    defer { start += size }
    return sizes.count == 1 ? params : params[TensorIndex.ellipsis, start..<start + size]
  }
}
