import ElbowArrays
import ElbowGraph

/// Which way a bijector is applied. All that holds of x and `forward` holds of y and `inverse`.
enum BijectorDirection {
  case forward
  case inverse

  var opposite: BijectorDirection { self == .forward ? .inverse : .forward }
  var methodName: String { self == .forward ? "forward" : "inverse" }
}

// How the formulas are applied: checked, and no more often than needed.

extension Bijector {
  private func formula(_ direction: BijectorDirection, _ x: Tensor) -> Tensor? {
    direction == .forward ? forwardFormula(x) : inverseFormula(x)
  }

  private func logDetFormula(_ direction: BijectorDirection, _ x: Tensor) -> Tensor? {
    direction == .forward ? forwardLogDetJacobianFormula(x) : inverseLogDetJacobianFormula(x)
  }

  private func eventShapeFormula(_ direction: BijectorDirection, _ shape: Shape) throws(OperandError) -> Shape {
    direction == .forward ? try forwardEventShapeFormula(shape) : try inverseEventShapeFormula(shape)
  }

  /// The image of a tensor, remembered with where it came from.
  func map(_ x: Tensor, _ direction: BijectorDirection) -> Tensor {
    x.graph.located {
      guard check(x, direction, direction.methodName) else { return x.graph.invalid() }
      if let image = traits.image(of: x, direction) { return image }
      guard let image = formula(direction, x) else { return undefined(direction.methodName, x) }
      traits.remember(image, of: x, direction)
      return image
    }
  }

  func logDetJacobian(_ x: Tensor, _ direction: BijectorDirection, _ eventNDims: Int?) -> Tensor {
    let method = direction.methodName + "LogDetJacobian"
    return x.graph.located {
      guard check(x, direction, method) else { return x.graph.invalid() }
      let least = traits.minEventNDims(direction)
      let count = eventNDims ?? least
      guard (least...x.rank).contains(count) else {
        return x.graph.invalid(
          .shape,
          "'\(method)' of \(self): an event of \(x.type) cannot have \(count) axes; it has at least \(least) and at "
            + "most \(x.rank).")
      }
      guard let value = logDetJacobian(x, direction) else { return undefined(method, x) }
      guard value.isValid else { return value }
      // A determinant that does not depend on x counts once for each event all the same.
      guard let shape = x.graph.broadcastShape([x.shape.dropLast(least), value.shape]) else {
        return x.graph.invalid(
          .shape,
          "'\(method)' of \(self): the log determinant has the shape \(value.shape), which does not broadcast with "
            + "the batch axes of \(x.type).")
      }
      return value.broadcast(to: shape).sum(axes: (0..<count - least).map { -1 - $0 })
    }
  }

  /// The log determinant of events of the least number of axes: by the formula of that one of x and its image from which the
  /// other was computed, so that both sides share it.
  private func logDetJacobian(_ x: Tensor, _ direction: BijectorDirection) -> Tensor? {
    if let known = traits.logDet(at: x, direction) { return known }
    let image = traits.image(of: x, direction)
    let value: Tensor?
    if let image, image.id < x.id, let other = logDetFormula(direction.opposite, image) {
      value = -other
    } else if let own = logDetFormula(direction, x) {
      value = own
    } else {
      let image = image ?? map(x, direction)
      value = image.isValid ? logDetFormula(direction.opposite, image).map { -$0 } : image
    }
    if let value { traits.remember(logDet: value, at: x, direction) }
    return value
  }

  /// The event shape of the image, of events of any number of axes.
  func eventShape(_ shape: Shape, _ direction: BijectorDirection) throws(ElbowError) -> Shape {
    let least = traits.minEventNDims(direction)
    guard shape.rank >= least else {
      throw ElbowError(
        .shape,
        "'\(direction.methodName)EventShape' of \(self): the event shape \(shape) has \(shape.rank) axes, but needs at "
          + "least \(least).")
    }
    do throws(OperandError) {
      return shape.dropLast(least) + (try eventShapeFormula(direction, shape.suffix(least)))
    } catch {
      throw ElbowError(error.kind, "'\(direction.methodName)EventShape' of \(self): \(error.message).")
    }
  }

  /// Whether the bijector can be applied to a tensor; if not, the mistake is recorded.
  private func check(_ x: Tensor, _ direction: BijectorDirection, _ method: String) -> Bool {
    guard x.isValid, traits.checkParameters(for: x) else { return false }
    func fail(_ kind: ElbowError.Kind, _ message: String) -> Bool {
      _ = x.graph.invalid(kind, "'\(method)' of \(self): \(message).")
      return false
    }
    guard x.dtype.isFloatingPoint else {
      return fail(.dtype, "the value is \(x.type), but has to be floating point; convert it with cast(to: .float32)")
    }
    if let mistake = traits.dtypeMistake(x) { return fail(.dtype, mistake) }
    let least = traits.minEventNDims(direction)
    guard x.rank >= least else {
      return fail(.shape, "the value is \(x.type), but an event has \(least) axes")
    }
    do throws(OperandError) {
      _ = try eventShapeFormula(direction, x.shape.suffix(least))
    } catch {
      return fail(error.kind, "the value is \(x.type); \(error.message)")
    }
    return true
  }

  private func undefined(_ method: String, _ x: Tensor) -> Tensor {
    x.graph.invalid(.invalidArgument, "'\(method)' of \(self) is not defined.")
  }
}
