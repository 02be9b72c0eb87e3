import ElbowArrays

/// An operation that the compiler knows by heart; everything else is composed from these.
///
/// One file holds all that defines a primitive: what it computes, its shape rule, its gradient, its reference evaluation,
/// how it lowers to loops, and sample operands for the tests that every primitive shares. `PrimitiveRegistry` lists them.
public protocol Primitive: Sendable, Hashable {
  /// The name in listings and graph files.
  static var name: String { get }

  /// Everything besides the operands that the result depends on, for listings and files.
  var attributes: Attributes { get }

  /// Makes the primitive from what a graph file says.
  ///
  /// - Throws: `ElbowError` when an attribute is missing, of the wrong kind or out of range.
  init(attributes: Attributes) throws

  /// The result's type, or why the operands do not fit.
  func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType

  /// The gradient of a scalar by each operand, given its gradient by the result; nil where the result does not depend
  /// smoothly on the operand.
  ///
  /// - Throws: `OperandError` of kind `gradient` where a gradient ought to exist but none is defined.
  func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?]

  /// The result, computed slowly and obviously.
  func evaluate(_ context: EvaluationContext) throws -> HostArray

  /// Where compiled code loses accuracy that an evaluation in float64 keeps, besides in rounding the result.
  func roundingErrors(_ context: EvaluationContext) -> RoundingErrors

  /// The primitive with symbols replaced in what it depends on besides its operands; nil if that changes nothing.
  func substituting(_ replacements: [String: Dimension]) -> Self?

  /// Operands on which tests try the primitive, by attributes.
  static var samples: [PrimitiveSample] { get }
}

extension Primitive {
  public var attributes: Attributes { [:] }
  public func roundingErrors(_ context: EvaluationContext) -> RoundingErrors { .result }
  public static var samples: [PrimitiveSample] { [] }
}

/// A primitive without attributes.
public protocol PlainPrimitive: Primitive {
  /// The primitive: without attributes there is only one of its type.
  init()
}

extension PlainPrimitive {
  public init(attributes: Attributes) throws { self.init() }
}

/// The context of a gradient rule: all that it may use.
public struct GradientContext {
  /// The operands.
  public let inputs: [Tensor]
  /// The primitive's result.
  public let output: Tensor
  /// The gradient by the result, of its shape.
  public let upstream: Tensor
  /// Carries gradients back through other operations of the graph, for primitives that hold some.
  public let pullBack: PullBack

  /// Given tensors with the gradients by them, the gradients by others, which count as independent of each other; nil where
  /// there is none.
  public typealias PullBack = (_ from: [(tensor: Tensor, gradient: Tensor)], _ to: [Tensor]) -> [Tensor?]

  /// The context of one use of a primitive.
  ///
  /// - Parameters:
  ///   - inputs: The operands.
  ///   - output: The primitive's result.
  ///   - upstream: The gradient by the result, of its shape.
  ///   - pullBack: The way back through other operations of the graph; unless given, there are no gradients there.
  public init(
    inputs: [Tensor], output: Tensor, upstream: Tensor, pullBack: @escaping PullBack = { $1.map { _ in nil } }
  ) {
    self.inputs = inputs
    self.output = output
    self.upstream = upstream
    self.pullBack = pullBack
  }
}

/// The context of a reference evaluation: all that it may use.
public struct EvaluationContext {
  /// The operands' values.
  public let inputs: [HostArray]
  /// The result's dtype.
  public let dtype: DType
  /// The result's extents.
  public let shape: [Int]
  /// The values of the symbols.
  public let bindings: [String: Int]
  /// The seed and the counter of everything random in this run.
  public let random: RandomState
  /// How programs that the primitive holds are evaluated.
  public let arithmetic: ReferenceArithmetic

  /// The context of one evaluation of a primitive.
  ///
  /// - Parameters:
  ///   - inputs: The operands' values.
  ///   - dtype: The result's dtype.
  ///   - shape: The result's extents.
  ///   - bindings: The values of the symbols, by name.
  ///   - random: The seed and the counter of everything random in this run.
  ///   - arithmetic: How programs that the primitive holds are evaluated.
  public init(
    inputs: [HostArray], dtype: DType, shape: [Int], bindings: [String: Int], random: RandomState,
    arithmetic: ReferenceArithmetic = .declared
  ) {
    self.inputs = inputs
    self.dtype = dtype
    self.shape = shape
    self.bindings = bindings
    self.random = random
    self.arithmetic = arithmetic
  }
}

/// The source of a run's random numbers: the same state gives the same numbers, whoever computes them.
public struct RandomState: Sendable, Hashable, Codable {
  /// Chosen by the user.
  public var seed: UInt64
  /// Advances by one with every run that draws.
  public var counter: UInt64

  /// The source of one run: the user's seed, and the number of drawing runs before it.
  public init(seed: UInt64, counter: UInt64 = 0) {
    self.seed = seed
    self.counter = counter
  }
}

/// One use of a primitive that tests evaluate, differentiate and compile.
public struct PrimitiveSample: Sendable {
  /// The primitive, with its attributes.
  public var primitive: any Primitive
  /// The types of its operands, of which the values are random.
  public var operands: [TensorType]
  /// Where random operand values are drawn from.
  public var range: ClosedRange<Double>
  /// Whether a finite difference is meaningful on this range.
  public var isDifferentiable: Bool
  /// The preparation of the first operand that the primitive needs.
  public var preparation: Preparation

  /// A change of random operands before use.
  public enum Preparation: Sendable {
    /// No change.
    case none
    /// The first operand x becomes x x^T + n I.
    case positiveDefinite
  }

  /// One use of a primitive.
  ///
  /// - Parameters:
  ///   - primitive: The primitive, with its attributes.
  ///   - operands: The types of its operands.
  ///   - range: Where random operand values are drawn from.
  ///   - isDifferentiable: Whether a finite difference is meaningful on this range.
  ///   - preparation: A change of the first operand before use.
  public init(
    _ primitive: any Primitive, _ operands: [TensorType], range: ClosedRange<Double> = -2...2,
    isDifferentiable: Bool = true, preparation: Preparation = .none
  ) {
    self.primitive = primitive
    self.operands = operands
    self.range = range
    self.isDifferentiable = isDifferentiable
    self.preparation = preparation
  }
}

/// A stand-in where an operation did not fit; it never reaches a compiler.
struct Invalid: PlainPrimitive {
  static let name = "invalid"
  func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    throw OperandError(.internal, "an invalid tensor has no type")
  }
  func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] { [] }
  func evaluate(_ context: EvaluationContext) throws -> HostArray {
    throw ElbowError(.internal, "An invalid tensor was evaluated.")
  }
}
