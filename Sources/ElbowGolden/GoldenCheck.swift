import ElbowArrays
import ElbowGraph

/// The expectations of a case for the graph that was built for it.
struct GoldenCheck {
  let golden: GoldenCase
  /// The graph, and what it is fed.
  let builder: GoldenDistributionBuilder
  let expectations: [GoldenExpectation]
  /// The mistakes found while it was built, a sentence each.
  var mistakes: [String] = []

  /// The mistakes in some cases, each run once on every back end.
  static func mistakes(_ checks: [GoldenCheck], on backends: [any GoldenBackend]) throws -> [String] {
    let pending = checks.filter { !$0.expectations.isEmpty }
    let runs = pending.map { check in
      GoldenRun(
        outputs: Dictionary(check.expectations.map { ($0.name, $0.actual) }) { first, _ in first },
        graph: check.builder.graph, feeds: check.builder.feeds)
    }
    return try checks.flatMap(\.mistakes)
      + backends.flatMap { backend in
        try zip(pending, backend.values(of: runs)).flatMap { $0.differences(from: $1, on: backend) }
      }
  }

  private func differences(from results: [String: HostArray], on backend: any GoldenBackend) -> [String] {
    expectations.compactMap { expectation in
      var expected = expectation.expected
      if expectation.isWithinSimplex, let actual = results[expectation.name] {
        expected = expected.alignedWithinSimplex(with: actual)
      }
      return difference(results[expectation.name], expected, expectation.tolerance, at: expectation.positions).map {
        "\(golden.id).\(expectation.name) on \(backend.name): \($0)."
      }
    }
  }
}

/// One value of a case: what is computed, and what it should be.
struct GoldenExpectation {
  let name: String
  let actual: Tensor
  let expected: GoldenTensor
  let tolerance: Tolerance
  /// The elements that are compared; all if nil.
  var positions: [Int]?
  /// See ``GoldenException/isWithinSimplex``.
  var isWithinSimplex = false
}
