/// A linear expression in loop variables: what positions in memory are made of.
public struct LinearIndex: Sendable, Hashable {
  /// Coefficients by loop.
  public private(set) var coefficients: [Int: Dimension]
  /// The part that no loop variable multiplies.
  public private(set) var constant: Dimension

  /// A constant and the sum of loop variables times coefficients, by loop; coefficients of 0 are left out.
  public init(_ constant: Dimension = 0, _ coefficients: [Int: Dimension] = [:]) {
    self.constant = constant
    self.coefficients = coefficients.filter { $0.value != 0 }
  }

  /// One loop variable.
  public init(loop: Int) { self.init(0, [loop: 1]) }

  /// The loop, if the expression is that variable and nothing else.
  public var loop: Int? {
    guard constant == 0, coefficients.count == 1, let (loop, factor) = coefficients.first, factor == 1 else {
      return nil
    }
    return loop
  }

  /// The sum of two expressions.
  public static func + (a: LinearIndex, b: LinearIndex) -> LinearIndex {
    LinearIndex(a.constant + b.constant, a.coefficients.merging(b.coefficients) { $0 + $1 })
  }
  /// The expression times an extent.
  public static func * (a: LinearIndex, factor: Dimension) -> LinearIndex {
    LinearIndex(a.constant * factor, a.coefficients.mapValues { $0 * factor })
  }

  /// The expression with loop variables replaced.
  public func substituting(_ replacements: [Int: LinearIndex]) -> LinearIndex {
    var result = LinearIndex(constant)
    for (loop, factor) in coefficients {
      result = result + (replacements[loop] ?? LinearIndex(loop: loop)) * factor
    }
    return result
  }
}

/// A primitive that computes nothing: its elements are an operand's, elsewhere.
public protocol ViewPrimitive: Primitive {
  /// The position in the operand, an index for each of its axes, of the element at `index` of the result; nil if that is
  /// not linear in the loops.
  func operandIndex(
    of index: [LinearIndex], operand: Shape, result: Shape, loops: inout any LoopSplitter
  ) -> [LinearIndex]?
}

/// The loops of a kernel, which a view may ask to be split in two: `i` in 0..<a*b becomes `i*b + j`.
public protocol LoopSplitter {
  /// Splits an index of extent `outer * inner` so that its quotient and remainder by `inner` are both linear.
  mutating func split(_ index: LinearIndex, outer: Dimension, inner: Dimension) -> (LinearIndex, LinearIndex)?
}
