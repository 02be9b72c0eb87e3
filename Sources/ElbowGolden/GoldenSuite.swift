import ElbowArrays
import ElbowGraph

/// A file of golden values and how its cases are checked.
public struct GoldenSuite: Sendable {
  /// The file's name.
  public let file: String
  /// What a case is of, such as `Normal`; nil for what is not supported.
  public let kind: @Sendable (GoldenCase) -> String?
  /// What is wrong on some back ends, a sentence each.
  public let mistakes: @Sendable (GoldenCase, [any GoldenBackend]) throws -> [String]

  /// All files, in the order in which they are checked.
  public static let all: [GoldenSuite] = [
    GoldenSuite(
      file: "seeds.json", kind: { GoldenSeedCheck.supports($0) ? $0["kind"]?.text ?? "seed" : nil },
      mistakes: { try GoldenSeedCheck(golden: $0).mistakes(on: $1) }),
    GoldenSuite(
      file: "distributions.json", kind: GoldenDistributionCheck.kind,
      mistakes: { golden, backends in
        golden["distribution"]?.text == "JointDistributionSequential"
          ? try GoldenJointCheck(golden: golden).mistakes(on: backends)
          : try GoldenDistributionCheck(golden: golden).mistakes(on: backends)
      }),
    GoldenSuite(
      file: "kl.json", kind: GoldenDivergenceCheck.kind,
      mistakes: { try GoldenDivergenceCheck(golden: $0).mistakes(on: $1) }),
    GoldenSuite(
      file: "bijectors.json", kind: GoldenBijectorCheck.kind,
      mistakes: { try GoldenBijectorCheck.mistakes([$0], on: $1) }),
    GoldenSuite(
      file: "nn.json", kind: { $0["op"]?.text.flatMap { GoldenOperation.all[$0] == nil ? nil : $0 } },
      mistakes: { try GoldenOperationCheck(golden: $0).mistakes(on: $1) }),
  ]
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

  /// What differs from the expectations, computed in one run on each back end.
  static func mistakes(
    _ expectations: [GoldenExpectation], of golden: GoldenCase, _ builder: GoldenDistributionBuilder,
    on backends: [any GoldenBackend]
  ) throws -> [String] {
    let outputs = Dictionary(expectations.map { ($0.name, $0.actual) }) { first, _ in first }
    var mistakes: [String] = []
    for backend in backends {
      let results = try backend.values(of: outputs, in: builder.graph, feeding: builder.feeds)
      for expectation in expectations {
        var expected = expectation.expected
        if expectation.isWithinSimplex, let actual = results[expectation.name] {
          expected = expected.alignedWithinSimplex(with: actual)
        }
        let found = difference(
          results[expectation.name], expected, expectation.tolerance, at: expectation.positions)
        if let found { mistakes.append("\(golden.id).\(expectation.name) on \(backend.name): \(found).") }
      }
    }
    return mistakes
  }
}
