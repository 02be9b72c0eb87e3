import ElbowArrays

/// Attention (Vaswani et al. 2017, "Attention is all you need"): for each query a mean of the values, weighted by how well their
/// keys fit it,
///
///     softmax(scale query key^T) value
///
/// Queries are `[..., t, d]`, keys `[..., s, d]` and values `[..., s, v]`, which makes `[..., t, v]`; axes before the last two
/// broadcast.
///
/// - Parameters:
///   - mask: The keys that each query sees, booleans that broadcast to `[..., t, s]`; nil for all of them. A query that sees none
///     gets the mean of all values.
///   - isCausal: Whether query i sees the keys up to the i-th only.
///   - scale: The factor of the products; one over the square root of d if nil.
public func scaledDotProductAttention(
  query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil, isCausal: Bool = false, scale: Double? = nil
) -> Tensor {
  query.graph.located {
    let graph = query.graph
    guard query.isValid, key.isValid, value.isValid else { return graph.invalid() }
    guard value.rank >= 2, key.rank >= 2, value.shape[-2].canEqual(key.shape[-2]) else {
      return graph.invalid(
        .shape,
        "'scaledDotProductAttention' of keys \(key.type) and values \(value.type): there is a value for each key, "
          + "[..., keys, size].")
    }
    return matmul(attentionWeights(query: query, key: key, mask: mask, isCausal: isCausal, scale: scale), value)
  }
}

/// The weights of ``scaledDotProductAttention(query:key:value:mask:isCausal:scale:)``, `[..., t, s]`.
package func attentionWeights(
  query: Tensor, key: Tensor, mask: Tensor? = nil, isCausal: Bool = false, scale: Double? = nil
) -> Tensor {
  query.graph.located {
    let graph = query.graph
    guard query.isValid, key.isValid, mask?.isValid ?? true else { return graph.invalid() }
    guard query.rank >= 2, key.rank >= 2, query.shape[-1].canEqual(key.shape[-1]) else {
      return graph.invalid(
        .shape,
        "'scaledDotProductAttention' of queries \(query.type) and keys \(key.type): both are [..., count, size], and of one "
          + "size.")
    }
    if let mask, mask.dtype != .bool {
      return graph.invalid(
        .dtype,
        "'scaledDotProductAttention' with the mask \(mask.type): it is of bool, true where a query sees a key.")
    }
    let factor = scale.map { query.scalar($0) } ?? 1 / sqrt(graph.extent(query.shape[-1], dtype: query.dtype))
    var scores = matmul(query * factor, key, transposeB: true)
    if let mask { scores = select(mask, scores, scores.scalar(unseen)) }
    if isCausal, scores.isValid {
      let pairs = scores.shape.suffix(2)
      scores = select(graph.iota(pairs, axis: 0) >= graph.iota(pairs, axis: 1), scores, scores.scalar(unseen))
    }
    // The exponentials divided by their sum, not the exponential of a difference as ``softmax(_:axis:)`` has it: beside scores of
    // -1e30, or of a thousand, the sum's logarithm is rounded away.
    let weights = exp(scores - stopGradient(scores.max(axes: [-1], keepDims: true)))
    return weights / weights.sum(axes: [-1], keepDims: true)
  }
}

/// The score of a key that is not seen: finite, so that a query that sees none has no NaN, and so low that its weight is 0.
private let unseen = -1e30
