import ElbowArrays
import ElbowGraph

/// A differentiable map that has an inverse, with the change of volume that it brings about.
///
///     log p(y) = log p(x) + log |det dx/dy|,  y = forward(x)
///
/// A map of single numbers, such as `Exp`, has `forwardMinEventNDims` 0: it applies to each element of any tensor. One
/// of vectors has 1, of matrices 2; the axes before those are batch axes. Log determinants are asked for with the
/// number of event axes, `eventNDims`, at least the minimum: what lies between is summed up.
///
/// Tensors once mapped are remembered: `inverse(forward(x))` is x, the very tensor, and the log determinants at x and
/// at `forward(x)` are computed once, on the side that came first. This holds for one bijector and its copies, not for
/// another one that was made of the same parameters.
///
/// A conforming type writes the formulas that it has, in plain operations; the public methods check and broadcast. One
/// of the two log determinants is enough.
public protocol Bijector: Parameterized, CustomStringConvertible, SendableMetatype {
  /// Names, numbers of axes, parameters, and what was computed before.
  var traits: BijectorTraits { get }
  /// The bijectors that this one is made of.
  var parts: [any Bijector] { get }

  /// y of x.
  func forwardFormula(_ x: Tensor) -> Tensor?
  /// x of y.
  func inverseFormula(_ y: Tensor) -> Tensor?
  /// log |det dy/dx| of each event of `forwardMinEventNDims` axes. It need not have the batch axes that it does not
  /// depend on.
  func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor?
  /// log |det dx/dy| of each event of `inverseMinEventNDims` axes.
  func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor?
  /// The shape that an event of `forwardMinEventNDims` axes gets.
  func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape
  /// The shape of what an event of `inverseMinEventNDims` axes comes from.
  func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape
  /// For maps of single numbers: a tensor, of x's dtype, of the sign that the map's slope has everywhere. Nil if the
  /// sign varies or is not known.
  func slopeFormula(like x: Tensor) -> Tensor?
  /// For maps of single numbers: where y is in the map's range. Nil if it is everywhere.
  func rangeFormula(_ y: Tensor) -> Tensor?
}

extension Bijector {
  public var parts: [any Bijector] { [] }
  public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { nil }
  public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { nil }
  public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape { shape }
  public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape { shape }
  public func slopeFormula(like x: Tensor) -> Tensor? { nil }
  public func rangeFormula(_ y: Tensor) -> Tensor? { nil }
}

// MARK: What users call

extension Bijector {
  /// The variables that it depends on and that training changes, in the order of declaration, as far as it has them as
  /// parameters or properties: those of a function that it is given are unknown to it.
  public var parameters: [Tensor] {
    let given = traits.parameters.compactMap(\.givenTensor).flatMap {
      $0.graph.variables(role: .parameter, neededBy: $0)
    }
    var parts: [Tensor] = []
    forEachProperty(of: self) { value in
      guard let part = value as? any Parameterized else { return false }
      parts += part.parameters
      return true
    }
    return Graph.parameters(among: given + parts)
  }

  /// The distribution of the map's values: `Bijectors.Exp()(normal)`.
  public func callAsFunction(_ distribution: some Distribution) -> TransformedDistribution {
    TransformedDistribution(distribution, bijector: self)
  }
  /// The map after another one: `f(g)` is `Bijectors.Chain([f, g])`.
  public func callAsFunction(_ inner: some Bijector) -> Bijectors.Chain { Bijectors.Chain([self, inner]) }
  /// y of x: ``forward(_:)``.
  public func callAsFunction(_ x: Tensor) -> Tensor { forward(x) }

  /// The name given when it was made; its type's if none was.
  public var name: String { traits.name }
  /// How many of the last axes of x one event has at least.
  public var forwardMinEventNDims: Int { traits.minEventNDims(.forward) }
  /// How many of the last axes of y one event has at least.
  public var inverseMinEventNDims: Int { traits.minEventNDims(.inverse) }
  /// Whether the log determinants are the same everywhere.
  public var isConstantJacobian: Bool { traits.isConstantJacobian }
  /// The dtype of the parameters that are tensors; nil if there are none, and any floating-point dtype will do.
  public var dtype: DType? { traits.dtype }

  /// y of x; the batch axes of x broadcast with those of the parameters.
  public func forward(_ x: some TensorConvertible) -> Tensor { map(x.tensor, .forward) }
  /// x of y.
  public func inverse(_ y: some TensorConvertible) -> Tensor { map(y.tensor, .inverse) }

  /// log |det dy/dx| of each event of `eventNDims` axes of x, of the shape of the batch axes.
  ///
  /// - Parameter eventNDims: At least ``forwardMinEventNDims``, which is taken if it is nil.
  public func forwardLogDetJacobian(_ x: some TensorConvertible, eventNDims: Int? = nil) -> Tensor {
    logDetJacobian(x.tensor, .forward, eventNDims)
  }

  /// log |det dx/dy| of each event of `eventNDims` axes of y, of the shape of the batch axes.
  ///
  /// - Parameter eventNDims: At least ``inverseMinEventNDims``, which is taken if it is nil.
  public func inverseLogDetJacobian(_ y: some TensorConvertible, eventNDims: Int? = nil) -> Tensor {
    logDetJacobian(y.tensor, .inverse, eventNDims)
  }

  /// The shape of the image of an event.
  ///
  /// - Throws: `ElbowError` if there are no events of that shape.
  public func forwardEventShape(_ shape: Shape) throws(ElbowError) -> Shape { try eventShape(shape, .forward) }

  /// The shape of the event whose image has the shape given.
  ///
  /// - Throws: `ElbowError` if there are no events of that shape.
  public func inverseEventShape(_ shape: Shape) throws(ElbowError) -> Shape { try eventShape(shape, .inverse) }

  /// Whether another bijector is known to be the same map: a copy, or one of a type that has a single map.
  func isSameMap(as other: any Bijector) -> Bool {
    traits === other.traits || (traits.isOnlyMapOfType && type(of: other) == Self.self)
  }

  /// `Exp("Exp", forwardMinEventNDims: 0, inverseMinEventNDims: 0)`.
  public var description: String {
    "\(traits.typeName)(\"\(name)\", forwardMinEventNDims: \(forwardMinEventNDims), "
      + "inverseMinEventNDims: \(inverseMinEventNDims))"
  }
}
