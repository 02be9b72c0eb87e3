import ElbowArrays
import ElbowGraph
import ElbowProbability
import Testing

/// Samplers, each compiled once with its parameters as inputs, and the cases that each is tried with.
struct Samplers {
  /// How often each case is drawn.
  static let count = 1_000_000

  /// Parameters, and what their draws are counted in.
  struct Trial {
    let parameters: [Double]
    let cells: Cells

    init(_ parameters: Double..., in cells: Cells = .intervals()) {
      self.parameters = parameters
      self.cells = cells
    }
  }

  /// The cells that draws are counted in.
  enum Cells {
    /// Intervals of one probability. What is at most the first number is so only because it underflows.
    case intervals(above: Double = -.infinity)
    /// Whole numbers from the first on, so many in each.
    case numbers(from: Double = 0, each: Double = 1)
  }

  /// The draws of a signature with some parameters, and their distribution.
  struct Case {
    let name: String
    let signature: String
    let feeds: [String: HostArray]
    /// In a graph of its own.
    let distribution: any Distribution
    let cells: Cells
  }

  /// A function of the parameters, scalars of float64.
  typealias Formula<Result> = (Graph, [Tensor]) -> Result

  let graph = Graph()
  private(set) var signatures: [Signature] = []
  private(set) var cases: [Case] = []

  /// Draws, of shape `[count]`, by what they are distributed as.
  mutating func add(
    _ name: String, _ trials: [Trial] = [Trial()], draws: Formula<Tensor>, as distribution: Formula<any Distribution>
  ) {
    let signature = "s\(signatures.count)"
    let inputs = (trials.first?.parameters ?? []).indices.map { "\(signature)_\($0)" }
    let parameters = inputs.map { graph.placeholder($0, shape: [], dtype: .float64) }
    signatures.append(Signature(signature, outputs: ["draws": draws(graph, parameters).cast(to: .float64)]))
    for trial in trials {
      let check = Graph()
      cases.append(
        Case(
          name: "\(name)\(trial.parameters)", signature: signature,
          feeds: Dictionary(uniqueKeysWithValues: zip(inputs, trial.parameters.map { HostArray(scalar: $0) })),
          distribution: distribution(check, trial.parameters.map { check.constant($0, dtype: .float64) }),
          cells: trial.cells))
    }
  }

  mutating func add(_ name: String, _ trials: [Trial] = [Trial()], _ distribution: Formula<any Distribution>) {
    add(name, trials, draws: { distribution($0, $1).sample([Dimension(Self.count)]) }, as: distribution)
  }

  /// Draws of a distribution of numbers, by the name of its constructor.
  mutating func add(_ constructor: String, _ trials: [Trial]) {
    guard let made = Self.constructor(constructor) else { return }
    add(constructor, trials) { made.make($1) }
  }

  mutating func addNarrow(_ constructor: String, _ trial: Trial) {
    guard let made = Self.constructor(constructor) else { return }
    addNarrow(constructor, trial) { made.make($1) }
  }

  private static func constructor(_ name: String) -> DistributionConstructor? {
    let found = DistributionConstructor.named(name)
    if found == nil { Issue.record("No distribution is made by \(name).") }
    return found
  }

  /// Draws in float32, which are distributed as the same distribution in float64.
  mutating func addNarrow(_ name: String, _ trial: Trial, _ distribution: Formula<any Distribution>) {
    add(
      "\(name), float32", [trial],
      draws: { graph, parameters in
        distribution(graph, parameters.map { $0.cast(to: .float32) }).sample([Dimension(Self.count)])
      }, as: distribution)
  }

  /// An element of a distribution of vectors, by the distribution of that element.
  mutating func add(
    _ name: String, _ trials: [Trial], _ distribution: Formula<any Distribution>, element: Int,
    as marginal: Formula<any Distribution>
  ) {
    add(name, trials, draws: { distribution($0, $1).sample([Dimension(Self.count)])[.all, element] }, as: marginal)
  }
}
