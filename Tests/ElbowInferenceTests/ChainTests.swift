import Elbow
import ElbowInference
import Testing

/// Draws depend on the seed, the chain and the iteration alone.
@Suite struct ChainTests {
  static func compile() throws -> CompiledPosterior {
    try EightSchoolsTests.model(.nonCentered).compile(
      ["y": EightSchoolsTests.effects, "sigma": EightSchoolsTests.errors], cache: TestCache.cache(),
      options: BuildOptions(optimization: 1))
  }

  private func options(_ change: (inout SamplerOptions) -> Void = { _ in }) -> SamplerOptions {
    var options = SamplerOptions()
    (options.chains, options.warmup, options.draws, options.seed) = (3, 200, 100, 7)
    change(&options)
    return options
  }

  @Test(arguments: SamplerOptions.Metric.allCases) func drawsDoNotDependOnThreads(_ metric: SamplerOptions.Metric)
    throws
  {
    let compiled = try ChainTests.compile()
    let one = try compiled.sample(options { ($0.threads, $0.metric) = (1, metric) })
    for threads in [2, 3, 5] {
      let other = try compiled.sample(options { ($0.threads, $0.metric) = (threads, metric) })
      #expect(other.positions == one.positions && other.states == one.states)
    }
    #expect(one.positions[0] != one.positions[1])
  }

  @Test func aChainAloneIsTheFirstOfMany() throws {
    let compiled = try ChainTests.compile()
    let alone = try compiled.sample(options { $0.chains = 1 })
    #expect(try compiled.sample(options()).positions[0] == alone.positions[0])
  }

  @Test(arguments: SamplerOptions.Metric.allCases) func aChainThatGoesOnDrawsWhatItWouldHaveDrawn(
    _ metric: SamplerOptions.Metric
  ) throws {
    let compiled = try ChainTests.compile()
    let whole = try compiled.sample(options { $0.metric = metric })
    let first = try compiled.sample(options { ($0.draws, $0.metric) = (40, metric) })
    let rest = try compiled.sample(
      options { ($0.warmup, $0.draws, $0.metric) = (0, 60, metric) }, from: first.states)
    #expect(zip(first.positions, rest.positions).map { $0 + $1 } == whole.positions)
    #expect(rest.states == whole.states)
  }

  @Test func fixedPathsDrawFromTheSamePosterior() throws {
    let compiled = try ChainTests.compile()
    let posterior = try compiled.sample(
      options { ($0.pathSteps, $0.chains, $0.draws, $0.targetAcceptance) = (8, 4, 2000, 0.9) })
    let mu = try #require(posterior.summary["mu"])
    #expect(abs(mu.mean - 4.38) < 4 * mu.meanError, "\(mu)")
    #expect(posterior.statistics.allSatisfy { $0.allSatisfy { $0.steps == 8 || $0.isDivergent } })
  }

  @Test func progressIsToldAndCanEndChains() throws {
    let compiled = try ChainTests.compile()
    let posterior = try compiled.sample(options { $0.threads = 1 }) { chain, iteration, _ in iteration < 249 }
    #expect(posterior.statistics[0].count == 50)
    #expect(posterior.positions[0].count == 50 * compiled.dimension)
    let whole = try compiled.sample(options())
    #expect(posterior.positions[0] == Array(whole.positions[0].prefix(50 * compiled.dimension)))
  }

  @Test func theWarmupIsKeptWhereThatIsWished() throws {
    let compiled = try ChainTests.compile()
    let kept = try compiled.sample(options { $0.keepsWarmup = true })
    #expect(kept.statistics.allSatisfy { $0.count == 300 })
    let plain = try compiled.sample(options())
    #expect(kept.positions.map { Array($0.suffix(100 * compiled.dimension)) } == plain.positions)
  }
}
