import ElbowArrays

/// The results that a program may have, element by element, when correct code computes it: the measure that compiled code is held
/// to.
///
/// The program is evaluated in float64 (``ReferenceArithmetic/wide``), which gives the value b of each element, and a few times
/// with random rounding errors (``RandomRounding``), which give r, the largest distance of the element from b. A value v is
/// good if
///
///     |v - b| <= 16 max(r, m |b|) + 4 eps |b|
///
/// where m is the median of r / |b| over the array's elements: a draw or two may by chance come close to b. eps is that of
/// the declared dtype (with the least number above 0 in place of eps |b| where that is more); integers and booleans have neither m
/// nor eps, so that they are equal wherever rounding cannot change them. Infinities and NaN are good where b or one of the
/// draws is the same. Where b is finite and a draw is not, as beside a pole, the element is not determined and may be anything.
///
/// So the bound is as narrow as each element is well determined. An element that is wrong is found in an array of any
/// size and beside elements of any size, and what cancels, or jumps at a threshold that rounding decides about, is not called
/// wrong. Where an element is out of bounds, up to 32 further draws decide before it counts as wrong, since the two that
/// are made for all may both have missed a jump. Of these, every other one has errors that are 16 times as large, and their distances
/// from b are bounds as they are: 16 r is too narrow where an error of a result grows with the square of those on the way.
public struct ExpectedResults {
  /// How a result compares with what was expected of it.
  public struct Comparison: Sendable {
    /// Of the output or variable.
    public let name: String
    /// Whether it is a variable's new value instead of an output.
    public let isUpdate: Bool
    /// The largest |v - b| in units of its bound: above 1 is wrong. Infinite where dtypes or shapes differ.
    public let error: Double
    /// How many elements are wrong.
    public let wrongCount: Int
    /// The element with the largest error, if there is any.
    public let worst: Element?

    /// Whether no element is wrong.
    public var isGood: Bool { wrongCount == 0 && error <= 1 }
  }

  /// One element of a result.
  public struct Element: Sendable {
    /// Its row-major position.
    public let index: Int
    /// The value v that was found.
    public let found: Double
    /// The value b of the evaluation in float64.
    public let expected: Double
    /// The largest distance of v from b that is good.
    public let bound: Double
  }

  private let program: Program
  private let feeds: [String: HostArray]
  private let state: [String: HostArray]
  private let random: RandomState
  private let exact: ReferenceEvaluator.Result
  private var draws: [ReferenceEvaluator.Result] = []

  private static let firstDraws = 2
  private static let allDraws = 34

  /// Evaluates a program; the parameters are those of ``ReferenceEvaluator``.
  ///
  /// - Throws: `ElbowError` as the evaluator does.
  public init(
    _ program: Program, feeding feeds: [String: HostArray] = [:], state: [String: HostArray] = [:],
    random: RandomState = RandomState(seed: 0)
  ) throws {
    (self.program, self.feeds, self.state, self.random) = (program, feeds, state, random)
    exact = try ReferenceEvaluator(program, arithmetic: .wide).run(feeding: feeds, state: state, random: random)
    try draw(ExpectedResults.firstDraws)
  }

  private mutating func draw(_ count: Int) throws {
    for _ in 0..<count {
      let rounding = RandomRounding(
        seed: UInt64(draws.count + 1), magnification: isMagnified(draws.count) ? ElementBounds.factor : 1)
      draws.append(
        try ReferenceEvaluator(program, arithmetic: .rounded(rounding)).run(
          feeding: feeds, state: state, random: random))
    }
  }

  private func isMagnified(_ draw: Int) -> Bool { draw >= ExpectedResults.firstDraws && draw % 2 == 1 }

  /// Compares the outputs and the new values of variables that a run of the program gave, each in its declared dtype. One
  /// that is missing is wrong.
  ///
  /// - Throws: `ElbowError` as the evaluator does.
  public mutating func compare(_ found: ReferenceEvaluator.Result) throws -> [Comparison] {
    var comparisons = compareOnce(found)
    while !comparisons.allSatisfy(\.isGood), draws.count < ExpectedResults.allDraws,
      comparisons.contains(where: { $0.worst != nil })
    {
      try draw(min(draws.count, ExpectedResults.allDraws - draws.count))
      comparisons = compareOnce(found)
    }
    return comparisons
  }

  private func compareOnce(_ found: ReferenceEvaluator.Result) -> [Comparison] {
    let outputs = program.outputs.filter { $0.check == nil }.map { output in
      compare(output.name, program.type(output.node).dtype, isUpdate: false, found.outputs) { $0.outputs }
    }
    let updates = program.updates.map { update in
      compare(program.variables[update.variable].name, program.type(update.node).dtype, isUpdate: true, found.updates) {
        $0.updates
      }
    }
    return outputs + updates.sorted { $0.name < $1.name }
  }

  private func compare(
    _ name: String, _ dtype: DType, isUpdate: Bool, _ found: [String: HostArray],
    _ values: (ReferenceEvaluator.Result) -> [String: HostArray]
  ) -> Comparison {
    guard let value = found[name], let base = values(exact)[name], value.dtype == dtype, value.shape == base.shape
    else { return Comparison(name: name, isUpdate: isUpdate, error: .infinity, wrongCount: 1, worst: nil) }
    func drawn(_ isMagnified: Bool) -> [[Double]] {
      draws.indices.filter { self.isMagnified($0) == isMagnified }.compactMap { values(draws[$0])[name]?.doubles }
    }
    let bounds = ElementBounds(base.doubles, drawn(false), magnified: drawn(true), dtype)
    var (worst, worstError, wrongCount) = (Element?.none, -1.0, 0)
    for (index, number) in value.doubles.enumerated() {
      let bound = bounds.bound(index)
      let error = bounds.error(of: number, at: index, bound)
      if error > 1 { wrongCount += 1 }
      if error > worstError {
        worstError = error
        worst = Element(index: index, found: number, expected: bounds.base[index], bound: bound)
      }
    }
    return Comparison(
      name: name, isUpdate: isUpdate, error: max(worstError, 0), wrongCount: wrongCount, worst: worst)
  }
}

/// How far each element of an array may be from its value in float64.
private struct ElementBounds {
  static let factor = 16.0

  let base: [Double]
  let draws: [[Double]]
  private let magnified: [[Double]]
  private let dtype: DType
  private let medianSpread: Double

  init(_ base: [Double], _ draws: [[Double]], magnified: [[Double]], _ dtype: DType) {
    (self.base, self.draws, self.magnified, self.dtype) = (base, draws, magnified, dtype)
    guard dtype.isFloatingPoint else {
      medianSpread = 0
      return
    }
    let relative = base.indices.compactMap { index in
      base[index].isFinite && base[index] != 0
        ? ElementBounds.spread(base, draws, index) / base[index].magnitude : nil
    }.sorted()
    medianSpread = relative.isEmpty ? 0 : relative[relative.count / 2]
  }

  /// The largest distance of a draw from the base, or from the first finite draw where the base is not finite.
  private static func spread(_ base: [Double], _ draws: [[Double]], _ index: Int) -> Double {
    let finite = draws.lazy.map { $0[index] }.filter(\.isFinite)
    guard let center = base[index].isFinite ? base[index] : finite.first else { return 0 }
    return finite.reduce(0) { max($0, abs($1 - center)) }
  }

  func bound(_ index: Int) -> Double {
    let spread = ElementBounds.spread(base, draws, index)
    let wide = ElementBounds.spread(base, magnified, index)
    guard dtype.isFloatingPoint else { return max(ElementBounds.factor * spread, wide) }
    let size = base[index].isFinite ? base[index].magnitude : 0
    let (epsilon, least) =
      dtype == .float32
      ? (Double(Float.ulpOfOne), Double(Float.leastNonzeroMagnitude)) : (Double.ulpOfOne, Double.leastNonzeroMagnitude)
    return max(ElementBounds.factor * max(spread, medianSpread * size), wide) + 4 * max(epsilon * size, least)
  }

  /// The distance of a number from what is expected, in units of the bound.
  func error(of number: Double, at index: Int, _ bound: Double) -> Double {
    if base[index].isFinite, draws.contains(where: { !$0[index].isFinite }) { return 0 }
    let candidates = [base[index]] + (draws + magnified).map { $0[index] }
    guard number.isFinite else {
      return candidates.contains { $0 == number || ($0.isNaN && number.isNaN) } ? 0 : .infinity
    }
    let finite = base[index].isFinite ? [base[index]] : candidates.filter(\.isFinite)
    guard let distance = finite.map({ abs($0 - number) }).min() else { return .infinity }
    return distance == 0 ? 0 : distance / bound
  }
}
