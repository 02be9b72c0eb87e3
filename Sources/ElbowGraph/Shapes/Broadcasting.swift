import ElbowArrays

extension Shape {
  /// The shape that two shapes broadcast to, as NumPy's rule has it: align the last axes, and stretch extents of 1.
  ///
  /// A symbolic extent never counts as 1. Where a symbol meets another extent that is not 1, the two have to agree: the
  /// pair is added to `equalities`, to be checked when values are fed.
  ///
  /// - Throws: `OperandError` when two extents differ for certain.
  public static func broadcast(
    _ a: Shape, _ b: Shape, equalities: inout [(Dimension, Dimension)]
  ) throws(OperandError) -> Shape {
    let rank = max(a.rank, b.rank)
    var result: [Dimension] = []
    for axis in 0..<rank {
      let x = axis < rank - a.rank ? Dimension(1) : a.dimensions[axis - (rank - a.rank)]
      let y = axis < rank - b.rank ? Dimension(1) : b.dimensions[axis - (rank - b.rank)]
      if x == y || y == 1 {
        result.append(x)
      } else if x == 1 {
        result.append(y)
      } else {
        guard x.canEqual(y) else {
          throw OperandError(
            .shape,
            "the shapes \(a) and \(b) do not broadcast: axis \(axis - rank) has \(x) on the left and \(y) on the right, "
              + "and neither is 1")
        }
        equalities.append((x, y))
        result.append(x.isSymbolic ? (y.isSymbolic ? x : y) : x)
      }
    }
    return Shape(result)
  }
}

extension Graph {
  /// The shape that several shapes broadcast to; symbols that have to agree for it are noted. Nil, and nothing recorded,
  /// if they do not broadcast.
  public func broadcastShape(_ shapes: [Shape]) -> Shape? {
    var result = Shape.scalar
    var equalities: [(Dimension, Dimension)] = []
    for shape in shapes {
      guard let next = try? Shape.broadcast(result, shape, equalities: &equalities) else { return nil }
      result = next
    }
    for (a, b) in equalities { require(a, equals: b) }
    return Shape(result.dimensions.map { canonical($0) })
  }
}

extension Dimension {
  /// Whether some values of the symbols, at least 1, could make the two extents equal. Two fixed extents must be the same.
  public func canEqual(_ other: Dimension) -> Bool {
    let difference = self - other
    guard difference.isSymbolic else { return difference == 0 }
    // With coefficients all of one sign and symbols at least 1 the difference has a bound away from zero.
    let coefficients = difference.terms.map(\.coefficient)
    let smallest = coefficients.reduce(difference.constant) { $0 &+ $1 }
    if coefficients.allSatisfy({ $0 > 0 }) { return smallest <= 0 }
    if coefficients.allSatisfy({ $0 < 0 }) { return smallest >= 0 }
    return true
  }
}
