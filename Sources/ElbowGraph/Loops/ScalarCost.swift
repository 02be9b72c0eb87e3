/// The time that a scalar operation takes, and how: what grouping, emission and analysis go by.
public struct ScalarCost: Sendable, Hashable {
  /// Floating-point operations, as analyses count them: one for an instruction, twenty for about what the polynomials of
  /// `elbow_math.h` take.
  public var operations: Double
  /// The price of computing a value again instead of keeping it; an addition is 1.
  public var recomputation: Double
  /// Whether it is one long chain of steps, short enough that the processor can look from one call into the next.
  public var isChain: Bool

  /// The cost of an operation.
  ///
  /// - Parameters:
  ///   - operations: Floating-point operations, as analyses count them.
  ///   - recomputation: The price of computing the value again; an addition is 1.
  ///   - isChain: Whether it is one long chain of steps, short enough to overlap with the next call.
  public init(operations: Double, recomputation: Double, isChain: Bool = false) {
    (self.operations, self.recomputation, self.isChain) = (operations, recomputation, isChain)
  }

  /// An addition, a multiplication, a comparison, a rounding to whole numbers.
  public static let instruction = ScalarCost(operations: 1, recomputation: 1)
  /// A division or a square root.
  public static let division = ScalarCost(operations: 1, recomputation: 4)
  /// A function that is one chain of steps.
  public static let chain = ScalarCost(operations: 20, recomputation: 10, isChain: true)
  /// Another function of one number.
  public static let function = ScalarCost(operations: 20, recomputation: 10)
  /// A word of random bits.
  public static let random = ScalarCost(operations: 20, recomputation: 20, isChain: true)
  /// A power or a remainder.
  public static let power = ScalarCost(operations: 40, recomputation: 20)
  /// A function that is computed by series or iterations.
  public static let series = ScalarCost(operations: 20, recomputation: 100)
}

/// A function of the vector library.
public struct ScalarFunction: Sendable, Hashable {
  /// Its name there: `exp`, `log1p`.
  public var name: String
  /// The time that a call takes.
  public var cost: ScalarCost

  /// The function of that name in the vector library, with the time that a call takes.
  public init(_ name: String, _ cost: ScalarCost) { (self.name, self.cost) = (name, cost) }
}
