import Foundation

/// How well chains agree, and how much their draws are worth (A. Vehtari, A. Gelman, D. Simpson, B. Carpenter and P.-C. Bürkner,
/// "Rank-normalization, folding, and localization", arXiv:1903.08008).
public enum Diagnostics {
  /// The potential scale reduction: the larger of those of the draws' normalised ranks and of their distances from the median. Near 1
  /// where chains agree; NaN for constant draws and for fewer than four draws a chain.
  ///
  /// - Parameter chains: The draws of each chain, as many of each.
  public static func rHat(_ chains: [[Double]]) -> Double {
    guard let halves = split(chains) else { return .nan }
    let median = quantile(halves.joined().sorted(), 0.5)
    let folded = halves.map { $0.map { abs($0 - median) } }
    return max(scaleReduction(normalizedRanks(halves)), scaleReduction(normalizedRanks(folded)))
  }

  /// How many independent draws the draws are worth for the mean of their normalised ranks: for the bulk of the distribution.
  public static func bulkESS(_ chains: [[Double]]) -> Double {
    split(chains).map { effectiveSize(normalizedRanks($0)) } ?? .nan
  }

  /// How many independent draws the draws are worth for the 5 % and the 95 % quantile, whichever is less.
  public static func tailESS(_ chains: [[Double]]) -> Double {
    min(quantileESS(chains, 0.05), quantileESS(chains, 0.95))
  }

  /// How many independent draws the draws are worth for a quantile.
  public static func quantileESS(_ chains: [[Double]], _ probability: Double) -> Double {
    guard let halves = split(chains) else { return .nan }
    let limit = quantile(chains.joined().sorted(), probability)
    return effectiveSize(halves.map { $0.map { $0 <= limit ? 1 : 0 } })
  }

  /// How many independent draws the draws are worth for the mean.
  public static func meanESS(_ chains: [[Double]]) -> Double { split(chains).map(effectiveSize) ?? .nan }

  /// The standard error of the mean of the draws.
  public static func meanError(_ chains: [[Double]]) -> Double {
    standardDeviation(Array(chains.joined())) / meanESS(chains).squareRoot()
  }

  /// The fraction of missing information of a chain's energies (M. Betancourt, arXiv:1604.00695): below 0.3 momenta explore energies
  /// slowly.
  public static func energyFraction(_ energies: [Double]) -> Double {
    guard energies.count > 2 else { return .nan }
    let steps = zip(energies.dropFirst(), energies).map { ($0 - $1) * ($0 - $1) }
    let mean = energies.reduce(0, +) / Double(energies.count)
    return steps.reduce(0, +) / energies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  }

  // MARK: Parts

  /// Each chain's first and second half; nil where a half has less than two draws or a draw is not finite.
  static func split(_ chains: [[Double]]) -> [[Double]]? {
    let half = (chains.map(\.count).min() ?? 0) / 2
    guard half >= 2, chains.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return nil }
    return chains.flatMap { [Array($0.prefix(half)), Array($0.suffix(half))] }
  }

  /// Normal scores of the ranks among all draws, equal ones of their mean rank (equation 14).
  static func normalizedRanks(_ chains: [[Double]]) -> [[Double]] {
    let all = Array(chains.joined())
    let order = all.indices.sorted { all[$0] < all[$1] }
    var scores = [Double](repeating: 0, count: all.count)
    var first = 0
    while first < order.count {
      var last = first
      while last + 1 < order.count, all[order[last + 1]] == all[order[first]] { last += 1 }
      let rank = Double(first + last) / 2 + 1
      let score = normalQuantile((rank - 0.375) / (Double(all.count) + 0.25))
      for place in first...last { scores[order[place]] = score }
      first = last + 1
    }
    var rest = scores[...]
    return chains.map { chain in
      defer { rest = rest.dropFirst(chain.count) }
      return Array(rest.prefix(chain.count))
    }
  }

  private static func moments(_ chain: [Double]) -> (mean: Double, variance: Double) {
    let mean = chain.reduce(0, +) / Double(chain.count)
    let variance = chain.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(chain.count - 1)
    return (mean, variance)
  }

  static func standardDeviation(_ values: [Double]) -> Double {
    values.count > 1 ? moments(values).variance.squareRoot() : .nan
  }

  /// The mean of the chains' variances, and the variance that all of them estimate together (equations 1 to 3).
  private static func variances(_ chains: [[Double]]) -> (within: Double, pooled: Double) {
    let parts = chains.map(moments)
    let count = Double(chains[0].count)
    let within = parts.reduce(0) { $0 + $1.variance } / Double(parts.count)
    let between = chains.count > 1 ? moments(parts.map(\.mean)).variance : 0
    return (within, within * (count - 1) / count + between)
  }

  private static func scaleReduction(_ chains: [[Double]]) -> Double {
    let (within, pooled) = variances(chains)
    return (pooled / within).squareRoot()
  }

  /// The effective sample size by Geyer's initial monotone sequence (equations 10 to 13).
  static func effectiveSize(_ chains: [[Double]]) -> Double {
    let count = chains[0].count
    let total = Double(count * chains.count)
    let (within, pooled) = variances(chains)
    guard pooled > 0 else { return total }
    let centered = chains.map { chain in
      let mean = moments(chain).mean
      return chain.map { $0 - mean }
    }
    func correlation(_ lag: Int) -> Double {
      let sums = centered.map { chain in
        var sum = 0.0
        for index in 0..<count - lag { sum += chain[index] * chain[index + lag] }
        return sum / Double(count - 1)
      }
      return 1 - (within - sums.reduce(0, +) / Double(chains.count)) / pooled
    }
    var (tau, pair, lag) = (-1.0, Double.infinity, 0)
    while lag + 1 < count - 1 {
      let even = lag == 0 ? 1 : correlation(lag)
      let next = even + correlation(lag + 1)
      guard next > 0 else { break }
      pair = min(pair, next)
      tau += 2 * pair
      lag += 2
    }
    // Where the sequence ends, half a pair is still there if it is positive.
    if lag > 0, lag < count - 1 { tau += max(0, correlation(lag)) }
    return total / max(tau, 1 / log10(total))
  }

  /// A quantile of sorted values, linear between them.
  static func quantile(_ sorted: [Double], _ probability: Double) -> Double {
    guard let last = sorted.indices.last else { return .nan }
    let place = probability * Double(last)
    let low = min(Int(place), last)
    let high = min(low + 1, last)
    return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
  }

  /// The quantile function of the standard normal distribution, by Newton's method on the logarithm of the cdf, which is concave.
  static func normalQuantile(_ p: Double) -> Double {
    guard p > 0, p < 1 else { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
    guard p <= 0.5 else { return -normalQuantile(1 - p) }
    var x = -(max(0, -2 * log(p) - log(-2 * log(p) * 2 * Double.pi))).squareRoot()
    if p > 0.1 { x = (p - 0.5) * 2.5 }
    for _ in 0..<50 {
      let cdf = 0.5 * erfc(-x / 2.0.squareRoot())
      let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
      let step = cdf * (log(cdf) - log(p)) / density
      x -= step
      if abs(step) < 1e-14 * max(1, abs(x)) { break }
    }
    return x
  }
}
