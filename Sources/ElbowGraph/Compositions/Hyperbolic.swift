import ElbowArrays

/// (exp(x) - exp(-x)) / 2, without cancellation: both terms of expm1(x) - expm1(-x) have the sign of x.
public func sinh(_ x: Tensor) -> Tensor { x.graph.located { 0.5 * (expm1(x) - expm1(-x)) } }

/// The inverse of ``sinh(_:)``, log(x + sqrt(x^2 + 1)), exact near zero and where the square overflows.
public func asinh(_ x: Tensor) -> Tensor {
  x.graph.located {
    let side = select(x >= 0, x.onesLike(), -x.onesLike())
    let magnitude = x * side
    let isLarge = magnitude > 1e8
    let small = select(isLarge, x.onesLike(), magnitude)
    let square = small * small
    let large = log(select(isLarge, magnitude, x.onesLike())) + Double.ln2
    return side * select(isLarge, large, log1p(small + square / (1 + sqrt(1 + square))))
  }
}

/// The inverse of `tanh`, log((1 + x) / (1 - x)) / 2. Infinite at -1 and 1, NaN beyond.
public func atanh(_ x: Tensor) -> Tensor { x.graph.located { 0.5 * (log1p(x) - log1p(-x)) } }

/// log(cosh(x)), exact near zero, where it is x^2 / 2, and without overflow.
public func logCosh(_ x: Tensor) -> Tensor {
  x.graph.located {
    let magnitude = select(x >= 0, x, -x)
    let isSmall = magnitude < 1
    // cosh(x) = 1 + 2 sinh(x / 2)^2.
    let half = sinh(0.5 * select(isSmall, x, x.zerosLike()))
    return select(isSmall, log1p(2 * half * half), magnitude + log1p(exp(-2 * magnitude)) - Double.ln2)
  }
}

extension Double {
  /// log(2).
  public static let ln2 = 0.693147180559945309417232121458176568075500134360255254120
}
