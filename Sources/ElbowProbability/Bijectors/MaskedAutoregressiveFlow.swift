import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Vectors each of whose elements is shifted and scaled by a network of those before it (Papamakarios et al. 2017, "Masked
  /// autoregressive flow for density estimation").
  ///
  ///     x_i = (y_i - shift_i(y)) exp(-logScale_i(y)),  shift_i and logScale_i functions of y_1, ..., y_(i-1) alone
  ///     log |det dx/dy| = -sum_i logScale_i(y)
  ///
  /// The inverse, from data to noise, takes one pass through the network; `forward` finds one element after the other and
  /// takes as many passes as there are elements. For an inverse autoregressive flow, quick to sample, use ``Invert``.
  ///
  ///     let network = AutoregressiveNetwork(hiddenUnits: [64, 64], activation: relu)
  ///     let flow = Bijectors.MaskedAutoregressiveFlow { network.shiftAndLogScale($0) }
  public struct MaskedAutoregressiveFlow: Bijector {
    private let shiftAndLogScale: (Tensor) -> (shift: Tensor, logScale: Tensor)
    public let traits: BijectorTraits

    /// A map by a network that is autoregressive: the i-th shift and scale depend on the elements before the i-th only.
    public init(name: String? = nil, shiftAndLogScale: @escaping (Tensor) -> (shift: Tensor, logScale: Tensor)) {
      self.shiftAndLogScale = shiftAndLogScale
      traits = BijectorTraits("MaskedAutoregressiveFlow", name: name, forwardMinEventNDims: 1)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      guard let size = x.shape[-1].value else { return x.graph.invalid() }
      return Self.recursion(from: x.zerosLike(), steps: size) { y in
        let (shift, logScale) = shiftAndLogScale(y)
        return x * exp(logScale) + shift
      }
    }

    /// The value after some steps from a beginning, each of which finds one more element: a compiled loop.
    private static func recursion(from start: Tensor, steps: Int, _ step: (Tensor) -> Tensor) -> Tensor {
      let loop = start.graph.scan(from: [start], count: steps) { _, carries, _ in
        (carries: [step(carries[0])], outputs: [])
      }
      return loop.last[0]
    }

    public func inverseFormula(_ y: Tensor) -> Tensor? {
      let (shift, logScale) = shiftAndLogScale(y)
      return (y - shift) * exp(-logScale)
    }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? {
      -shiftAndLogScale(y).logScale.sum(axes: [-1])
    }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      guard let size = shape[-1].value, size <= 4096 else {
        throw OperandError(.shape, "its last axis needs a known extent of at most 4096")
      }
      return shape
    }
  }
}
