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
}
