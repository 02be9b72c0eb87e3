import CElbowABI
import ElbowArrays

extension PreparedSignature {
  /// Is told of each draw, by the thread that draws it: the chain, the iteration from the beginning of this call on, and
  /// whether the path diverged. All chains end when it returns false.
  public typealias SamplerProgress = @Sendable (_ chain: Int, _ iteration: Int, _ isDivergent: Bool) -> Bool

  /// Draws chains from the density that the signature computes: of its first input, the position, float64[n], it gives the logarithm
  /// of the density, float64[], and the gradient of that, float64[n].
  ///
  /// - Parameters:
  ///   - data: The other inputs, in the manifest's order.
  ///   - options: How many chains and draws, and how.
  ///   - states: Where chains go on, one for each: `options.warmup` draws more of warm-up, or none. Nil for chains that begin
  ///     anew.
  ///   - progress: Is told of each draw.
  /// - Throws: ``ElbowError`` of kind `feed` when the data do not fit, `invalidArgument` for options that cannot be,
  ///   `numerics` where no finite density is found to begin with, and `library` when the library fails.
  public func sample(
    _ data: [HostArray?], options: SamplerOptions, from states: [ChainState]? = nil, progress: SamplerProgress? = nil
  ) throws -> ChainDraws {
    guard let drawChains = handle.functions.drawChains else {
      throw ElbowError(
        .library, "The model '\(handle.library.manifest.name)' has no density that chains could be drawn from.")
    }
    guard case .fixed(let dimension)? = signature.inputs.first?.shape.first else {
      throw ElbowError(.invalidArgument, "'\(signature.name)' takes no position of a fixed number of elements.")
    }
    let memory = try ChainMemory(dimension, options, states)
    let inputs = [try HostArray(zeros: [dimension], dtype: .float64)] + data
    _ = try binding.bind(inputs)
    let status = memory.withChains { chains in
      withProgress(progress) { callback, context in
        var settings = memory.settings(callback, context)
        return binding.withData(of: inputs) {
          drawChains(
            handle.model, name, binding.arrays.baseAddress, Int32(binding.arrays.count), &settings, &chains)
        }
      }
    }
    try handle.check(status, argumentKind: .invalidArgument, doing: "draw from '\(signature.name)'")
    return memory.draws()
  }

  private typealias Callback = @convention(c) (UnsafeMutableRawPointer?, Int32, Int64, Int32) -> Int32

  private func withProgress(
    _ progress: SamplerProgress?, _ body: (Callback?, UnsafeMutableRawPointer?) -> elbow_status
  ) -> elbow_status {
    guard let progress else { return body(nil, nil) }
    var held = progress
    return withUnsafeMutablePointer(to: &held) { pointer in
      body(
        { context, chain, iteration, isDivergent in
          guard let context else { return 0 }
          let progress = context.assumingMemoryBound(to: SamplerProgress.self).pointee
          return progress(Int(chain), Int(iteration), isDivergent != 0) ? 0 : 1
        }, UnsafeMutableRawPointer(pointer))
    }
  }
}

/// The memory that chains are written to.
private final class ChainMemory {
  private let dimension: Int
  private let options: SamplerOptions
  private var positions: [Double]
  private var statistics: [elbow_draw]
  private var counts: [Int64]
  private var lastPositions: [Double]
  private var stepSizes: [Double]
  private var metrics: [Double]
  private var iterations: [Int64]
  private let beginsHere: Bool
  private var metricCount: Int { options.metric == .dense ? dimension * dimension : dimension }

  init(_ dimension: Int, _ options: SamplerOptions, _ states: [ChainState]?) throws {
    (self.dimension, self.options, beginsHere) = (dimension, options, states != nil)
    let chains = options.chains
    guard (1...10_000).contains(chains), (0...1 << 30).contains(options.draws), (0...1 << 30).contains(options.warmup)
    else {
      throw ElbowError(
        .invalidArgument,
        "Chains cannot be drawn so: there are 1 to 10,000 chains, not \(chains), and their draws, \(options.draws) after "
          + "\(options.warmup), are not negative and at most a thousand million.")
    }
    // What the library takes for 0 is a default of its own.
    guard options.targetAcceptance > 0, options.largestDepth > 0, options.initialRadius > 0 else {
      throw ElbowError(
        .invalidArgument,
        "Chains cannot be drawn so: the acceptance aimed at, \(options.targetAcceptance), the largest depth, "
          + "\(options.largestDepth), and the initial radius, \(options.initialRadius), are above 0.")
    }
    let metricCount = options.metric == .dense ? dimension * dimension : dimension
    let (rows, overflows) = (chains * options.keptDraws).multipliedReportingOverflow(by: dimension)
    guard !overflows, rows < 1 << 40, metricCount < 1 << 34 else {
      throw ElbowError(
        .invalidArgument, "\(chains) chains of \(options.keptDraws) draws of \(dimension) numbers fit no memory.")
    }
    if let states {
      let expected = options.warmup == 0 ? metricCount : nil
      guard states.count == chains, states.allSatisfy({ $0.position.count == dimension }),
        expected.map({ count in states.allSatisfy { $0.inverseMetric.count == count } }) ?? true
      else {
        throw ElbowError(
          .invalidArgument,
          "\(chains) chains of \(dimension) numbers with a \(options.metric.rawValue) metric cannot go on from these states: "
            + "there are \(states.count), of \(states.first?.position.count ?? 0) numbers, with metrics of "
            + "\(states.first?.inverseMetric.count ?? 0).")
      }
    }
    positions = Array(repeating: 0, count: max(1, rows))
    statistics = Array(repeating: elbow_draw(), count: max(1, chains * options.keptDraws))
    counts = Array(repeating: 0, count: chains)
    lastPositions = states?.flatMap(\.position) ?? Array(repeating: 0, count: chains * dimension)
    stepSizes = states?.map(\.stepSize) ?? Array(repeating: 1, count: chains)
    let given = states?.flatMap(\.inverseMetric) ?? []
    metrics = given.count == chains * metricCount ? given : Array(repeating: 1, count: chains * metricCount)
    iterations = states?.map { Int64($0.iteration) } ?? Array(repeating: 0, count: chains)
  }

  func settings(
    _ progress: (@convention(c) (UnsafeMutableRawPointer?, Int32, Int64, Int32) -> Int32)?,
    _ context: UnsafeMutableRawPointer?
  ) -> elbow_sampler_options {
    var settings = elbow_sampler_options()
    settings.struct_size = UInt32(MemoryLayout<elbow_sampler_options>.size)
    settings.chains = Int32(options.chains)
    settings.threads = Int32(clamping: options.threads)
    settings.metric = options.metric.abiCode
    settings.warmup = Int64(options.warmup)
    settings.draws = Int64(options.draws)
    settings.keeps_warmup = options.keepsWarmup ? 1 : 0
    settings.largest_depth = Int32(clamping: options.largestDepth)
    settings.path_steps = Int32(clamping: options.pathSteps)
    settings.target_acceptance = options.targetAcceptance
    settings.initial_radius = options.initialRadius
    settings.seed = options.seed
    settings.progress = progress
    settings.context = context
    return settings
  }

  func withChains(_ body: (inout elbow_chains) -> elbow_status) -> elbow_status {
    positions.withUnsafeMutableBufferPointer { positions in
      statistics.withUnsafeMutableBufferPointer { statistics in
        counts.withUnsafeMutableBufferPointer { counts in
          lastPositions.withUnsafeMutableBufferPointer { lastPositions in
            stepSizes.withUnsafeMutableBufferPointer { stepSizes in
              metrics.withUnsafeMutableBufferPointer { metrics in
                iterations.withUnsafeMutableBufferPointer { iterations in
                  var chains = elbow_chains()
                  chains.struct_size = UInt32(MemoryLayout<elbow_chains>.size)
                  chains.positions = positions.baseAddress
                  chains.statistics = statistics.baseAddress
                  chains.draw_counts = counts.baseAddress
                  chains.begins_here = beginsHere ? 1 : 0
                  chains.last_positions = lastPositions.baseAddress
                  chains.step_sizes = stepSizes.baseAddress
                  chains.inverse_metrics = metrics.baseAddress
                  chains.iterations = iterations.baseAddress
                  return body(&chains)
                }
              }
            }
          }
        }
      }
    }
  }

  func draws() -> ChainDraws {
    let rows = options.keptDraws
    var result = ChainDraws(dimension: dimension, positions: [], statistics: [], states: [])
    for chain in 0..<options.chains {
      let count = Int(counts[chain])
      let first = chain * rows
      result.positions.append(Array(positions[first * dimension..<(first + count) * dimension]))
      result.statistics.append(statistics[first..<first + count].map(DrawStatistics.init))
      result.states.append(
        ChainState(
          position: Array(lastPositions[chain * dimension..<(chain + 1) * dimension]), stepSize: stepSizes[chain],
          inverseMetric: Array(metrics[chain * metricCount..<(chain + 1) * metricCount]),
          iteration: Int(iterations[chain])))
    }
    return result
  }
}

extension DrawStatistics {
  init(_ draw: elbow_draw) {
    self.init(
      logDensity: draw.log_density, energy: draw.energy, acceptance: draw.acceptance, stepSize: draw.step_size,
      steps: Int(draw.steps), depth: Int(draw.depth), isDivergent: draw.is_divergent != 0)
  }
}
