import ElbowArrays

// The gamma and beta functions and their relatives.

/// The logarithm of |gamma(x)|.
public func lgamma(_ x: Tensor) -> Tensor { elementwise(LogGamma(), x) }
/// The derivative of the logarithm of gamma.
public func digamma(_ x: Tensor) -> Tensor { elementwise(Digamma(), x) }
/// The `order`-th derivative of ``digamma(_:)``; `polygamma(1, x)` is the trigamma function.
public func polygamma(_ order: Int, _ x: Tensor) -> Tensor { elementwise(Polygamma(order: order), x) }
/// The regularised lower incomplete gamma function P(a, x).
public func igamma(_ a: Tensor, _ x: Tensor) -> Tensor { elementwise(IncompleteGamma(), a, x) }
/// The regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x).
public func igammac(_ a: Tensor, _ x: Tensor) -> Tensor { elementwise(IncompleteGammaComplement(), a, x) }
/// dx/da along P(a, x) = constant: how a gamma variate moves with its shape.
public func randomGammaGrad(_ a: Tensor, _ x: Tensor) -> Tensor { elementwise(RandomGammaGradient(), a, x) }
/// log B(a, b).
public func lbeta(_ a: Tensor, _ b: Tensor) -> Tensor { elementwise(LogBeta(), a, b) }
/// The regularised incomplete beta function I_x(a, b).
public func betainc(_ a: Tensor, _ b: Tensor, _ x: Tensor) -> Tensor { elementwise(IncompleteBeta(), a, b, x) }
/// The x with P(a, x) = p.
public func igammainv(_ a: Tensor, _ p: Tensor) -> Tensor { elementwise(IncompleteGammaInverse(), a, p) }
/// The x with Q(a, x) = q.
public func igammacinv(_ a: Tensor, _ q: Tensor) -> Tensor { elementwise(IncompleteGammaComplementInverse(), a, q) }
/// The x with I_x(a, b) = p.
public func betaincinv(_ a: Tensor, _ b: Tensor, _ p: Tensor) -> Tensor {
  elementwise(IncompleteBetaInverse(), a, b, p)
}
/// exp(-|x|) I_0(x), of the modified Bessel function of order 0.
public func i0e(_ x: Tensor) -> Tensor { elementwise(BesselI0e(), x) }
/// exp(-|x|) I_1(x), of the modified Bessel function of order 1.
public func i1e(_ x: Tensor) -> Tensor { elementwise(BesselI1e(), x) }

/// The logarithm of the multivariate gamma function of dimension p,
/// p (p - 1) / 4 log pi + sum_j log gamma(a + (1 - j) / 2) for j = 1, ..., p.
public func multigammaln(_ a: Tensor, _ p: Int) -> Tensor {
  a.graph.located {
    var sum = a.zerosLike() + Double(p * (p - 1)) / 4 * Double.logPi
    for j in 0..<max(p, 0) { sum = sum + lgamma(a - 0.5 * Double(j)) }
    return sum
  }
}

/// digamma(a) - digamma(a + b) for a > 0 and b >= 0, without cancellation where a is large.
public func digammaDifference(_ a: Tensor, _ b: Tensor) -> Tensor {
  a.graph.located {
    let total = a + b
    let isLarge = a.broadcast(to: total.shape) >= 10
    let (safe, safeTotal) = (select(isLarge, a, a.scalar(10)), select(isLarge, total, a.scalar(20)))
    // log x - 1/(2x) - sum_k B_2k / (2k x^2k) (Abramowitz and Stegun 6.3.18), each part's difference by itself.
    func rest(_ x: Tensor) -> Tensor {
      let s = 1 / (x * x)
      return 0.5 / x
        + s
        * polynomial(
          s,
          [
            0.083333333333333333333, -0.0083333333333333333333, 0.003968253968253968254, -0.0041666666666666666667,
            0.0075757575757575757576, -0.021092796092796092796, 0.083333333333333333333, -0.44325980392156862745,
          ])
    }
    let large = -log1p((safeTotal - safe) / safe) + (rest(safeTotal) - rest(safe))
    let (one, two) = (select(isLarge, a.scalar(1), a), select(isLarge, a.scalar(2), total))
    return select(isLarge, large, digamma(one) - digamma(two))
  }
}

extension Double {
  /// log(pi).
  public static let logPi = 1.144729885849400174143427351353058711647294812915311571513
}
