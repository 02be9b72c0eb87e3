import ElbowArrays

/// Rounding errors drawn at random: a run of the reference evaluator with them is one of the runs that correct compiled code
/// could have made, and how far such runs differ says how much of a result is due to rounding. This is Monte Carlo
/// arithmetic (Parker 1997), with random rounding as in CESTAC (Vignes 1974).
///
/// Operations are computed in float64. Then
/// - every result that the declared dtype cannot hold is rounded up or down, by chance. What it can hold stays: sums and
///   products of small integers, views and choices are exact, as they are in compiled code, and comparisons of them
///   do not waver;
/// - sums of n terms (``RoundingErrors/sum(terms:isInOrder:)``) are off by up to `u max(1, sqrt(n) / 4) (|x1| + ... + |xn|)` before,
///   because partial sums are rounded, too: in sixteen lanes or in any other order. u is half a unit in the last place of 1.
///   Equal terms may all be rounded the same way, so that the errors of n of them add up: sums are off by n / 16 times u, up or down,
///   where n counts the terms whose operands occur again and again, or all terms where each is added to the one before. Sums of integers that are exact in every order stay;
/// - functions (``RoundingErrors/operands``) take operands of which half are smaller by up to u of themselves, as an
///   implementation may that is accurate for an operand next to the one given. The others stay, for what most implementations give
///   at a pole: the logarithm of 1 + tanh(-20) is -infinity in one run, and a number in another.
///
/// Errors can be magnified, for what grows with more than the first power of them, such as the square of a difference that ought to
/// be 0. Then numbers that are nearly equal are equal by chance, too, which no rounding at random would make them.
///
/// float64 is treated as if it had 45 bits, 8 fewer than it has: the errors of declared float64 appear larger than they are.
/// The numbers drawn depend on the seed and the operation alone.
public struct RandomRounding: Sendable {
  private let seed: UInt64
  private let magnification: Double

  /// - Parameters:
  ///   - seed: The seed that errors are drawn from.
  ///   - magnification: How many times as large as those of compiled code errors are; at least 1.
  public init(seed: UInt64, magnification: Double = 1) {
    self.seed = RandomRounding.mixed(seed)
    self.magnification = magnification
  }

  func within(_ part: Int) -> RandomRounding {
    RandomRounding(seed: seed ^ UInt64(truncatingIfNeeded: part), magnification: magnification)
  }

  func evaluate(_ primitive: any Primitive, _ context: EvaluationContext, declared: DType) throws -> HostArray {
    guard declared.isFloatingPoint else {
      return try primitive.evaluate(magnification > 1 ? meeting(context) : context)
    }
    let unit = magnification * (declared == .float32 ? 0x1p-24 : 0x1p-45)
    var values: [Double]
    switch primitive.roundingErrors(context) {
    case .result: values = try primitive.evaluate(context).doubles
    case .operands: values = try primitive.evaluate(context.mappingOperands(smaller(by: unit))).doubles
    case .sum(let terms, let isInOrder):
      values = try primitive.evaluate(context).doubles
      let sizes = try primitive.evaluate(context.mappingOperands { _, values in values.map(\.magnitude) }).doubles
      if !isExact(context.inputs, sizes, unit) {
        let spread = unit * max(1, Double(terms).squareRoot() / 4)
        let drift = unit * Double(terms) / 16 * (isInOrder ? 1 : repeatedPart(of: context.inputs))
        for index in values.indices where sizes[index].isFinite {
          let error = number(index) * spread
          values[index] += (error < 0 ? min(error, -drift) : max(error, drift)) * sizes[index]
        }
      }
    }
    let round = declared == .float32 ? roundedToFloat : roundedTo45Bits
    let rounded = values.indices.map { index in
      let value = round(values[index], bits(~index) & 1 == 0)
      guard magnification > 1, value != values[index], value.isFinite else { return value }
      return round(value + 2 * unit * number(~index) * abs(value), true)
    }
    return try HostArray(rounded, shape: context.shape)
  }

  /// Whether sums of integers are exact in any order.
  private func isExact(_ operands: [HostArray], _ sizes: [Double], _ unit: Double) -> Bool {
    sizes.allSatisfy { $0 * unit < 1 }
      && operands.allSatisfy { !$0.dtype.isFloatingPoint || $0.doubles.allSatisfy { $0 == $0.rounded() } }
  }

  /// The part of the terms that are equal to many others, and so are rounded the same way again and again.
  private func repeatedPart(of operands: [HostArray]) -> Double {
    let parts = operands.map { operand in
      guard operand.dtype.isFloatingPoint, operand.count > 0 else { return 0.0 }
      let counts = operand.doubles.reduce(into: [:]) { $0[$1, default: 0] += 1 }
      return Double(counts.values.filter { $0 >= 8 }.reduce(0, +)) / Double(operand.count)
    }
    return parts.min() ?? 0
  }

  /// The operands of a comparison, where of two numbers that differ by less than a thousandth of themselves one takes the other's place by
  /// chance.
  private func meeting(_ context: EvaluationContext) throws -> EvaluationContext {
    guard context.inputs.count == 2, context.inputs[0].count == context.inputs[1].count else { return context }
    let others = context.inputs[0].doubles
    return try context.mappingOperands { operand, values in
      guard operand == 1 else { return values }
      return values.indices.map { index in
        let (value, other) = (values[index], others[index])
        let isNear = abs(value - other) < 0x1p-10 * max(abs(value), abs(other))
        return isNear && bits(index) & 1 == 0 ? other : value
      }
    }
  }

  private func smaller(by unit: Double) -> (_ operand: Int, _ values: [Double]) -> [Double] {
    { operand, values in
      let random = within(operand)
      return values.indices.map { values[$0] * (1 - unit * max(0, random.number($0))) }
    }
  }

  /// A random number from -1 to 1.
  private func number(_ index: Int) -> Double { Double(Int64(bitPattern: bits(index))) * 0x1p-63 }
  private func bits(_ index: Int) -> UInt64 { RandomRounding.mixed(seed ^ UInt64(truncatingIfNeeded: index)) }

  /// The finalizer of SplitMix64 (Steele, Lea, Flood 2014), of the next of its states.
  private static func mixed(_ state: UInt64) -> UInt64 {
    var z = (state &* 0x9E37_79B9_7F4A_7C15) &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

private func roundedToFloat(_ value: Double, _ isUp: Bool) -> Double {
  let float = Float(value)
  guard float.isFinite, Double(float) != value else { return Double(float) }
  let below = Double(float) > value ? float.nextDown : float
  return Double(isUp ? below.nextUp : below)
}

private func roundedTo45Bits(_ value: Double, _ isUp: Bool) -> Double {
  let towardsZero = value.bitPattern & ~0xFF
  guard value.isFinite, towardsZero != value.bitPattern else { return value }
  return Double(bitPattern: isUp ? towardsZero + 0x100 : towardsZero)
}

extension EvaluationContext {
  /// The same with other floating-point operands.
  fileprivate func mappingOperands(_ change: (_ operand: Int, _ values: [Double]) -> [Double]) throws
    -> EvaluationContext
  {
    let changed = try inputs.enumerated().map { index, operand in
      operand.dtype.isFloatingPoint ? try HostArray(change(index, operand.doubles), shape: operand.shape) : operand
    }
    return EvaluationContext(
      inputs: changed, dtype: dtype, shape: shape, bindings: bindings, random: random, arithmetic: arithmetic)
  }
}

/// Where compiled code loses accuracy in an operation, besides in rounding its result.
public enum RoundingErrors: Sendable {
  /// Nowhere else.
  case result
  /// It adds up so many terms, in lanes or one to the other, and rounds on the way.
  case sum(terms: Int, isInOrder: Bool = false)
  /// It is as accurate as for operands that are off by a rounding.
  case operands
}
