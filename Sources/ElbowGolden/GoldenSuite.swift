import ElbowArrays
import ElbowGraph

/// A file of golden values and how its cases are checked.
public struct GoldenSuite: Sendable {
  /// The file's name.
  public let file: String
  /// The kind of a case, such as `Normal`; nil for what is not supported.
  public let kind: @Sendable (GoldenCase) -> String?
  /// The mistakes in some cases, a sentence each. Cases that are checked together share a library, for the C compiler
  /// takes most of the time.
  public let mistakes: @Sendable ([GoldenCase], [any GoldenBackend]) throws -> [String]

  /// All files, in the order in which they are checked.
  public static let all: [GoldenSuite] = [
    GoldenSuite(
      file: "seeds.json", kind: { GoldenSeedCheck.supports($0) ? $0["kind"]?.text ?? "seed" : nil },
      mistakes: { try GoldenSeedCheck.mistakes($0, on: $1) }),
    GoldenSuite(
      file: "distributions.json", kind: GoldenDistributionCheck.kind,
      check: {
        $0["distribution"]?.text == "JointDistributionSequential"
          ? try GoldenJointCheck(golden: $0).check() : try GoldenDistributionCheck(golden: $0).check()
      }),
    GoldenSuite(
      file: "kl.json", kind: GoldenDivergenceCheck.kind, check: { try GoldenDivergenceCheck(golden: $0).check() }),
    GoldenSuite(
      file: "bijectors.json", kind: GoldenBijectorCheck.kind, mistakes: { try GoldenBijectorCheck.mistakes($0, on: $1) }
    ),
    GoldenSuite(
      file: "nn.json", kind: { $0["op"]?.text.flatMap { GoldenOperation.all[$0] == nil ? nil : $0 } },
      check: { try GoldenOperationCheck(golden: $0).check() }),
  ]

  private init(
    file: String, kind: @escaping @Sendable (GoldenCase) -> String?,
    mistakes: @escaping @Sendable ([GoldenCase], [any GoldenBackend]) throws -> [String]
  ) {
    self.file = file
    self.kind = kind
    self.mistakes = mistakes
  }

  private init(
    file: String, kind: @escaping @Sendable (GoldenCase) -> String?,
    check: @escaping @Sendable (GoldenCase) throws -> GoldenCheck
  ) {
    self.init(file: file, kind: kind) { try GoldenCheck.mistakes($0.map(check), on: $1) }
  }
}
