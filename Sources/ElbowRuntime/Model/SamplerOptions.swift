import CElbowABI

/// How chains are drawn from a density.
public struct SamplerOptions: Sendable {
  /// How the scales of a posterior's directions are learned in the warm-up.
  public enum Metric: String, Sendable, CaseIterable {
    /// One scale for each number, from the variances of draws and of gradients (arXiv:2603.18845).
    case fisher
    /// One scale for each number, from the variances of draws.
    case diagonal
    /// All directions, from the covariances of draws.
    case dense

    var abiCode: Int32 {
      switch self {
      case .fisher: Int32(ELBOW_METRIC_FISHER.rawValue)
      case .diagonal: Int32(ELBOW_METRIC_DIAGONAL.rawValue)
      case .dense: Int32(ELBOW_METRIC_DENSE.rawValue)
      }
    }
  }

  /// How many chains there are.
  public var chains = 4
  /// How many draws of each chain the step size and the metric are learned from.
  public var warmup = 1000
  /// How many draws of each chain are kept after the warm-up.
  public var draws = 1000
  /// The number that everything random follows from.
  public var seed: UInt64 = 0
  /// How many threads draw chains side by side; 0 is one per core. Draws do not depend on it.
  public var threads = 0
  /// How scales are learned.
  public var metric = Metric.fisher
  /// The mean probability of acceptance that the step size is chosen for, between 0 and 1.
  public var targetAcceptance = 0.8
  /// How often a path is doubled at most, up to 20.
  public var largestDepth = 10
  /// Above 0: paths of that many steps (HMC) instead of NUTS.
  public var pathSteps = 0
  /// Chains begin within this distance of 0 in each direction.
  public var initialRadius = 2.0
  /// Whether the draws of the warm-up are kept too, before the others.
  public var keepsWarmup = false

  /// Four chains of a thousand draws after a thousand of warm-up.
  public init() {}

  /// How many draws of each chain are kept.
  var keptDraws: Int { draws + (keepsWarmup ? warmup : 0) }
}

/// What is known of one draw.
public struct DrawStatistics: Sendable, Hashable {
  /// The logarithm of the density at the draw, on the unconstrained scale.
  public var logDensity: Double
  /// Minus the log density, and the energy of the momentum.
  public var energy: Double
  /// The mean probability of acceptance along the path.
  public var acceptance: Double
  /// The length of a step.
  public var stepSize: Double
  /// How often the density was evaluated.
  public var steps: Int
  /// How often the path was doubled.
  public var depth: Int
  /// Whether the path diverged: the step is too long for the curvature somewhere.
  public var isDivergent: Bool
}

/// Where a chain is, with all that its next draws depend on.
public struct ChainState: Sendable, Hashable, Codable {
  /// The last draw, on the unconstrained scale.
  public var position: [Double]
  /// The length of a step.
  public var stepSize: Double
  /// The inverse metric: a scale for each number, or where dense a matrix, row by row.
  public var inverseMetric: [Double]
  /// How many draws the chain has made since its seed.
  public var iteration: Int
}

/// Draws of some chains, on the unconstrained scale.
public struct ChainDraws: Sendable {
  /// How many numbers a draw has.
  public var dimension: Int
  /// The draws of each chain, one after the other; fewer than asked for if the sampler was stopped.
  public var positions: [[Double]]
  /// What is known of each draw of each chain.
  public var statistics: [[DrawStatistics]]
  /// Where each chain ended.
  public var states: [ChainState]
}
