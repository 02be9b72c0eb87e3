import ElbowArrays
import ElbowGraph

// Functions of mixtures for the distribution of their components.

extension Categorical {
  /// sum_i probs[i] x[i], where the components' axis is followed by some axes.
  func average(_ x: Tensor, following: Int = 0) -> Tensor {
    var weights = probs
    for _ in 0..<following { weights = weights.expandedDims(-1) }
    return (weights * x).sum(axes: [-1 - following])
  }

  /// log(sum_i probs[i] exp(x[i])) over the last axis. Weights of 0 are left out of the logarithms, so that they have
  /// gradients.
  func logAverage(_ x: Tensor) -> Tensor {
    let isPossible = probs > 0
    let weighted = select(isPossible, x + logProbs(where: isPossible), x.scalar(-.infinity))
    return logSumExp(weighted, axes: [-1])
  }

  /// ``logAverage(_:)`` of tails, which may all be nothing: then no gradient flows.
  func logAverageOfTails(_ x: Tensor) -> Tensor {
    let isPossible = probs > 0
    return logTotal(
      select(isPossible, x + logProbs(where: isPossible), x.scalar(-.infinity)), axes: [-1])
  }

  /// The element of x that a draw of this distribution selects, of shape `outer + [k] + event` with draws of shape `outer`.
  func selected(_ x: Tensor, outer: Shape) -> Tensor {
    let following = x.rank - outer.rank - 1
    guard let selector = sampleFormula(outer), selector.isValid, x.isValid else { return graph.invalid() }
    var isSelected = selector.expandedDims(-1) .== graph.iota([categoryCount], axis: 0)
    for _ in 0..<following { isSelected = isSelected.expandedDims(-1) }
    return select(isSelected, x, x.zerosLike()).sum(axes: [-1 - following])
  }

  /// The mean of variances and the variance of means, where the components' axis is followed by some axes.
  func totalVariance(means: Tensor, variances: Tensor, following: Int) -> Tensor {
    let distance = means - average(means, following: following).expandedDims(-1 - following)
    return average(variances + distance * distance, following: following)
  }

  /// The mean of covariances and the covariance of means, where the components' axis is followed by those of a vector.
  func totalCovariance(means: Tensor, covariances: Tensor) -> Tensor {
    let distance = means - average(means, following: 1).expandedDims(-2)
    return average(covariances + distance.expandedDims(-1) * distance.expandedDims(-2), following: 2)
  }
}
