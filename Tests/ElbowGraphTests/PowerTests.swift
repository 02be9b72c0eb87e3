import ElbowArrays
import ElbowGraph
import Foundation
import Testing

/// Powers of what is infinite, negative or zero, as pow of C has them.
@Suite struct PowerTests {
  private static let bases = [-.infinity, -2, -1, -0.5, -0.0, 0, 0.5, 1, 2, .infinity, .nan]
  private static let exponents = [-.infinity, -3, -2, -1.5, -1, -0.0, 0, 0.5, 1, 2, 3, .infinity, .nan]

  @Test(arguments: bases) func isThatOfC(base: Double) throws {
    let graph = Graph()
    let exponents = PowerTests.exponents
    let y = graph.placeholder("y", shape: [exponents.count], dtype: .float64)
    let x = graph.placeholder("x", shape: [exponents.count], dtype: .float64)
    let program = try graph.program(Signature("f", outputs: ["z": pow(x, y)]))
    let feeds = ["x": HostArray([Double](repeating: base, count: exponents.count)), "y": HostArray(exponents)]
    let found = try #require(ReferenceEvaluator(program).run(feeding: feeds).outputs["z"]).doubles
    for (exponent, value) in zip(exponents, found) {
      let expected = Foundation.pow(base, exponent)
      #expect(
        value.isNaN && expected.isNaN || value.bitPattern == expected.bitPattern,
        "pow(\(base), \(exponent)) is \(value), not \(expected)")
    }
  }
}
