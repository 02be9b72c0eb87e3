import ElbowArrays
import ElbowGraph

/// The distribution function of the von Mises distribution around 0, and its inverse.
///
/// A tail's probability is an integral by Gauss and Legendre's rule,
///
///     P(X > z) = exp(-2 k sin(z/2)^2) / (2 pi exp(-k) I_0(k)) integral_z^b exp(-2 k sin((t-z)/2) sin((t+z)/2)) dt
///
/// for 0 <= z <= pi, where b is pi or where the integrand has fallen to exp(-40). So it keeps its digits far out in the
/// tails, for all concentrations k: within 2e-15 of its value in float64.
struct VonMisesIntegral {
  /// k, at least 0.
  let concentration: Tensor

  init(_ concentration: Tensor) { self.concentration = concentration }

  /// p(z).
  func density(_ z: Tensor) -> Tensor { exp(logPeak(z)) / (2 * Double.pi * scaledBesselI0(concentration)) }

  /// P(X <= z) for -pi <= z <= pi.
  func lower(_ z: Tensor) -> Tensor {
    let tail = exp(logPeak(z)) * share(abs(z))
    return select(z < 0, tail, 1 - tail)
  }

  /// log(P(X <= z) + turns); -inf where that is not positive.
  func logLower(_ z: Tensor, _ turns: Tensor) -> Tensor {
    let logTail = logPeak(z) + log(share(abs(z)))
    let isFirst = turns .== 0
    let beyond = logOfProbability(select(isFirst, z.zerosLike(), turns + lower(z)))
    return select(isFirst, select(z < 0, logTail, log1p(-exp(select(z < 0, z.scalar(-1), logTail)))), beyond)
  }

  /// The z with P(X <= z) = p; NaN unless 0 <= p <= 1. No gradient flows.
  ///
  /// Four steps of Halley's method for a tail's probability. They start from the uniform distribution's quantile if the
  /// concentration is small, and else from the normal distribution's for 2 sqrt(k) sin(z/2).
  func quantile(_ p: Tensor) -> Tensor {
    let tail = minimum(p, 1 - p)
    let isFlat = concentration < 1.5
    let k = select(isFlat, concentration.scalar(1.5), concentration)
    let sine = minimum(-ndtri(tail) * (1 + 1 / (8 * k)) / (2 * sqrt(k)), 1)
    var z = select(isFlat, (2 * Double.pi) * (0.5 - tail), 2 * arcsine(sine))
    for _ in 0..<4 {
      let newton = (exp(logPeak(z)) * share(z) - tail) / density(z)
      let step = newton / maximum(1 - 0.5 * newton * concentration * sin(z), 0.5)
      z = minimum(maximum(z + step, 0), .pi)
    }
    // NaN stays: minimum and maximum need not keep it.
    return select((p >= 0) .& (p <= 1), select(p < 0.5, -z, z), p.scalar(.nan))
  }

  /// log(p(z) / p(0)).
  private func logPeak(_ z: Tensor) -> Tensor {
    let s = sin(0.5 * z)
    return -2 * concentration * s * s
  }

  /// P(X > z) without the factor exp(logPeak(z)), for 0 <= z <= pi.
  private func share(_ z: Tensor) -> Tensor {
    let s = sin(0.5 * z)
    let reach = stopGradient(s * s + 20 / concentration)
    // How far the integral goes does not matter to its value, nor to its derivatives.
    let end = select(reach < 1, 2 * arcsine(sqrt(minimum(reach, 1))), reach.scalar(.pi))
    // The part of pi that rounding loses counts where z is near pi.
    let rounded = z.dtype == .float64 ? Double.pi : Double(Float(Double.pi))
    let lost = Double.pi - rounded + (z.dtype == .float64 ? 1.2246467991473532e-16 : 0)
    let length = select(reach < 1, end - z, (end - z) + lost)
    let rule = GaussLegendre.unitInterval(count: z.dtype == .float64 ? 32 : 20)
    let (graph, dtype) = (z.graph, z.dtype)
    let offset = length.expandedDims(-1) * graph.constant(rule.nodes, dtype: dtype)
    let middle = z.broadcast(to: length.shape).expandedDims(-1) + 0.5 * offset
    let k = concentration.broadcast(to: length.shape).expandedDims(-1)
    let values = exp(-2 * k * sin(0.5 * offset) * sin(middle))
    let integral = length * (values * graph.constant(rule.weights, dtype: dtype)).sum(axes: [-1])
    return integral / (2 * Double.pi * scaledBesselI0(concentration))
  }

  /// asin(x) for 0 <= x <= 1.
  private func arcsine(_ x: Tensor) -> Tensor {
    let isInside = x < 1
    let inside = select(isInside, x, x.zerosLike())
    return select(isInside, atan(inside / sqrt((1 - inside) * (1 + inside))), x.scalar(0.5 * .pi))
  }
}

/// Gauss and Legendre's rule of quadrature: exact for polynomials of degree 2 count - 1.
enum GaussLegendre {
  /// The rule for integrals from 0 to 1: nodes and weights, from the roots of Legendre's polynomial by Newton's method.
  static func unitInterval(count: Int) -> (nodes: [Double], weights: [Double]) {
    var (nodes, weights): ([Double], [Double]) = ([], [])
    for index in 0..<count {
      var x = -cosine(Double.pi * (Double(index) + 0.75) / (Double(count) + 0.5))
      var slope = 1.0
      for _ in 0..<10 {
        var (last, value) = (0.0, 1.0)
        for n in 0..<count {
          (last, value) = (value, (Double(2 * n + 1) * x * value - Double(n) * last) / Double(n + 1))
        }
        slope = Double(count) * (x * value - last) / (x * x - 1)
        x -= value / slope
      }
      nodes.append(0.5 * (x + 1))
      weights.append(1 / ((1 - x * x) * slope * slope))
    }
    return (nodes, weights)
  }

  /// cos(x) to three digits, from 0 to pi, which is enough to begin with.
  private static func cosine(_ x: Double) -> Double {
    let y = x - 0.5 * .pi
    return -y * (1 - y * y * (1.0 / 6 - y * y * (1.0 / 120 - y * y / 5040)))
  }
}
