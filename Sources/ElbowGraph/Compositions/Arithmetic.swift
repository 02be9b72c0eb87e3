import ElbowArrays

// Operators and functions on tensors: they broadcast as NumPy does and put the operands into one primitive.

/// Both operands stretched to the shape that they broadcast to.
func broadcastTogether(_ tensors: [Tensor], for name: String) -> [Tensor]? {
  guard let first = tensors.first, tensors.allSatisfy({ $0.isValid && $0.graph === first.graph }) else {
    return tensors
  }
  let graph = first.graph
  var shape = first.shape
  do throws(OperandError) {
    for tensor in tensors.dropFirst() {
      var equalities: [(Dimension, Dimension)] = []
      shape = try Shape.broadcast(shape, tensor.shape, equalities: &equalities)
      for (a, b) in equalities { graph.require(a, equals: b) }
    }
  } catch {
    let operands = tensors.map(\.type.description).joined(separator: ", ")
    _ = graph.invalid(error.kind, "'\(name)' cannot be applied to (\(operands)): \(error.message).")
    return nil
  }
  shape = Shape(shape.dimensions.map { graph.canonical($0) })
  return tensors.map { $0.broadcast(to: shape) }
}

/// An elementwise primitive on operands that broadcast.
func elementwise(_ primitive: some ElementwisePrimitive, _ tensors: Tensor...) -> Tensor {
  tensors[0].graph.located {
    guard let operands = broadcastTogether(tensors, for: Swift.type(of: primitive).name) else {
      return tensors[0].graph.invalid(nil)
    }
    return tensors[0].graph.apply(primitive, operands)
  }
}

extension Tensor {
  /// The number as a scalar of this tensor's graph and dtype.
  public func scalar(_ value: Double) -> Tensor { graph.constant(value, dtype: dtype) }

  /// The sums of elements; shapes broadcast, and integers wrap around.
  ///
  /// As with all operators on two tensors, different dtypes or shapes that do not broadcast are recorded as a mistake.
  public static func + (a: Tensor, b: Tensor) -> Tensor { elementwise(Add(), a, b) }
  /// The differences of elements; shapes broadcast, and integers wrap around.
  public static func - (a: Tensor, b: Tensor) -> Tensor { elementwise(Subtract(), a, b) }
  /// The products of elements; shapes broadcast, and integers wrap around.
  public static func * (a: Tensor, b: Tensor) -> Tensor { elementwise(Multiply(), a, b) }
  /// The quotients of elements; shapes broadcast. Integers truncate, and give 0 where `b` is 0.
  public static func / (a: Tensor, b: Tensor) -> Tensor { elementwise(Divide(), a, b) }
  /// The remainders of truncated quotients, with the sign of `a`; shapes broadcast. Integers give 0 where `b` is 0.
  public static func % (a: Tensor, b: Tensor) -> Tensor { elementwise(Remainder(), a, b) }
  /// The elements with the opposite sign.
  public static prefix func - (a: Tensor) -> Tensor { elementwise(Negate(), a) }

  /// The elements plus `b`, which is converted to their dtype.
  public static func + (a: Tensor, b: Double) -> Tensor { a.graph.located { a + a.scalar(b) } }
  /// The elements minus `b`, which is converted to their dtype.
  public static func - (a: Tensor, b: Double) -> Tensor { a.graph.located { a - a.scalar(b) } }
  /// The elements times `b`, which is converted to their dtype.
  public static func * (a: Tensor, b: Double) -> Tensor { a.graph.located { a * a.scalar(b) } }
  /// The elements divided by `b`, which is converted to their dtype.
  public static func / (a: Tensor, b: Double) -> Tensor { a.graph.located { a / a.scalar(b) } }
  /// `a` plus the elements, in the elements' dtype.
  public static func + (a: Double, b: Tensor) -> Tensor { b.graph.located { b.scalar(a) + b } }
  /// `a` minus the elements, in the elements' dtype.
  public static func - (a: Double, b: Tensor) -> Tensor { b.graph.located { b.scalar(a) - b } }
  /// `a` times the elements, in the elements' dtype.
  public static func * (a: Double, b: Tensor) -> Tensor { b.graph.located { b.scalar(a) * b } }
  /// `a` divided by the elements, in the elements' dtype.
  public static func / (a: Double, b: Tensor) -> Tensor { b.graph.located { b.scalar(a) / b } }

  /// The elements plus `b`, which is converted to their dtype.
  public static func + (a: Tensor, b: Int) -> Tensor { a.graph.located { a + Double(b) } }
  /// The elements minus `b`, which is converted to their dtype.
  public static func - (a: Tensor, b: Int) -> Tensor { a.graph.located { a - Double(b) } }
  /// The elements times `b`, which is converted to their dtype.
  public static func * (a: Tensor, b: Int) -> Tensor { a.graph.located { a * Double(b) } }
  /// The elements divided by `b`, which is converted to their dtype.
  public static func / (a: Tensor, b: Int) -> Tensor { a.graph.located { a / Double(b) } }
  /// `a` plus the elements, in the elements' dtype.
  public static func + (a: Int, b: Tensor) -> Tensor { b.graph.located { Double(a) + b } }
  /// `a` minus the elements, in the elements' dtype.
  public static func - (a: Int, b: Tensor) -> Tensor { b.graph.located { Double(a) - b } }
  /// `a` times the elements, in the elements' dtype.
  public static func * (a: Int, b: Tensor) -> Tensor { b.graph.located { Double(a) * b } }
  /// `a` divided by the elements, in the elements' dtype.
  public static func / (a: Int, b: Tensor) -> Tensor { b.graph.located { Double(a) / b } }

  // Comparisons give bool tensors. `.==` has a dot because `==` asks whether two handles are the same node.
  /// Whether each element of `a` is smaller than that of `b`, a bool tensor; false for NaN. Shapes broadcast.
  public static func < (a: Tensor, b: Tensor) -> Tensor { elementwise(Compare(.less), a, b) }
  /// Whether each element of `a` is at most that of `b`, a bool tensor; false for NaN. Shapes broadcast.
  public static func <= (a: Tensor, b: Tensor) -> Tensor { elementwise(Compare(.lessOrEqual), a, b) }
  /// Whether each element of `a` is larger than that of `b`, a bool tensor; false for NaN. Shapes broadcast.
  public static func > (a: Tensor, b: Tensor) -> Tensor { elementwise(Compare(.less), b, a) }
  /// Whether each element of `a` is at least that of `b`, a bool tensor; false for NaN. Shapes broadcast.
  public static func >= (a: Tensor, b: Tensor) -> Tensor { elementwise(Compare(.lessOrEqual), b, a) }
  /// Whether each element of `a` is equal to that of `b`, a bool tensor; false for NaN. Shapes broadcast.
  public static func .== (a: Tensor, b: Tensor) -> Tensor { elementwise(Compare(.equal), a, b) }
  /// Whether each element of `a` is unequal to that of `b`, a bool tensor; true for NaN. Shapes broadcast.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor { elementwise(Compare(.notEqual), a, b) }
  /// Whether each element is smaller than `b` in the elements' dtype, a bool tensor; false for NaN.
  public static func < (a: Tensor, b: Double) -> Tensor { a.graph.located { a < a.scalar(b) } }
  /// Whether each element is at most `b` in the elements' dtype, a bool tensor; false for NaN.
  public static func <= (a: Tensor, b: Double) -> Tensor { a.graph.located { a <= a.scalar(b) } }
  /// Whether each element is larger than `b` in the elements' dtype, a bool tensor; false for NaN.
  public static func > (a: Tensor, b: Double) -> Tensor { a.graph.located { a > a.scalar(b) } }
  /// Whether each element is at least `b` in the elements' dtype, a bool tensor; false for NaN.
  public static func >= (a: Tensor, b: Double) -> Tensor { a.graph.located { a >= a.scalar(b) } }
  /// Whether each element is equal to `b` in the elements' dtype, a bool tensor; false for NaN.
  public static func .== (a: Tensor, b: Double) -> Tensor { a.graph.located { a .== a.scalar(b) } }
  /// Whether each element is unequal to `b` in the elements' dtype, a bool tensor; true for NaN.
  public static func .!= (a: Tensor, b: Double) -> Tensor { a.graph.located { a .!= a.scalar(b) } }

  /// Where both are true; of integers, the bits that are set in both. Shapes broadcast.
  public static func .& (a: Tensor, b: Tensor) -> Tensor { elementwise(Bitwise(.and), a, b) }
  /// Where either is true; of integers, the bits that are set in either. Shapes broadcast.
  public static func .| (a: Tensor, b: Tensor) -> Tensor { elementwise(Bitwise(.or), a, b) }
  /// Where exactly one is true; of integers, the bits that are set in exactly one. Shapes broadcast.
  public static func .^ (a: Tensor, b: Tensor) -> Tensor { elementwise(Bitwise(.exclusiveOr), a, b) }
  /// Where a bool tensor is false.
  public static prefix func .! (a: Tensor) -> Tensor { elementwise(LogicalNot(), a) }

  /// The elements converted to a dtype, as ``Cast`` has it.
  public func cast(to dtype: DType) -> Tensor {
    dtype == self.dtype ? self : elementwise(Cast(to: dtype), self)
  }
  /// Zeros of this tensor's shape and dtype.
  public func zerosLike() -> Tensor { graph.located { graph.constant(0, dtype: dtype).broadcast(to: shape) } }
  /// Ones of this tensor's shape and dtype.
  public func onesLike() -> Tensor { graph.located { graph.constant(1, dtype: dtype).broadcast(to: shape) } }
}

prefix operator .!

/// e to the power of every element.
public func exp(_ x: Tensor) -> Tensor { elementwise(Exp(), x) }
/// exp(x) - 1, exact near zero.
public func expm1(_ x: Tensor) -> Tensor { elementwise(Expm1(), x) }
/// The natural logarithm.
public func log(_ x: Tensor) -> Tensor { elementwise(Log(), x) }
/// log(1 + x), exact near zero.
public func log1p(_ x: Tensor) -> Tensor { elementwise(Log1p(), x) }
/// The square root.
public func sqrt(_ x: Tensor) -> Tensor { elementwise(SquareRoot(), x) }
/// The sine.
public func sin(_ x: Tensor) -> Tensor { elementwise(Sin(), x) }
/// The cosine.
public func cos(_ x: Tensor) -> Tensor { elementwise(Cos(), x) }
/// The tangent.
public func tan(_ x: Tensor) -> Tensor { elementwise(Tan(), x) }
/// The arc tangent.
public func atan(_ x: Tensor) -> Tensor { elementwise(Atan(), x) }
/// The hyperbolic tangent.
public func tanh(_ x: Tensor) -> Tensor { elementwise(Tanh(), x) }
/// The error function.
public func erf(_ x: Tensor) -> Tensor { elementwise(Erf(), x) }
/// The complement of the error function.
public func erfc(_ x: Tensor) -> Tensor { elementwise(Erfc(), x) }
/// The absolute value.
public func abs(_ x: Tensor) -> Tensor { elementwise(Absolute(), x) }
/// -1, 0 or 1.
public func sign(_ x: Tensor) -> Tensor { elementwise(Sign(), x) }
/// The largest integer that is not larger.
public func floor(_ x: Tensor) -> Tensor { elementwise(Floor(), x) }
/// The smallest integer that is not smaller.
public func ceil(_ x: Tensor) -> Tensor { elementwise(Ceil(), x) }
/// The nearest integer, halves to the even one.
public func round(_ x: Tensor) -> Tensor { elementwise(Round(), x) }
/// x to the power of y.
public func pow(_ x: Tensor, _ y: Tensor) -> Tensor { elementwise(Power(), x, y) }
/// The elements of `x` to the power of a number, which is converted to their dtype.
public func pow(_ x: Tensor, _ y: Double) -> Tensor { x.graph.located { pow(x, x.scalar(y)) } }
/// The larger of two elements.
public func maximum(_ x: Tensor, _ y: Tensor) -> Tensor { elementwise(Maximum(), x, y) }
/// The larger of each element and a number, which is converted to the elements' dtype; NaN where the element is.
public func maximum(_ x: Tensor, _ y: Double) -> Tensor { x.graph.located { maximum(x, x.scalar(y)) } }
/// The smaller of two elements.
public func minimum(_ x: Tensor, _ y: Tensor) -> Tensor { elementwise(Minimum(), x, y) }
/// The smaller of each element and a number, which is converted to the elements' dtype; NaN where the element is.
public func minimum(_ x: Tensor, _ y: Double) -> Tensor { x.graph.located { minimum(x, x.scalar(y)) } }
/// `condition ? a : b`, element by element.
public func select(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor { elementwise(Select(), condition, a, b) }
/// The same value, through which no gradient flows.
public func stopGradient(_ x: Tensor) -> Tensor { elementwise(StopGradient(), x) }
