import ElbowGraph

extension Bijectors {
  /// A map that skews and changes the weight of tails (Jones and Pewsey 2009, "Sinh-arcsinh distributions").
  ///
  ///     y = 2 sinh((asinh(x) + skewness) tailweight) / sinh(asinh(2) tailweight)
  ///
  /// Skewness 0 and tail weight 1 give the identity; the point 2 stays where it is at skewness 0.
  public struct SinhArcsinh: Bijector {
    /// The skewness, any number, which broadcasts with x: above 0 the upper tail is drawn out, below it the lower one.
    public let skewness: BijectorParameter
    /// Above 1 for heavier tails, positive.
    public let tailweight: BijectorParameter
    public let traits: BijectorTraits

    /// A map for a skewness and a tail weight, which broadcast with x.
    public init(skewness: some TensorLike = 0.0, tailweight: some TensorLike = 1.0, name: String? = nil) {
      self.skewness = BijectorParameter("skewness", skewness)
      self.tailweight = BijectorParameter("tailweight", tailweight, .positive)
      traits = BijectorTraits("SinhArcsinh", name: name, parameters: [self.skewness, self.tailweight])
    }

    /// asinh(2).
    private static let asinh2 = 1.443635475178810342493276740273105269405553003156981558983

    private func values(_ x: Tensor) -> (skewness: Tensor, tailweight: Tensor, factor: Tensor) {
      let tailweight = tailweight.tensor(like: x)
      return (skewness.tensor(like: x), tailweight, 2 / sinh(Self.asinh2 * tailweight))
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      let (skewness, tailweight, factor) = values(x)
      return sinh((asinh(x) + skewness) * tailweight) * factor
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      let (skewness, tailweight, factor) = values(y)
      return sinh(asinh(y / factor) / tailweight - skewness)
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      let (skewness, tailweight, factor) = values(x)
      return logCosh((asinh(x) + skewness) * tailweight) - 0.5 * logOnePlusSquare(x) + log(tailweight) + log(factor)
    }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? {
      let (skewness, tailweight, factor) = values(y)
      let w = y / factor
      return logCosh(asinh(w) / tailweight - skewness) - 0.5 * logOnePlusSquare(w) - log(tailweight) - log(factor)
    }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
  }
}
