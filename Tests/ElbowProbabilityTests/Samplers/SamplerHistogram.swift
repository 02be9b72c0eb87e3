import ElbowArrays
import ElbowGraph
import ElbowProbability
import ElbowRuntime
import TestSupport

/// Draws counted in cells, beside what the distribution expects there.
struct SamplerHistogram {
  static let bins = 64

  /// Draws in each cell, and those in none.
  let counts: [Double]
  let rest: Double
  /// The share of the probability in each cell.
  let expected: [Double]

  /// - Parameter tally: The compiled signature ``tally()``.
  init(_ draws: HostArray, of sampler: Samplers.Case, in range: ClosedRange<Double>, tally: CompiledModel) throws {
    let (edges, expected) =
      switch sampler.cells {
      case .intervals(let floor): try Self.intervals(sampler.distribution, range, above: floor)
      case .numbers(let first, let width): try Self.numbers(sampler.distribution, from: first, each: width)
      }
    self.expected = expected
    let below = try tally.run("below", inputs: ["draws": draws, "edges": HostArray(edges)])["below"]?.doubles ?? []
    counts = zip(below, below.dropFirst()).map { $1 - $0 }
    rest = Double(draws.count) - counts.reduce(0, +)
  }

  /// The graph compiled once for all samplers: how many draws are at most as great as each edge, and moments.
  static func tally() -> (graph: Graph, signatures: [Signature]) {
    let graph = Graph()
    let draws = graph.placeholder("draws", shape: [nil], dtype: .float64)
    let edges = graph.placeholder("edges", shape: [bins + 1], dtype: .float64)
    let below = (draws.expandedDims(-1) <= edges).cast(to: .float64).sum(axes: [0])
    let mean = draws.mean()
    let square = (draws - mean) * (draws - mean)
    return (
      graph,
      [
        Signature("below", outputs: ["below": below]),
        Signature(
          "moments",
          outputs: [
            "mean": mean, "variance": square.mean(), "fourth": (square * square).mean(), "least": draws.min(),
            "greatest": draws.max(),
          ]),
      ]
    )
  }

  /// Pearson's statistic; what is expected less than ten times is put together, with all that lies beyond the cells.
  func chiSquared() -> (value: Double, df: Double) {
    let total = counts.reduce(rest, +)
    var others = (count: rest, expected: total * (1 - expected.reduce(0, +)))
    var (value, cells) = (0.0, 0)
    for (found, share) in zip(counts, expected) {
      let wanted = total * share
      if wanted < 10 {
        others = (others.count + found, others.expected + wanted)
      } else {
        value += (found - wanted) * (found - wanted) / wanted
        cells += 1
      }
    }
    if others.expected > 10 {
      value += (others.count - others.expected) * (others.count - others.expected) / others.expected
      cells += 1
    } else if others.count > 60 {
      value = .infinity
    }
    return (value, Double(max(cells - 1, 1)))
  }

  // MARK: Cells

  private static func numbers(
    _ distribution: any Distribution, from first: Double, each width: Double
  ) throws -> (edges: [Double], expected: [Double]) {
    let edges = (0...bins).map { first - 1 + width * Double($0) }
    func points(_ values: ArraySlice<Double>) -> Tensor {
      distribution.graph.constant(Array(values), dtype: .float64)
    }
    let (below, last) = (points(edges.dropLast()), points(edges.dropFirst()))
    let expected = width == 1 ? distribution.prob(last) : distribution.cdf(last) - distribution.cdf(below)
    return (edges, try ReferenceBackend().value(expected).doubles)
  }

  /// About equally likely ones. How likely they are is the distribution's to say, so it does not matter where they end:
  /// bisection between the least and the greatest draw goes on until they are a tenth of an interval from equal.
  private static func intervals(
    _ distribution: any Distribution, _ range: ClosedRange<Double>, above floor: Double
  ) throws -> (edges: [Double], expected: [Double]) {
    let points = distribution.graph.placeholder("points", shape: [nil], dtype: .float64)
    let program = try distribution.graph.program(Signature("cdf", outputs: ["cdf": distribution.cdf(points)]))
    func cdf(_ x: [Double]) throws -> [Double] {
      try ReferenceEvaluator(program).run(feeding: ["points": HostArray(x)]).outputs["cdf"]?.doubles ?? []
    }
    let shares = (1..<bins).map { Double($0) / Double(bins) }
    var brackets = shares.map { _ in (low: range.lowerBound.place, high: range.upperBound.place) }
    var open = Array(shares.indices)
    while !open.isEmpty {
      let middles = open.map { brackets[$0].low + (brackets[$0].high - brackets[$0].low) / 2 }
      let found = try cdf(middles.map(Double.init(place:)))
      for (index, (middle, below)) in zip(open, zip(middles, found)) {
        if abs(below - shares[index]) * Double(bins) < 0.1 {
          brackets[index] = (middle, middle)
        } else if below < shares[index] {
          brackets[index].low = middle
        } else {
          brackets[index].high = middle
        }
      }
      open.removeAll { brackets[$0].high - brackets[$0].low <= 1 }
    }
    let edges = brackets.map { max(Double(place: $0.high), floor) }
    let below = try [0] + cdf(edges) + [1]
    return ([-.infinity] + edges + [.infinity], zip(below, below.dropFirst()).map { $1 - $0 })
  }
}

extension Double {
  /// Its place among all doubles, halved so that differences do not overflow: bisection of places takes as many steps for
  /// small numbers as for great ones.
  fileprivate var place: Int64 {
    let bits = Int64(bitPattern: bitPattern) & Int64.max
    return (self < 0 ? -bits : bits) / 2
  }

  fileprivate init(place: Int64) {
    let size = Double(bitPattern: UInt64(bitPattern: abs(place) * 2))
    self = place < 0 ? -size : size
  }
}
