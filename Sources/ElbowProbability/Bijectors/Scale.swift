import ElbowGraph

extension Bijectors {
  /// y = scale x, or exp(logScale) x.
  ///
  ///     log |dy/dx| = log |scale| = logScale
  public struct Scale: Bijector {
    /// The factor, or its logarithm.
    public let scale: BijectorParameter
    private let isLogarithm: Bool
    public let traits: BijectorTraits

    /// A map that multiplies by `scale`, which is not 0 and broadcasts with x.
    public init(_ scale: some TensorLike, name: String? = nil) {
      self.init(BijectorParameter("scale", scale), isLogarithm: false, name: name)
    }

    /// A map that multiplies by exp(`logScale`), which broadcasts with x.
    public init(logScale: some TensorLike, name: String? = nil) {
      self.init(BijectorParameter("logScale", logScale), isLogarithm: true, name: name)
    }

    private init(_ scale: BijectorParameter, isLogarithm: Bool, name: String?) {
      self.scale = scale
      self.isLogarithm = isLogarithm
      traits = BijectorTraits("Scale", name: name, parameters: [scale], isConstantJacobian: true)
    }

    private func factor(_ x: Tensor) -> Tensor {
      let value = scale.tensor(like: x)
      return isLogarithm ? exp(value) : value
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { x * factor(x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      isLogarithm ? y * exp(-scale.tensor(like: y)) : y / factor(y)
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      isLogarithm ? scale.tensor(like: x) : log(abs(factor(x)))
    }
    public func slopeFormula(like x: Tensor) -> Tensor? { isLogarithm ? x.scalar(1) : factor(x) }
  }
}
