import ElbowGraph

/// A limit that keeps gradients from being too large.
public enum GradientClipping: Sendable, Hashable {
  /// Every element between `-limit` and `limit`.
  case value(Double)
  /// Each gradient by itself scaled down to that Euclidean norm, if its own is larger.
  case norm(Double)
  /// All gradients scaled down by one factor, so that together they have that Euclidean norm, if theirs is larger
  /// (Pascanu et al. 2013).
  case globalNorm(Double)

  /// The gradients, clipped.
  public func clipped(_ gradients: [Tensor]) -> [Tensor] {
    guard let graph = gradients.first?.graph else { return [] }
    return graph.located {
      switch self {
      case .value(let limit), .norm(let limit), .globalNorm(let limit):
        guard limit > 0, limit.isFinite else {
          return gradients.map { _ in
            graph.invalid(.invalidArgument, "Gradients are clipped to a positive number, not \(limit).")
          }
        }
      }
      switch self {
      case .value(let limit): return gradients.map { clipByValue($0, -limit, limit) }
      case .norm(let limit): return gradients.map { clipByNorm($0, limit) }
      case .globalNorm(let limit): return clipByGlobalNorm(gradients, limit).clipped
      }
    }
  }
}

/// Every element between two bounds.
public func clipByValue(_ x: Tensor, _ low: Double, _ high: Double) -> Tensor {
  x.graph.located { minimum(maximum(x, low), high) }
}

/// A tensor scaled down to a Euclidean norm, if its own is larger: x clipNorm / max(norm(x), clipNorm).
public func clipByNorm(_ x: Tensor, _ clipNorm: Double) -> Tensor {
  x.graph.located { x * (clipNorm / maximum(norm([x]), clipNorm)) }
}

/// Tensors scaled down by one factor, so that together they have a Euclidean norm, if theirs is larger.
///
/// A norm that is not finite makes all of them NaN, so that training stops rather than goes on with zeros.
public func clipByGlobalNorm(_ tensors: [Tensor], _ clipNorm: Double) -> (clipped: [Tensor], norm: Tensor?) {
  guard let graph = tensors.first?.graph else { return ([], nil) }
  return graph.located {
    let norm = norm(tensors)
    let factor = clipNorm / maximum(norm, clipNorm) + (norm - norm)
    return (tensors.map { $0 * factor }, norm)
  }
}

/// The Euclidean norm of all elements of all tensors.
private func norm(_ tensors: [Tensor]) -> Tensor {
  let squares = tensors.map { ($0 * $0).sum() }
  return sqrt(squares.dropFirst().reduce(squares[0], +))
}
