extension HostArray {
  /// The part at some positions along the first axes: a row of a matrix, `try matrix[2]`, or one element, `try matrix[2, 0]`. A
  /// negative position counts from the end.
  ///
  /// - Throws: ``ElbowError`` if there is no such position.
  public subscript(positions: Int...) -> HostArray {
    get throws {
      guard positions.count <= shape.count else {
        throw ElbowError(
          .invalidArgument, "An array of shape \(shape) has no element at \(positions): it has \(shape.count) axes.")
      }
      var offset = 0
      for (axis, position) in positions.enumerated() {
        let index = position < 0 ? position + shape[axis] : position
        guard (0..<shape[axis]).contains(index) else {
          throw ElbowError(
            .invalidArgument,
            "An array of shape \(shape) has no position \(position) along axis \(axis); its extent is \(shape[axis]).")
        }
        offset = offset * shape[axis] + index
      }
      return try part(from: offset, count: 1, shape: [Int](shape.dropFirst(positions.count)))
    }
  }

  /// The rows of a range along the first axis: `try images[0..<10]`.
  ///
  /// - Throws: ``ElbowError`` if there are no such rows.
  public subscript(rows: Range<Int>) -> HostArray {
    get throws {
      guard let extent = shape.first, rows.lowerBound >= 0, rows.upperBound <= extent else {
        throw ElbowError(.invalidArgument, "An array of shape \(shape) has no rows \(rows).")
      }
      return try part(
        from: rows.lowerBound, count: rows.count, shape: [rows.count] + shape.dropFirst(),
        inner: [Int](shape.dropFirst())
      )
    }
  }

  /// So many pieces of some shape, from the one at `offset` on.
  private func part(from offset: Int, count: Int, shape: [Int], inner: [Int]? = nil) throws -> HostArray {
    let size = try HostArray.byteCount(dtype: dtype, shape: inner ?? shape)
    return try HostArray(dtype: dtype, shape: shape, bytes: [UInt8](bytes[offset * size..<(offset + count) * size]))
  }

  /// The only element.
  ///
  /// - Throws: ``ElbowError`` if there are more, or none.
  public func item() throws -> Double {
    guard count == 1 else {
      throw ElbowError(
        .invalidArgument, "An array of shape \(shape) has \(count) elements; only a single one is a number.")
    }
    return doubles[0]
  }

  /// The rows of a matrix.
  ///
  /// - Throws: ``ElbowError`` if the array has another number of axes than two.
  public func rows() throws -> [[Double]] {
    guard shape.count == 2 else {
      throw ElbowError(.invalidArgument, "An array of shape \(shape) is not a matrix, which has two axes.")
    }
    let all = doubles
    return (0..<shape[0]).map { [Double](all[$0 * shape[1]..<($0 + 1) * shape[1]]) }
  }

  /// The sum of all elements, in double precision.
  public func sum() -> Double { doubles.reduce(0, +) }
  /// The mean of all elements, in double precision; NaN of none.
  public func mean() -> Double { sum() / Double(count) }
  /// The least element; nil of none.
  public func minimum() -> Double? { doubles.min() }
  /// The greatest element; nil of none.
  public func maximum() -> Double? { doubles.max() }

  /// Whether all elements differ from those of an array of the same shape by at most `absolute + relative * |other|`, as NumPy's
  /// `allclose` has it. NaN is close to nothing.
  public func isClose(to other: HostArray, relative: Double = 1e-5, absolute: Double = 1e-8) -> Bool {
    shape == other.shape
      && zip(doubles, other.doubles).allSatisfy { $0 == $1 || abs($0 - $1) <= absolute + relative * abs($1) }
  }
}
