import ElbowArrays
import Foundation

/// Predictions of a classifier of random weights for examples: means over draws w of its weights.
///
///     p(y | x) = E_w[p(y | x, w)]
///     H[y | x] = -sum_y p(y | x) log p(y | x) = I(y; w | x) + E_w[H[y | x, w]]
///
/// The entropy H of the predictive distribution is all of its uncertainty. The mutual information I is the part that is the
/// weights': draws disagree, and more data would tell (Houlsby et al. 2011, equation 2).
public struct PosteriorPredictive: Sendable {
  /// The number of draws.
  public let draws: Int
  /// The number of classes.
  public let classCount: Int
  /// p(y | x), an array of `classCount` for each example.
  public let means: [[Double]]
  /// The standard deviations of p(y | x, w) over the draws, in the same order.
  public let deviations: [[Double]]
  /// H[y | x] of each example, in nats.
  public let entropies: [Double]
  /// I(y; w | x) of each example, in nats, from 0 to the entropy.
  public let informations: [Double]

  /// The most probable class of each example.
  public var classes: [Int] {
    means.map { probs in probs.indices.max { probs[$0] < probs[$1] } ?? 0 }
  }

  /// The examples, the most certain first.
  public var byEntropy: [Int] { entropies.indices.sorted { (entropies[$0], $0) < (entropies[$1], $1) } }

  /// The share of examples whose most probable class is their label; nil of no examples.
  public func accuracy(of examples: some Collection<Int>, labels: [Int]) -> Double? {
    let classes = classes
    let right = examples.count { classes[$0] == labels[$0] }
    return examples.isEmpty ? nil : Double(right) / Double(examples.count)
  }
}

extension PosteriorPredictive {
  /// Sums over draws.
  struct Sums {
    private let classCount: Int
    private var probs: [Double]
    private var squares: [Double]
    /// Of the entropies of each draw.
    private var entropies: [Double]

    init(exampleCount: Int, classCount: Int) {
      self.classCount = classCount
      probs = [Double](repeating: 0, count: exampleCount * classCount)
      squares = probs
      entropies = [Double](repeating: 0, count: exampleCount)
    }

    /// Adds a draw's probabilities, `[example, class]`, of the examples from the first on.
    mutating func add(_ drawn: [Double], from first: Int) {
      for (index, p) in drawn.enumerated() {
        let place = first * classCount + index
        probs[place] += p
        squares[place] += p * p
        entropies[place / classCount] += PosteriorPredictive.entropy(p)
      }
    }

    func means(over draws: Int) -> PosteriorPredictive {
      let count = Double(draws)
      let examples = entropies.indices.map { $0 * classCount..<($0 + 1) * classCount }
      let means = examples.map { $0.map { probs[$0] / count } }
      let totals = means.map { $0.reduce(0) { $0 + PosteriorPredictive.entropy($1) } }
      return PosteriorPredictive(
        draws: draws, classCount: classCount, means: means,
        deviations: examples.map { $0.map { max(0, squares[$0] / count - pow(probs[$0] / count, 2)).squareRoot() } },
        entropies: totals, informations: zip(totals, entropies).map { max(0, $0 - $1 / count) })
    }
  }

  /// -p log p, which is 0 at 0.
  private static func entropy(_ p: Double) -> Double { p > 0 ? -p * log(p) : 0 }
}
