import ElbowArrays

/// The mean over some axes and the mean squared distance from it, `E[(x - E[x])^2]`.
public func moments(_ x: Tensor, axes: [Int], keepDims: Bool = false) -> (mean: Tensor, variance: Tensor) {
  x.graph.located {
    let mean = x.mean(axes: axes, keepDims: true)
    let distance = x - mean
    let variance = (distance * distance).mean(axes: axes, keepDims: keepDims)
    return (keepDims || !mean.isValid ? mean : mean.squeezed(axes: axes), variance)
  }
}

/// `(x - mean) / sqrt(variance + epsilon) scale + offset`; all of it broadcasts.
public func normalized(
  _ x: Tensor, mean: Tensor, variance: Tensor, scale: Tensor? = nil, offset: Tensor? = nil, epsilon: Double = 1e-3
) -> Tensor {
  x.graph.located {
    // One factor for each element of the statistics, which are fewer than x has.
    let deviation = sqrt(variance + epsilon)
    let factor = scale.map { $0 / deviation } ?? 1 / deviation
    let result = (x - mean) * factor
    return offset.map { result + $0 } ?? result
  }
}

/// Each vector of the last axis with mean 0 and variance 1, times `scale` plus `offset`, which are `[k]` (Ba et al. 2016).
public func layerNormalized(
  _ x: Tensor, scale: Tensor? = nil, offset: Tensor? = nil, epsilon: Double = 1e-3
) -> Tensor {
  x.graph.located {
    let (mean, variance) = moments(x, axes: [-1], keepDims: true)
    return normalized(x, mean: mean, variance: variance, scale: scale, offset: offset, epsilon: epsilon)
  }
}
