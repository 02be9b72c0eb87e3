import ElbowArrays

/// max(x, 0), with the gradient 0 at 0.
public func relu(_ x: Tensor) -> Tensor { x.graph.located { select(x > 0, x, x.zerosLike()) } }
/// min(max(x, 0), 6), with the gradient 0 at 0 and at 6.
public func relu6(_ x: Tensor) -> Tensor {
  x.graph.located { select(x > 0, select(x < 6, x, x.scalar(6)), x.zerosLike()) }
}
/// x where positive, alpha x elsewhere, with the gradient alpha at 0.
public func leakyRelu(_ x: Tensor, alpha: Double) -> Tensor { x.graph.located { select(x > 0, x, x * alpha) } }
/// x where positive, 0.2 x elsewhere, as TensorFlow has it: `activation: leakyRelu`.
public func leakyRelu(_ x: Tensor) -> Tensor { leakyRelu(x, alpha: 0.2) }
/// log(1 + exp(x)), exact at both ends: max(x, 0) + log1p(exp(-|x|)).
public func softplus(_ x: Tensor) -> Tensor {
  x.graph.located { select(x >= 0, x, x.zerosLike()) + log1p(exp(negativeMagnitude(x))) }
}
/// The inverse of ``softplus(_:)``, log(exp(y) - 1), exact also where it is near zero: with d = y - log(2) it is
/// log1p(2 expm1(d)). NaN below zero.
public func softplusInverse(_ y: Tensor) -> Tensor {
  y.graph.located {
    // log(2) is no floating-point number: what rounding cuts off comes after.
    let leading = y.dtype == .float32 ? Double(Float(Double.ln2)) : Double.ln2
    let distance = (y - leading) - (Double.ln2 - leading + 2.319046813846299558e-17)
    let isNear = abs(distance) < 0.5
    let near = log1p(2 * expm1(select(isNear, distance, y.zerosLike())))
    let other = select(isNear, y.onesLike(), y)
    return select(isNear, near, other + log(-expm1(-other)))
  }
}
/// 1 / (1 + exp(-x)), without overflow and exact at both ends.
public func sigmoid(_ x: Tensor) -> Tensor {
  x.graph.located {
    let e = exp(negativeMagnitude(x))
    return select(x >= 0, e.onesLike(), e) / (1 + e)
  }
}
/// log(sigmoid(x)) = -softplus(-x).
public func logSigmoid(_ x: Tensor) -> Tensor { x.graph.located { -softplus(-x) } }
/// -|x| as the branch that `x >= 0` takes has it: unlike that of `abs`, its gradient at 0 is that of the branch, so functions
/// that are smooth at 0 keep their derivatives there.
package func negativeMagnitude(_ x: Tensor) -> Tensor { select(x >= 0, -x, x) }
/// x where positive, alpha (exp(x) - 1) elsewhere.
public func elu(_ x: Tensor, alpha: Double = 1) -> Tensor {
  // The exponential is taken of the negative part alone, so that its gradient is never infinity times zero.
  x.graph.located { select(x > 0, x, alpha * expm1(select(x > 0, x.zerosLike(), x))) }
}
/// lambda x where positive, lambda alpha (exp(x) - 1) elsewhere, with the gradient lambda at 0; the constants keep
/// activations of mean 0 and variance 1 so (Klambauer et al. 2017, "Self-normalizing neural networks").
public func selu(_ x: Tensor) -> Tensor {
  let (scale, alpha) = (1.0507009873554804934, 1.6732632423543772848)
  return x.graph.located {
    select(x >= 0, scale * x, (scale * alpha) * expm1(select(x >= 0, x.zerosLike(), x)))
  }
}
/// x times the normal distribution's cdf at x (Hendrycks and Gimpel 2016), exact or by its tanh approximation.
public func gelu(_ x: Tensor, approximate: Bool = false) -> Tensor {
  x.graph.located {
    if approximate {
      return 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    }
    return x * ndtr(x)
  }
}
/// x sigmoid(x), also called swish.
public func silu(_ x: Tensor) -> Tensor { x.graph.located { x * sigmoid(x) } }
/// x / (1 + |x|).
public func softsign(_ x: Tensor) -> Tensor { x.graph.located { x / (1 + abs(x)) } }

/// x / (1 - rate) where `uniform`, numbers from 0 and below 1, is at least `rate`, and 0 elsewhere; the two broadcast.
///
/// Dropout, as the layer `Dropout` does it, with random numbers of the caller's. The rate is from 0 and below 1.
public func dropout(_ x: Tensor, rate: Double, uniform: Tensor) -> Tensor {
  x.graph.located {
    guard (0..<1).contains(rate) else {
      return x.graph.invalid(.invalidArgument, "dropout of \(x.type) at rate \(rate): the rate is from 0 and below 1.")
    }
    return select(uniform >= rate, x * (1 / (1 - rate)), x.zerosLike())
  }
}
