import ElbowArrays
import ElbowGraph

/// A network that gives the shift and the logarithm of the scale of an affine map: of the inputs, and of how many elements
/// each shall have.
public typealias ShiftAndLogScale = (_ x: Tensor, _ count: Int) -> (shift: Tensor, logScale: Tensor)

extension Bijectors {
  /// Vectors of which a network of the first part shifts and scales the rest (Dinh et al. 2017, "Density estimation using
  /// Real NVP").
  ///
  ///     y = (x_1, x_2 exp(logScale(x_1)) + shift(x_1))
  ///     log |det dy/dx| = sum of logScale(x_1)
  ///
  /// Both directions take one pass through the network. A flow has several with a ``Permute`` between them.
  ///
  ///     let coupling = Bijectors.RealNVP(numMasked: 2, shiftAndLogScale: shiftAndLogScaleNetwork(hiddenUnits: [64, 64]))
  public struct RealNVP: Bijector {
    /// How many elements stay as they are.
    public let numMasked: Int
    private let shiftAndLogScale: ShiftAndLogScale
    public let traits: BijectorTraits

    /// A map that leaves `numMasked` elements and changes those after them.
    ///
    /// - Parameter shiftAndLogScale: Of the `[..., numMasked]` that stay and the number of the others, the shift and the
    ///   logarithm of the scale of these. Called in both directions, so its weights are made once or outside.
    public init(numMasked: Int, shiftAndLogScale: @escaping ShiftAndLogScale, name: String? = nil) {
      self.numMasked = numMasked
      self.shiftAndLogScale = shiftAndLogScale
      traits = BijectorTraits("RealNVP", name: name, forwardMinEventNDims: 1)
    }

    private struct Halves {
      var kept: Tensor
      var changed: Tensor
      var shift: Tensor
      var logScale: Tensor
    }

    private func halves(_ x: Tensor) -> Halves {
      let size = x.shape[-1].value ?? 0
      let parts = splitSizes(x, [numMasked, size - numMasked])
      let (shift, logScale) = shiftAndLogScale(parts[0], size - numMasked)
      return Halves(kept: parts[0], changed: parts[1], shift: shift, logScale: logScale)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      let halves = halves(x)
      return concatenate([halves.kept, halves.changed * exp(halves.logScale) + halves.shift], axis: -1)
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      let halves = halves(y)
      return concatenate([halves.kept, (halves.changed - halves.shift) * exp(-halves.logScale)], axis: -1)
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { halves(x).logScale.sum(axes: [-1]) }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { -halves(y).logScale.sum(axes: [-1]) }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      guard let size = shape[-1].value, numMasked > 0, numMasked < size else {
        throw OperandError(
          .shape, "its last axis must have a known extent greater than numMasked, which is \(numMasked)")
      }
      return shape
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try forwardEventShapeFormula(shape)
    }
  }
}
