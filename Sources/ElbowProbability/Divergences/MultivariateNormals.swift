import ElbowGraph

/// A normal distribution of vectors, whatever it was given by: its mean and a factor A of its covariance A A^T.
struct NormalVector {
  enum Scale {
    /// The diagonal of A, `[..., k]`.
    case diagonal(Tensor)
    /// A lower triangular A, `[..., k, k]`.
    case triangular(Tensor)
  }

  let loc: Tensor
  let scale: Scale

  /// The vector that a distribution is, or nil if it is none.
  init?(_ distribution: any Distribution) {
    switch distribution {
    case let normal as MultivariateNormalDiag:
      // One number that stands for a whole diagonal is stretched.
      let shape = normal.scaleDiag.shape.dropLast(1) + normal.eventShape
      (loc, scale) = (normal.loc, .diagonal(normal.scaleDiag.broadcast(to: shape)))
    case let normal as MultivariateNormalTriL:
      (loc, scale) = (normal.loc, .triangular(normal.scaleTriL))
    case let normal as MultivariateNormalFullCovariance:
      (loc, scale) = (normal.loc, .triangular(normal.factored.scaleTriL))
    case let normal as MultivariateNormalDiagPlusLowRankCovariance:
      (loc, scale) = (normal.loc, .triangular(cholesky(normal.covariance())))
    case let independent as Independent:
      guard let normal = independent.distribution as? Normal, independent.reinterpretedBatchNDims == 1 else {
        return nil
      }
      (loc, scale) = (normal.loc, .diagonal(normal.scale.broadcast(to: normal.batchShape)))
    default: return nil
    }
  }

  /// KL(a || b) of normal distributions with lower triangular factors A and B, as
  ///
  ///     |B^-1 (m_a - m_b)|^2 / 2 + sum_(i > j) C_ij^2 / 2 + sum_i (exp(2 d_i) - 1 - 2 d_i) / 2
  ///
  /// with C = B^-1 A, d_i = log|A_ii / B_ii| = log|C_ii|. All terms are at least 0, and exact even if the distributions are
  /// nearly equal, as in ``normalDivergence(_:_:_:_:)``.
  static func divergence(_ a: NormalVector, _ b: NormalVector) -> Tensor {
    let difference = a.loc - b.loc
    switch (a.scale, b.scale) {
    case (.diagonal(let diagonal), .diagonal(let other)):
      let elements = normalDivergence(a.loc, diagonal, b.loc, other)
      return elements.isValid ? elements.sum(axes: [-1]) : elements
    case (.diagonal(let diagonal), .triangular(let other)):
      return sum(solved(other, difference), triangularSolve(other, diag(diagonal)), diagonal, diagPart(other))
    case (.triangular(let factor), .diagonal(let other)):
      return sum(difference / other, factor / other.expandedDims(-1), diagPart(factor), other)
    case (.triangular(let factor), .triangular(let other)):
      return sum(solved(other, difference), triangularSolve(other, factor), diagPart(factor), diagPart(other))
    }
  }

  private static func sum(_ distance: Tensor, _ ratio: Tensor, _ diagonalA: Tensor, _ diagonalB: Tensor) -> Tensor {
    guard distance.isValid, ratio.isValid else { return distance.graph.invalid() }
    let below = bandPart(ratio, lower: nil, upper: -1)
    let stretched = expm1MinusIdentity(2 * logRatio(abs(diagonalA), abs(diagonalB)))
    return 0.5 * (distance * distance).sum(axes: [-1]) + 0.5 * (below * below).sum(axes: [-1, -2])
      + 0.5 * stretched.sum(axes: [-1])
  }
}
