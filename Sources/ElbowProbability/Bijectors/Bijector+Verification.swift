import ElbowArrays
import ElbowGraph
import Foundation

extension Bijector {
  /// Checks the bijector's functions against each other at a point, by the reference evaluator: that the inverse undoes
  /// `forward`, that the two log determinants are each other's negatives, and that they are those of the Jacobian that
  /// central differences give, where x and y of an event have as many elements.
  ///
  ///     try leakyRelu.verify(at: HostArray([0.5, -2.0]))
  ///
  /// - Parameters:
  ///   - point: Values of one event of x, of float64 or, less sharply, float32.
  ///   - graph: The graph of the tensors that are parameters or that functions use; variables have their initial values.
  /// - Throws: `ElbowError` that says which functions do not fit, with the values.
  public func verify(at point: HostArray, in graph: Graph? = nil) throws {
    try BijectorVerification(bijector: self, point: point, graph: graph ?? traits.graph ?? Graph()).run()
  }
}

/// One check of a bijector at a point.
private struct BijectorVerification {
  let bijector: any Bijector
  let point: HostArray
  let graph: Graph

  /// How far values may differ, relative to those above 1.
  private var tolerance: Double { point.dtype == .float32 ? 1e-3 : 1e-6 }
  /// The step that the differences are taken over.
  private var step: Double { point.dtype == .float32 ? 1e-2 : 1e-5 }

  /// The values of a bijector at a point; nil where it does not define them.
  private struct Values {
    var y: HostArray
    var roundTrip: HostArray?
    var forwardLogDet: Double?
    var inverseLogDet: Double?
  }

  func run() throws {
    guard point.dtype.isFloatingPoint, point.shape.count == bijector.forwardMinEventNDims else {
      throw mistake(
        "a point is one event of floating-point numbers with \(bijector.forwardMinEventNDims) axes, but this is "
          + "\(point.dtype)\(point.shape)")
    }
    let values = try evaluate(point)
    if let back = values.roundTrip, let worst = largestDifference(back.doubles, point.doubles) {
      throw mistake(
        "inverse(forward(x)) is \(back.doubles[worst]) where x is \(point.doubles[worst]), at element \(worst); the inverse "
          + "does not undo forward")
    }
    if let forward = values.forwardLogDet, let inverse = values.inverseLogDet, !isNear(forward, -inverse) {
      throw mistake(
        "the forward log determinant is \(forward) at x and the inverse one \(inverse) at forward(x); they should be each "
          + "other's negatives")
    }
    guard point.count == values.y.count, let stated = values.forwardLogDet ?? values.inverseLogDet.map({ -$0 })
    else { return }
    let measured = try logDetByDifferences()
    guard isNear(stated, measured, tolerance: 10 * tolerance) else {
      throw mistake(
        "the log determinant of dy/dx is \(stated) by the bijector, but \(measured) by differences of forward; the log "
          + "determinant does not belong to the map")
    }
  }

  /// The values at a point, each from a tensor of its own: what the bijector remembers must not answer for its functions.
  private func evaluate(_ x: HostArray) throws -> Values {
    let count = graph.diagnostics.count
    let at = graph.constant(x)
    guard let y = bijector.forwardFormula(at), y.isValid else {
      throw graph.diagnostics.dropFirst(count).first
        ?? mistake("'forward' is not defined, so there is nothing to compare")
    }
    var outputs: [(name: String, tensor: Tensor)] = [("y", y)]
    if let back = bijector.inverseFormula(y) { outputs.append(("x", back)) }
    if let logDet = bijector.forwardLogDetJacobianFormula(at) { outputs.append(("forward", logDet.sum())) }
    if let logDet = bijector.inverseLogDetJacobianFormula(y) { outputs.append(("inverse", logDet.sum())) }
    if let error = graph.diagnostics.dropFirst(count).first { throw error }
    var signature = Signature("verify")
    signature.outputs = outputs
    let state = try ReferenceEvaluator(graph.initializer()).run().updates
    let results = try ReferenceEvaluator(graph.program(signature)).run(state: state).outputs
    guard let value = results["y"] else { throw mistake("'forward' has no value") }
    return Values(
      y: value, roundTrip: results["x"], forwardLogDet: results["forward"]?.doubles.first,
      inverseLogDet: results["inverse"]?.doubles.first)
  }

  /// log |det| of the matrix of central differences.
  private func logDetByDifferences() throws -> Double {
    let x = point.doubles
    var rows: [[Double]] = []
    for index in x.indices {
      var (above, below) = (x, x)
      above[index] += step
      below[index] -= step
      let high = try evaluate(array(above)).y.doubles
      let low = try evaluate(array(below)).y.doubles
      rows.append(zip(high, low).map { ($0 - $1) / (2 * step) })
    }
    return logAbsDeterminant(rows)
  }

  /// Values in the shape and dtype of the point.
  private func array(_ values: [Double]) throws -> HostArray {
    point.dtype == .float32
      ? try HostArray(values.map { Float($0) }, shape: point.shape) : try HostArray(values, shape: point.shape)
  }

  private func isNear(_ a: Double, _ b: Double, tolerance: Double? = nil) -> Bool {
    a == b || abs(a - b) <= (tolerance ?? self.tolerance) * max(1, abs(b))
  }

  private func largestDifference(_ a: [Double], _ b: [Double]) -> Int? {
    guard a.count == b.count else { return 0 }
    return a.indices.filter { !isNear(a[$0], b[$0]) }.max { abs(a[$0] - b[$0]) < abs(a[$1] - b[$1]) }
  }

  private func mistake(_ message: String) -> ElbowError {
    ElbowError(.invalidArgument, "'verify' of \(bijector): \(message).")
  }
}

/// log |det| of a square matrix, by elimination with pivots.
private func logAbsDeterminant(_ matrix: [[Double]]) -> Double {
  var (rows, total) = (matrix, 0.0)
  for column in rows.indices {
    guard let pivot = (column..<rows.count).max(by: { abs(rows[$0][column]) < abs(rows[$1][column]) }) else { break }
    rows.swapAt(column, pivot)
    total += log(abs(rows[column][column]))
    for row in rows.indices.dropFirst(column + 1) {
      let factor = rows[row][column] / rows[column][column]
      for other in rows.indices.dropFirst(column) { rows[row][other] -= factor * rows[column][other] }
    }
  }
  return total
}
