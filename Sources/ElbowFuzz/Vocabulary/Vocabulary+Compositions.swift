import ElbowArrays
import ElbowGraph

/// Functions that are composed of others: of matrices, of vectors of numbers, special functions.
extension Vocabulary {
  static let compositions: [Operation] = [
    .one("triangle", weight: 3) { composer in
      guard let x = composer.earlier(where: { $0.rank >= 2 && $0.dtype != .bool }) else { return nil }
      switch composer.random.below(3) {
      case 0: return tril(x)
      case 1: return triu(x)
      default: return bandPart(x, lower: composer.random.pick(nil, 0, 1), upper: composer.random.pick(0, 1, 2))
      }
    },
    .one("diagonal", weight: 2) { composer in
      guard let x = composer.earlier(where: { $0.rank >= 1 && $0.dtype.isFloatingPoint }) else { return nil }
      if x.rank >= 2, x.shape[-1] == x.shape[-2] { return diagPart(x) }
      return composer.fits(x.shape + [x.shape[-1]]) ? diag(x) : nil
    },
    .one("triangle of a vector", weight: 2) { composer in
      let size = composer.random.pick(1, 3, 6, 10)
      let shape = composer.shape(rank: 0...2) + [Dimension(size)]
      guard composer.fits(shape), let x = composer.tensor(TensorType(composer.floatType, shape)) else { return nil }
      let upper = composer.random.chance(0.3)
      let filled = fillTriangular(x, upper: upper)
      return composer.random.chance(0.3) ? fillTriangularInverse(filled, upper: upper) : filled
    },
    .one("vector function", weight: 5, modes: [.smooth]) { composer in
      guard let x = composer.floating(rank: 1...4) else { return nil }
      let axis = composer.random.below(x.rank)
      switch composer.random.below(5) {
      case 0: return softmax(x, axis: axis)
      case 1: return logSoftmax(x, axis: axis)
      case 2: return logSumExp(x, axes: [axis], keepDims: composer.random.chance(0.3))
      case 3: return moments(x, axes: [axis]).variance
      default: return layerNormalized(x, epsilon: 0.1)
      }
    },
    .one("activation", weight: 5, modes: [.smooth]) { composer in
      guard let x = composer.floating() else { return nil }
      switch composer.random.below(10) {
      case 0: return relu6(x)
      case 1: return leakyRelu(x)
      case 2: return elu(x)
      case 3: return selu(x)
      case 4: return gelu(x, approximate: composer.random.chance(0.5))
      case 5: return silu(x)
      case 6: return softsign(x)
      case 7: return logSigmoid(x)
      case 8: return logCosh(x)
      default: return asinh(x)
      }
    },
    .one("cross entropy", weight: 2, modes: [.smooth]) { composer in
      guard let x = composer.floating(rank: 1...3), let y = composer.tensor(x.type) else { return nil }
      switch composer.random.below(3) {
      case 0: return sigmoidCrossEntropy(logits: x, labels: sigmoid(y))
      case 1: return softmaxCrossEntropy(logits: x, probabilities: softmax(y))
      default:
        return composer.tensor(TensorType(.int32, x.shape.dropLast(1))).map {
          softmaxCrossEntropy(logits: x, labels: abs($0))
        }
      }
    },
    .one("special function", weight: 3, modes: [.smooth]) { composer in composer.specialFunction() },
    .one("special function of several", weight: 3, modes: [.smooth]) { composer in
      composer.specialFunctionOfSeveral()
    },
    .one("cholesky", weight: 2, modes: [.smooth]) { composer in
      guard let x = composer.floating(rank: 2...3), let size = x.shape[-2].value, size <= 17 else { return nil }
      guard composer.fits(x.shape.dropLast(1) + [Dimension(size)]) else { return nil }
      let product = matmul(x, x, transposeB: true)
      return cholesky(product + diag(x.graph.full([Dimension(size)], 1 + Double(size), dtype: x.dtype)))
    },
    .one("triangular solve", weight: 2, modes: [.smooth]) { composer in
      guard let x = composer.floating(rank: 2...4), let size = x.shape[-2].value, size <= 17 else { return nil }
      let batch = composer.random.chance(0.5) ? Shape([Dimension]()) : x.shape.dropLast(2)
      let shape = batch + [Dimension(size), Dimension(size)]
      guard let a = composer.tensor(TensorType(x.dtype, shape)), composer.fits(shape) else { return nil }
      let safe = tanh(a) * (1 / Double(size)) + diag(x.graph.full([Dimension(size)], 2, dtype: x.dtype))
      return triangularSolve(
        safe, x, lower: composer.random.chance(0.5), transposed: composer.random.chance(0.5))
    },
  ]
}

extension Composer {
  /// A number made positive: from 0.1 on.
  func positive(_ x: Tensor) -> Tensor { softplus(x) + 0.1 }

  mutating func specialFunction() -> Tensor? {
    guard let x = floating() else { return nil }
    switch random.below(11) {
    case 0: return lgamma(positive(x))
    case 1: return digamma(positive(x))
    case 2: return polygamma(random.pick(1, 2), positive(x))
    case 3: return i0e(x)
    case 4: return i1e(x)
    case 5: return random.chance(0.5) ? ndtr(x) : logNdtr(x)
    case 6: return ndtri(sigmoid(x))
    case 7: return erfinv(tanh(x) * 0.9)
    case 8: return erfc(x)
    case 9: return log1mexp(-positive(x))
    default: return multigammaln(positive(x) + 2, 3)
    }
  }

  mutating func specialFunctionOfSeveral() -> Tensor? {
    guard let x = floating(), let y = partner(of: x), let z = partner(of: x) else { return nil }
    switch random.below(9) {
    case 0: return lbeta(positive(x), positive(y))
    case 1: return igamma(positive(x), positive(y))
    case 2: return igammac(positive(x), positive(y))
    case 3: return betainc(positive(x), positive(y), sigmoid(z))
    case 4: return xlogy(positive(x), positive(y))
    case 5: return logAddExp(x, y)
    case 6: return igammainv(positive(x), sigmoid(y))
    case 7: return igammacinv(positive(x), sigmoid(y))
    default: return betaincinv(positive(x), positive(y), sigmoid(z))
    }
  }
}
