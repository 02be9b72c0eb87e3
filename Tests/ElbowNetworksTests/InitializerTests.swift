import ElbowArrays
import ElbowGraph
import ElbowNetworks
import TestSupport
import Testing

/// Bounds and moments of 200 x 50 draws with a fixed seed; the tolerance is four standard errors.
@Suite struct InitializerTests {
  private func draw(_ initializer: Initializer, _ extents: [Int] = [200, 50]) throws -> [Double] {
    let graph = Graph()
    let value = try ReferenceBackend().value(initializer(extents, graph: graph, dtype: .float64), seed: 3)
    #expect(value.shape == extents)
    return value.doubles
  }

  private func check(_ values: [Double], variance: Double, limit: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let found = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
    #expect(abs(mean) < 4 * (variance / Double(values.count)).squareRoot())
    #expect(abs(found / variance - 1) < 4 * (2 / Double(values.count)).squareRoot())
    #expect(values.allSatisfy { abs($0) <= limit })
  }

  @Test func glorot() throws {
    let variance = 2.0 / 250
    check(try draw(.glorotUniform), variance: variance, limit: (3 * variance).squareRoot())
    check(try draw(.glorotNormal), variance: variance, limit: 2 * variance.squareRoot() / 0.87962566103423978)
  }

  @Test func he() throws {
    let variance = 2.0 / 200
    check(try draw(.heUniform), variance: variance, limit: (3 * variance).squareRoot())
    check(try draw(.heNormal), variance: variance, limit: 2 * variance.squareRoot() / 0.87962566103423978)
  }

  @Test func theFieldOfAConvolutionCounts() throws {
    let variance = 2.0 / (25 * 20 + 25 * 20)
    check(try draw(.glorotUniform, [5, 5, 20, 20]), variance: variance, limit: (3 * variance).squareRoot())
  }

  @Test func plainOnes() throws {
    #expect(try draw(.zeros, [3]) == [0, 0, 0])
    #expect(try draw(.ones, [2]) == [1, 1])
    #expect(try draw(.constant(0.25), [2]) == [0.25, 0.25])
    check(try draw(.randomNormal(stddev: 0.1)), variance: 0.01, limit: 1)
    check(try draw(.randomUniform(-1, 1)), variance: 1.0 / 3, limit: 1)
  }

  @Test func lecun() throws {
    let variance = 1.0 / 200
    check(try draw(.lecunUniform), variance: variance, limit: (3 * variance).squareRoot())
    check(try draw(.lecunNormal), variance: variance, limit: 2 * variance.squareRoot() / 0.87962566103423978)
  }

  @Test func scaledByFans() throws {
    check(
      try draw(.varianceScaling(scale: 3, mode: .fanOut, distribution: .untruncatedNormal)), variance: 0.06, limit: 2)
    check(
      try draw(.varianceScaling(scale: 0.5, mode: .fanAvg, distribution: .uniform)), variance: 0.004,
      limit: 0.012.squareRoot())
    let cut = try draw(.truncatedNormal(stddev: 0.1))
    check(cut, variance: 0.01 * 0.87962566103423978 * 0.87962566103423978, limit: 0.2)
    #expect(zip(cut, try draw(.truncatedNormal(mean: 1, stddev: 0.1))).allSatisfy { abs($0 + 1 - $1) < 1e-12 })
  }

  /// Long, wide, square and of a convolution; the columns of a square one are as often negative as positive.
  @Test(arguments: [[7, 4], [3, 8], [40, 40], [3, 3, 2, 5]])
  func orthogonal(extents: [Int]) throws {
    let values = try draw(.orthogonal(gain: 2), extents)
    let columns = extents[extents.count - 1]
    let rows = values.count / columns
    let isLong = rows >= columns
    func element(_ vector: Int, _ place: Int) -> Double {
      isLong ? values[place * columns + vector] : values[vector * columns + place]
    }
    for a in 0..<min(rows, columns) {
      for b in 0...a {
        let product = (0..<max(rows, columns)).reduce(0.0) { $0 + element(a, $1) * element(b, $1) }
        #expect(abs(product - (a == b ? 4 : 0)) < 1e-10)
      }
    }
    if extents == [40, 40] { check(values, variance: 4.0 / 40, limit: 2) }
  }

  @Test func orthogonalNeedsAMatrix() {
    let graph = Graph()
    _ = Initializer.orthogonal()([3], graph: graph, dtype: .float32)
    #expect(
      graph.diagnostics.first?.message
        == "An orthogonal matrix has at least 2 axes, but the weight has the shape [3].")
  }
}
