import ElbowGraph

extension Bijectors {
  /// y = scale x + shift, element by element; for matrices there is ``Affine``.
  ///
  ///     log |dy/dx| = log |scale|
  public struct AffineScalar: Bijector {
    /// The number added, which broadcasts with x; 0 by default.
    public let shift: BijectorParameter
    /// The factor, which broadcasts with x; 1 by default. That it is not 0 is not checked.
    public let scale: BijectorParameter
    public let traits: BijectorTraits

    /// A map that multiplies by `scale`, which is not 0, and adds `shift`; both broadcast with x.
    public init(shift: some TensorLike = 0.0, scale: some TensorLike = 1.0, name: String? = nil) {
      self.shift = BijectorParameter("shift", shift)
      self.scale = BijectorParameter("scale", scale)
      traits = BijectorTraits(
        "AffineScalar", name: name, parameters: [self.shift, self.scale], isConstantJacobian: true)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { x * scale.tensor(like: x) + shift.tensor(like: x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { (y - shift.tensor(like: y)) / scale.tensor(like: y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      log(abs(scale.tensor(like: x))) + shift.tensor(like: x).zerosLike()
    }
    public func slopeFormula(like x: Tensor) -> Tensor? { scale.tensor(like: x) }
  }
}
