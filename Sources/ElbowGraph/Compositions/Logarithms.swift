import ElbowArrays

/// x log(y), and 0 where x is 0 whatever y is; so are its gradients there.
public func xlogy(_ x: Tensor, _ y: Tensor) -> Tensor {
  x.graph.located { x * log(select(x .== 0, y.onesLike(), y)) }
}

/// x log(1 + y), and 0 where x is 0 whatever y is; so are its gradients there.
public func xlog1py(_ x: Tensor, _ y: Tensor) -> Tensor {
  x.graph.located { x * log1p(select(x .== 0, y.zerosLike(), y)) }
}

/// x y, and 0 where x is 0 even if y is infinite or NaN.
public func multiplyNoNaN(_ x: Tensor, _ y: Tensor) -> Tensor {
  x.graph.located { x * select(x .== 0, y.zerosLike(), y) }
}

/// log(1 - exp(x)) for x <= 0, accurate at both ends (Maechler 2012, "Accurately computing log(1 - exp(-|a|))").
public func log1mexp(_ x: Tensor) -> Tensor {
  x.graph.located {
    let isNearZero = x > -0.6931471805599453
    return select(
      isNearZero, log(-expm1(select(isNearZero, x, -x.onesLike()))),
      log1p(-exp(select(isNearZero, -x.onesLike(), x))))
  }
}

/// log(exp(x) + exp(y)), without overflow; the larger one if it is infinite.
public func logAddExp(_ x: Tensor, _ y: Tensor) -> Tensor {
  x.graph.located {
    let larger = maximum(x, y)
    let distance = abs(x - y)
    // Infinities of one sign have no distance.
    let isFinite = distance < .infinity
    let rest = log1p(exp(-select(isFinite, distance, distance.zerosLike())))
    return select(isFinite, larger + rest, larger)
  }
}

/// exp(x) - 1 - x, exact near zero, where it is x^2 / 2 + x^3 / 6 + ...
public func expm1MinusIdentity(_ x: Tensor) -> Tensor {
  x.graph.located {
    let isSmall = abs(x) < 0.25
    let small = select(isSmall, x, x.zerosLike())
    var factorials = [0.5]
    for n in 3...15 { factorials.append((factorials.last ?? 1) / Double(n)) }
    return select(isSmall, small * small * polynomial(small, factorials), expm1(x) - x)
  }
}
