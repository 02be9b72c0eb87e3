import ElbowArrays
import ElbowGraph

/// The set in which a parameter of a distribution lies.
public enum ParameterConstraint: String, Sendable {
  /// Any number.
  case real
  /// A number above 0.
  case positive
  /// A number of at least 0.
  case nonNegative
  /// A whole number of at least 0, in floating point.
  case wholeNumber
  /// A number between 0 and 1.
  case unitInterval
  /// A vector of numbers of at least 0, in proportion to probabilities.
  case simplex
  /// Any numbers: the logarithms of what is in proportion to probabilities.
  case logits
  /// A lower triangular matrix without zeros on its diagonal; what is above that is not read.
  case lowerTriangular
  /// A symmetric positive definite matrix, of which the lower triangle is read.
  case positiveDefinite

  /// Whether a number may stand in a parameter.
  func allows(_ value: Double) -> Bool {
    switch self {
    case .real, .logits, .lowerTriangular, .positiveDefinite: !value.isNaN
    case .positive: value > 0
    case .nonNegative, .simplex: value >= 0
    case .wholeNumber: value >= 0 && value == value.rounded()
    case .unitInterval: value >= 0 && value <= 1
    }
  }

  /// Whether the matrices of a value are as they must be.
  func allowsMatrix(_ value: HostArray) -> Bool {
    guard self == .lowerTriangular || self == .positiveDefinite, let n = value.shape.last, n > 0,
      value.shape.count >= 2, value.shape[value.shape.count - 2] == n
    else { return true }
    let graph = Graph()
    let signature = Signature("holds", outputs: ["holds": holds(graph.constant(value))])
    let result = try? ReferenceEvaluator(graph.program(signature)).run().outputs["holds"]
    return result?.doubles.allSatisfy { $0 != 0 } ?? true
  }

  /// Where a parameter is as it must be, or which of its matrices are; false for NaN.
  func holds(_ value: Tensor) -> Tensor {
    switch self {
    case .real, .logits: value .== value
    case .positive: value > 0
    case .nonNegative, .simplex: value >= 0
    case .wholeNumber: (value >= 0) .& (floor(value) .== value)
    case .unitInterval: (value >= 0) .& (value <= 1)
    case .lowerTriangular: abs(diagPart(value)) > 0
    case .positiveDefinite: diagPart(cholesky(value)) > 0
    }
  }

  /// The words for a message: "must be ...".
  var requirement: String {
    switch self {
    case .real, .logits: "must be a number"
    case .positive: "must be positive"
    case .nonNegative, .simplex: "must be at least 0"
    case .wholeNumber: "must be a whole number of at least 0"
    case .unitInterval: "must lie between 0 and 1"
    case .lowerTriangular: "must have no zero on its diagonal"
    case .positiveDefinite: "must be positive definite"
    }
  }
}

/// One parameter of a distribution.
public struct DistributionParameter {
  /// The label that it is given by, for messages.
  public var name: String
  /// The tensor of its value, in floating point.
  public var value: Tensor
  /// How many of its last axes describe one distribution; those before are batch axes.
  public var eventNDims: Int
  /// The set in which it, or each of its elements, lies.
  public var constraint: ParameterConstraint
}

/// Collects the parameters of a distribution while it is made, and checks them: floating point of one dtype, of enough
/// axes, within their constraint as far as that is known, with batch axes that broadcast.
public struct ParameterTable {
  /// The distribution's type, `Normal`.
  let typeName: String
  let graph: Graph
  let dtype: DType
  private(set) var parameters: [DistributionParameter] = []
  private(set) var isValid = true
  private var ordered: [(low: DistributionParameter, high: DistributionParameter)] = []

  /// A table without parameters.
  ///
  /// - Parameter dtype: The dtype that plain numbers are converted to; the graph's `floatingPoint` if nil.
  public init(_ typeName: String, in graph: Graph, dtype: DType?) {
    self.typeName = typeName
    self.graph = graph
    self.dtype = dtype ?? graph.floatingPoint
  }

  /// Adds a parameter and returns its tensor.
  public mutating func add(
    _ name: String, _ value: some TensorLike, _ constraint: ParameterConstraint = .real, eventNDims: Int = 0
  ) -> Tensor {
    graph.located {
      let tensor = value.tensor(in: graph, dtype: dtype)
      let parameter = DistributionParameter(name: name, value: tensor, eventNDims: eventNDims, constraint: constraint)
      parameters.append(parameter)
      guard tensor.graph === graph else {
        return fail(.invalidArgument, "the parameter '\(name)' belongs to another graph than the others")
      }
      guard tensor.isValid else {
        isValid = false
        return tensor
      }
      guard tensor.dtype.isFloatingPoint else {
        return fail(
          .dtype,
          "the parameter '\(name)' is \(tensor.type), but parameters are floating point; convert it with "
            + "cast(to: .float32)")
      }
      if let other = parameters.first(where: { $0.value.isValid && $0.value.dtype != tensor.dtype }) {
        return fail(
          .dtype,
          "the parameters '\(other.name)', \(other.value.type), and '\(name)', \(tensor.type), differ in dtype; "
            + "convert one with cast(to:)")
      }
      guard tensor.rank >= eventNDims else {
        return fail(
          .shape,
          "the parameter '\(name)' has the shape \(tensor.shape), but needs at least \(eventNDims) "
            + "ax\(eventNDims == 1 ? "is" : "es")")
      }
      if let bad = tensor.knownElements?.first(where: { !constraint.allows($0) }) {
        return fail(.invalidArgument, "the parameter '\(name)' \(constraint.requirement), but holds \(bad)")
      }
      if let matrix = tensor.knownValue, !constraint.allowsMatrix(matrix) {
        return fail(
          .invalidArgument,
          "the parameter '\(name)' \(constraint.requirement), but \(constraint == .lowerTriangular ? "has one" : "is not")"
        )
      }
      return tensor
    }
  }

  /// Has the parameter added last but one be below the last: checked now where they are known, else by
  /// ``Distribution/validateArguments()``.
  mutating func requireOrder(_ low: Tensor, _ high: Tensor) {
    guard isValid,
      let (below, above) = parameters.suffix(2).first.flatMap({ first in parameters.last.map { (first, $0) } })
    else { return }
    ordered.append((below, above))
    guard let lows = low.knownElements, let highs = high.knownElements else { return }
    guard lows.count == highs.count || lows.count == 1 || highs.count == 1 else { return }
    for index in 0..<max(lows.count, highs.count) {
      let (a, b) = (lows[lows.count == 1 ? 0 : index], highs[highs.count == 1 ? 0 : index])
      guard !(a < b) else { continue }
      _ = graph.located {
        fail(.invalidArgument, "'\(below.name)' must be below '\(above.name)', but they hold \(a) and \(b)")
      }
      return
    }
  }

  /// Adds a parameter of square matrices and returns its tensor.
  public mutating func addMatrix(
    _ name: String, _ value: some TensorLike, _ constraint: ParameterConstraint = .real
  ) -> Tensor {
    let matrix = add(name, value, constraint, eventNDims: 2)
    guard isValid, !matrix.shape[-1].canEqual(matrix.shape[-2]) else { return matrix }
    return fail(.shape, "the parameter '\(name)' has the shape \(matrix.shape), but needs square matrices")
  }

  /// The last axes of all parameters that have any of their own, broadcast: the event shape of a location and its
  /// scale.
  public mutating func broadcastEventShape() -> Shape {
    guard isValid else { return .scalar }
    let events = parameters.map { $0.value.shape.suffix($0.eventNDims) }
    if let shape = graph.broadcastShape(events) { return shape }
    _ = fail(.shape, "the event axes of \(described) do not broadcast")
    return .scalar
  }

  /// The last axis of all parameters that have axes of their own, broadcast: the event shape of a location and a matrix.
  public mutating func vectorEventShape() -> Shape {
    guard isValid else { return .scalar }
    let events = parameters.filter { $0.eventNDims > 0 }.map { $0.value.shape.suffix(1) }
    if let shape = graph.broadcastShape(events) { return shape }
    _ = fail(.shape, "the event axes of \(described) do not broadcast")
    return .scalar
  }

  /// The shapes that every distribution of the type is known by.
  ///
  /// - Parameters:
  ///   - name: The distribution's name; its type's if nil.
  ///   - dtype: The samples' dtype; the parameters' if nil.
  public mutating func traits(
    name: String? = nil, eventShape: Shape = .scalar, dtype: DType? = nil
  ) -> DistributionTraits {
    var batchShape = Shape.scalar
    if isValid {
      if let shape = graph.broadcastShape(parameters.map { $0.value.shape.dropLast($0.eventNDims) }) {
        batchShape = shape
      } else {
        _ = fail(.shape, "the parameters \(described) do not broadcast")
      }
    }
    let parameterDType = parameters.first { $0.value.isValid }?.value.dtype ?? self.dtype
    return DistributionTraits(
      typeName, name ?? typeName, graph, parameters, ordered, batchShape, eventShape, dtype ?? parameterDType,
      parameterDType, isValid)
  }

  /// Records that the distribution cannot be made.
  mutating func fail(_ kind: ElbowError.Kind, _ message: String) -> Tensor {
    isValid = false
    let labels = parameters.map { "\($0.name):" }.joined()
    return graph.invalid(kind, "\(typeName)(\(labels)): \(message).")
  }

  private var described: String {
    parameters.map { "'\($0.name)' \($0.value.shape)" }.joined(separator: " and ")
  }
}
