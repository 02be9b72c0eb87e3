import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Vectors whose normalised elements are scaled and shifted back to the data's, as a layer of a flow (Dinh et al. 2017,
  /// "Density estimation using Real NVP"): the inverse, from data to noise, normalises.
  ///
  ///     x = gamma (y - mean) / sqrt(variance + epsilon) + beta
  ///     log |det dy/dx| = sum_i (log(variance_i + epsilon) / 2 - log(gamma_i))
  ///
  /// Mean and variance are what is given: the moving averages, or, in training, the batch's own ``moments(_:axes:keepDims:)``.
  public struct BatchNormalization: Bijector {
    /// The mean of each element of y, of a shape that broadcasts with a vector.
    public let mean: BijectorParameter
    /// The variance of each element of y, at least 0.
    public let variance: BijectorParameter
    /// The scale of the normalised elements, positive.
    public let gamma: BijectorParameter
    /// Their shift.
    public let beta: BijectorParameter
    /// A number added to the variance, so that its root is not 0; 1e-3 by default.
    public let epsilon: Double
    public let traits: BijectorTraits

    /// A map for moments, a scale and a shift of the shape of a vector.
    public init(
      mean: some TensorLike, variance: some TensorLike, gamma: some TensorLike = 1.0, beta: some TensorLike = 0.0,
      epsilon: Double = 1e-3, name: String? = nil
    ) {
      self.mean = BijectorParameter("mean", mean)
      self.variance = BijectorParameter("variance", variance, .nonNegative)
      self.gamma = BijectorParameter("gamma", gamma, .positive)
      self.beta = BijectorParameter("beta", beta)
      self.epsilon = epsilon
      traits = BijectorTraits(
        "BatchNormalization", name: name, parameters: [self.mean, self.variance, self.gamma, self.beta],
        forwardMinEventNDims: 1, isConstantJacobian: true)
    }

    private func variance(like x: Tensor) -> Tensor { variance.tensor(like: x) + epsilon }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      (x - beta.tensor(like: x)) * (sqrt(variance(like: x)) / gamma.tensor(like: x)) + mean.tensor(like: x)
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      (y - mean.tensor(like: y)) * (gamma.tensor(like: y) / sqrt(variance(like: y))) + beta.tensor(like: y)
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      // Of the event's shape, so that what is one number for all elements counts once for each.
      let each = 0.5 * log(variance(like: x)) - log(gamma.tensor(like: x))
      return (each + x.graph.zeros(x.shape.suffix(1), dtype: x.dtype)).sum(axes: [-1])
    }
  }
}
