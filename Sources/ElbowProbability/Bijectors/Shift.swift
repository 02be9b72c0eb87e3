import ElbowGraph

extension Bijectors {
  /// y = x + shift.
  ///
  ///     log |dy/dx| = 0
  public struct Shift: Bijector {
    /// The number added, which broadcasts with x.
    public let shift: BijectorParameter
    public let traits: BijectorTraits

    /// A map that adds `shift`, which broadcasts with x.
    public init(_ shift: some TensorLike, name: String? = nil) {
      self.shift = BijectorParameter("shift", shift)
      traits = BijectorTraits("Shift", name: name, parameters: [self.shift], isConstantJacobian: true)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { x + shift.tensor(like: x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { y - shift.tensor(like: y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { shift.tensor(like: x).zerosLike() }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
  }
}
