import ElbowArrays
import ElbowGraph

/// The values that a run of a program should give, by the reference evaluator.
enum Expectation {
  /// These values, to the bit; zeros of either sign are equal.
  case exact(ReferenceEvaluator.Result)
  /// Values within bounds that come from the program's own sensitivity to rounding.
  case smooth(ExpectedResults)
  /// Nothing that can be told: numbers were not exact.
  case none

  /// - Parameter program: Without symbols.
  init(
    _ program: Program, mode: FuzzMode, feeds: [String: HostArray], state: [String: HostArray], random: RandomState
  ) throws {
    switch mode {
    case .smooth:
      self = .smooth(try ExpectedResults(program, feeding: feeds, state: state, random: random))
    case .exact:
      var isExact = true
      let inputs = try program.bind(feeds).values
      let evaluation = NodeEvaluation(program: program, feeds: inputs, state: state, random: random)
      let result = try evaluation.run { index, operands, value in
        if isExact { isExact = try Exactness.holds(program.nodes[index], operands, value) }
      }
      self = isExact ? .exact(result) : .none
    }
  }

  /// The first difference of what was found, in words; nil if there is none.
  func difference(_ found: ReferenceEvaluator.Result) throws -> (name: String, words: String)? {
    switch self {
    case .none: return nil
    case .exact(let expected):
      for (values, others) in [(expected.outputs, found.outputs), (expected.updates, found.updates)] {
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
          guard let other = others[name] else { return (name, "is missing") }
          if let words = Expectation.difference(other, value) { return (name, words) }
        }
      }
      return nil
    case .smooth(var expected):
      guard let wrong = try expected.compare(found).first(where: { !$0.isGood }) else { return nil }
      guard let worst = wrong.worst, let value = found.outputs[wrong.name] ?? found.updates[wrong.name] else {
        return (wrong.name, "is missing, or of another type")
      }
      return (
        wrong.name,
        Expectation.words(wrong.wrongCount, value, worst.index, worst.found, worst.expected)
          + " within \(worst.bound)"
      )
    }
  }

  private static func difference(_ found: HostArray, _ expected: HostArray) -> String? {
    guard found.dtype == expected.dtype, found.shape == expected.shape else {
      return "is \(found.dtype)\(found.shape), not \(expected.dtype)\(expected.shape)"
    }
    if found.bytes == expected.bytes { return nil }
    let (a, b) = (found.doubles, expected.doubles)
    let wrong = a.indices.filter { a[$0] != b[$0] && !(a[$0].isNaN && b[$0].isNaN) }
    return wrong.first.map { words(wrong.count, found, $0, a[$0], b[$0]) }
  }

  private static func words(_ count: Int, _ array: HostArray, _ index: Int, _ found: Double, _ expected: Double)
    -> String
  {
    let place = array.shape.isEmpty ? "it" : "element \(position(index, array.shape))"
    return "has \(count) of \(array.count) elements wrong, \(array.dtype)\(array.shape): \(place) is \(found), "
      + "not \(expected)"
  }

  private static func position(_ flat: Int, _ shape: [Int]) -> [Int] {
    var (rest, result) = (flat, [Int](repeating: 0, count: shape.count))
    for axis in shape.indices.reversed() where shape[axis] > 0 {
      result[axis] = rest % shape[axis]
      rest /= shape[axis]
    }
    return result
  }

  /// Where two arrays differ in a bit, in words; nil if nowhere.
  static func bitDifference(_ a: HostArray, _ b: HostArray) -> String? {
    guard a.shape == b.shape, a.dtype == b.dtype else { return "another type" }
    let width = a.dtype.byteCount
    let different = (0..<a.count).filter { index in
      a.bytes[index * width..<(index + 1) * width] != b.bytes[index * width..<(index + 1) * width]
    }
    guard let first = different.first else { return nil }
    return "\(different.count) of \(a.count) elements of \(a.dtype)\(a.shape) differ, first \(position(first, a.shape))"
  }
}
