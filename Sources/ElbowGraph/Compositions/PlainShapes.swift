import ElbowArrays

// Shapes of numbers that are not literals: what takes a `Shape` takes `[height, width]` and `count`, too.

extension Graph {
  /// Equal elements; see ``full(_:_:dtype:)-(Shape,_,_)``.
  public func full(_ extents: [Int], _ value: Double, dtype: DType? = nil) -> Tensor {
    full(Shape(extents), value, dtype: dtype)
  }
  /// An array of zeros with fixed extents.
  public func zeros(_ extents: [Int], dtype: DType? = nil) -> Tensor { zeros(Shape(extents), dtype: dtype) }
  /// A vector of zeros.
  public func zeros(_ count: Int, dtype: DType? = nil) -> Tensor { zeros([count], dtype: dtype) }
  /// An array of ones with fixed extents.
  public func ones(_ extents: [Int], dtype: DType? = nil) -> Tensor { ones(Shape(extents), dtype: dtype) }
  /// A vector of ones.
  public func ones(_ count: Int, dtype: DType? = nil) -> Tensor { ones([count], dtype: dtype) }

  /// Independent numbers, uniform in [0, 1).
  public func randomUniform(_ extents: [Int], dtype: DType? = nil) -> Tensor {
    located { randomUniform(Shape(extents), dtype: dtype) }
  }
  /// Independent numbers from the standard normal distribution.
  public func randomNormal(_ extents: [Int], dtype: DType? = nil) -> Tensor {
    located { randomNormal(Shape(extents), dtype: dtype) }
  }

  /// A matrix of rows known now, converted to the dtype.
  public func constant(_ rows: [[Double]], dtype: DType? = nil) -> Tensor {
    do {
      return constant(try rows.hostArray(as: dtype ?? floatingPoint))
    } catch {
      return invalid(
        .shape, "A constant cannot be made of these rows: \((error as? ElbowError)?.message ?? "\(error)")")
    }
  }
}

extension Tensor {
  /// The tensor stretched to a shape: axes aligned at the end, extents of 1 repeated.
  public func broadcast(to extents: [Int]) -> Tensor { broadcast(to: Shape(extents)) }

  /// The same elements under another shape; one extent may be -1 and is then what the others leave.
  public func reshaped(to extents: [Int]) -> Tensor { reshaped(extents) }
}
