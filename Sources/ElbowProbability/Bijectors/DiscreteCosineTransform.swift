import ElbowArrays
import ElbowGraph
import Foundation

extension Bijectors {
  /// The orthonormal discrete cosine transform of vectors, of type 2 or its inverse, type 3.
  ///
  ///     y_i = sqrt(2 / k) c_i sum_j x_j cos(pi i (2 j + 1) / (2 k)),  c_0 = 1 / sqrt(2), else 1
  ///     log |det dy/dx| = 0
  ///
  /// It is computed as the product with a matrix, which takes k^2 multiplications.
  public struct DiscreteCosineTransform: Bijector {
    /// 2 or 3.
    public let dctType: Int
    public let traits: BijectorTraits

    /// The transform of type 2 or 3.
    public init(dctType: Int = 2, name: String? = nil) {
      self.dctType = dctType
      traits = BijectorTraits("DiscreteCosineTransform", name: name, forwardMinEventNDims: 1, isConstantJacobian: true)
    }

    /// The transform's matrix for vectors of x, row by row.
    private func matrix(_ x: Tensor) -> Tensor {
      guard let size = x.shape[-1].value else { return x.graph.invalid() }
      var elements: [Double] = []
      for i in 0..<size {
        let factor = (2 / Double(size)).squareRoot() * (i == 0 ? 0.5.squareRoot() : 1)
        // The angle's multiple of a quarter turn is taken modulo a whole one, so that it stays exact.
        for j in 0..<size {
          elements.append(factor * cos(Double.pi * Double(i * (2 * j + 1) % (4 * size)) / Double(2 * size)))
        }
      }
      return x.graph.constant(elements, dtype: x.dtype).reshaped([size, size])
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { matmul(x, matrix(x), transposeB: dctType == 2) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { matmul(y, matrix(y), transposeB: dctType == 3) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { x.scalar(0) }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      guard dctType == 2 || dctType == 3 else {
        throw OperandError(.invalidArgument, "the type of the transform is \(dctType), but can be 2 or 3")
      }
      guard let size = shape[-1].value, size <= 4096 else {
        throw OperandError(.shape, "its last axis needs a known extent of at most 4096")
      }
      return shape
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try forwardEventShapeFormula(shape)
    }
  }
}
