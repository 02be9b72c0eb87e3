import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Bijectors one after the other, the last of the list first: `Chain([f, g])` is y = f(g(x)).
  ///
  ///     log |dy/dx| = sum over the bijectors of log |det| at their own x
  ///
  /// An event has as many axes as the most demanding of them needs. A chain of none is the identity.
  public struct Chain: Bijector {
    /// The bijectors, the one that is applied to x at the end.
    public let bijectors: [any Bijector]
    public let traits: BijectorTraits
    public var parts: [any Bijector] { bijectors }

    /// The composition of bijectors.
    public init(_ bijectors: [any Bijector], name: String? = nil) {
      self.bijectors = bijectors
      // The rank that each needs, less the axes that those before it have added.
      var (needed, added) = (0, 0)
      for bijector in bijectors.reversed() {
        needed = max(needed, bijector.forwardMinEventNDims - added)
        added += bijector.addedNDims
      }
      traits = BijectorTraits(
        "Chain", name: name ?? "Chain" + bijectors.map { "Of" + $0.name }.joined(),
        forwardMinEventNDims: needed, inverseMinEventNDims: needed + added,
        isConstantJacobian: bijectors.allSatisfy(\.isConstantJacobian))
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { bijectors.reversed().reduce(x) { $1.forward($0) } }
    public func inverseFormula(_ y: Tensor) -> Tensor? { bijectors.reduce(y) { $1.inverse($0) } }

    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      var (point, count, total) = (x, forwardMinEventNDims, x.scalar(0))
      for bijector in bijectors.reversed() {
        total = total + bijector.forwardLogDetJacobian(point, eventNDims: count)
        point = bijector.forward(point)
        count += bijector.addedNDims
      }
      return total
    }

    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? {
      var (point, count, total) = (y, inverseMinEventNDims, y.scalar(0))
      for bijector in bijectors {
        total = total + bijector.inverseLogDetJacobian(point, eventNDims: count)
        point = bijector.inverse(point)
        count -= bijector.addedNDims
      }
      return total
    }

    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      var shape = shape
      for bijector in bijectors.reversed() { shape = try bijector.nestedEventShape(shape, .forward) }
      return shape
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      var shape = shape
      for bijector in bijectors { shape = try bijector.nestedEventShape(shape, .inverse) }
      return shape
    }

    public func slopeFormula(like x: Tensor) -> Tensor? {
      var product = x.scalar(1)
      for bijector in bijectors {
        guard let slope = bijector.slopeFormula(like: x) else { return nil }
        product = product * slope
      }
      return product
    }

    public func rangeFormula(_ y: Tensor) -> Tensor? {
      var (point, total): (Tensor, Tensor?) = (y, nil)
      for bijector in bijectors {
        if let isInRange = bijector.rangeFormula(point) {
          total = total.map { $0 .& isInRange } ?? isInRange
          point = select(isInRange, point, bijector.forward(y.scalar(0.5)))
        }
        point = bijector.inverse(point)
      }
      return total
    }
  }
}

extension Bijector {
  /// How many more axes an event of y has than one of x.
  var addedNDims: Int { inverseMinEventNDims - forwardMinEventNDims }

  /// The event shape of the image, for a bijector made of others.
  func nestedEventShape(_ shape: Shape, _ direction: BijectorDirection) throws(OperandError) -> Shape {
    do throws(ElbowError) {
      return try eventShape(shape, direction)
    } catch {
      throw OperandError(error.kind, error.message.hasSuffix(".") ? String(error.message.dropLast()) : error.message)
    }
  }
}
