import ElbowArrays
import ElbowGraph

/// The traits that every bijector is known by, and the values that it has computed so far. Copies of a bijector share them.
public final class BijectorTraits {
  /// `Exp`.
  public let typeName: String
  /// The name given; the type's if none was.
  public let name: String
  /// The values that the formulas use, in the order in which they are checked.
  public let parameters: [BijectorParameter]
  /// Whether the log determinants are the same everywhere.
  public let isConstantJacobian: Bool
  /// Whether all bijectors of the type are the same map.
  let isOnlyMapOfType: Bool
  private let minEventNDims: (forward: Int, inverse: Int)

  private var isValid = true
  private var checkedGraphs: Set<ObjectIdentifier> = []
  private var images: [BijectorDirection: [Tensor: Tensor]] = [:]
  private var logDets: [BijectorDirection: [Tensor: Tensor]] = [:]

  /// The traits of a bijector.
  ///
  /// - Parameters:
  ///   - typeName: The type's name, for messages and the printed form.
  ///   - name: The bijector's name; the type's if nil.
  ///   - parameters: The values its formulas use; those that are tensors are checked at once, numbers when it is applied.
  ///   - forwardMinEventNDims: The number of axes of the smallest event of x.
  ///   - inverseMinEventNDims: The same of y, if it differs.
  ///   - isConstantJacobian: Whether the log determinants are the same everywhere.
  ///   - isOnlyMapOfType: Whether all bijectors of the type are the same map.
  public init(
    _ typeName: String, name: String? = nil, parameters: [BijectorParameter] = [], forwardMinEventNDims: Int = 0,
    inverseMinEventNDims: Int? = nil, isConstantJacobian: Bool = false, isOnlyMapOfType: Bool = false
  ) {
    self.typeName = typeName
    self.name = name ?? typeName
    self.parameters = parameters
    self.isConstantJacobian = isConstantJacobian
    self.isOnlyMapOfType = isOnlyMapOfType
    minEventNDims = (forwardMinEventNDims, inverseMinEventNDims ?? forwardMinEventNDims)
    if let givenTensor { _ = checkParameters(for: givenTensor) }
  }

  func minEventNDims(_ direction: BijectorDirection) -> Int {
    direction == .forward ? minEventNDims.forward : minEventNDims.inverse
  }

  /// The first parameter that is a tensor.
  private var givenTensor: Tensor? { parameters.lazy.compactMap(\.givenTensor).first }
  /// The dtype of the parameters that are tensors.
  var dtype: DType? { givenTensor?.dtype }
  /// The graph of the parameters that are tensors.
  var graph: Graph? { givenTensor?.graph }

  // MARK: Checks

  /// Whether the parameters fit each other and the graph of x, as far as can be known; what does not is recorded once.
  func checkParameters(for x: Tensor) -> Bool {
    guard isValid, !parameters.isEmpty, checkedGraphs.insert(ObjectIdentifier(x.graph)).inserted else { return isValid }
    x.graph.located {
      var table = ParameterTable(typeName, in: x.graph, dtype: dtype ?? x.dtype)
      for parameter in parameters { parameter.add(to: &table) }
      isValid = table.isValid
    }
    return isValid
  }

  /// Why parameters and a value cannot be computed with each other, if they cannot.
  func dtypeMistake(_ x: Tensor) -> String? {
    guard let other = parameters.first(where: { $0.givenTensor.map { $0.dtype != x.dtype } ?? false }),
      let tensor = other.givenTensor
    else { return nil }
    return "the value is \(x.type) and the parameter '\(other.name)' \(tensor.type); convert one with cast(to:)"
  }

  // MARK: Memory

  func image(of x: Tensor, _ direction: BijectorDirection) -> Tensor? { images[direction]?[x] }

  func remember(_ image: Tensor, of x: Tensor, _ direction: BijectorDirection) {
    guard image.isValid else { return }
    images[direction, default: [:]][x] = image
    images[direction.opposite, default: [:]][image] = x
  }

  func logDet(at x: Tensor, _ direction: BijectorDirection) -> Tensor? { logDets[direction]?[x] }

  /// Keeps a log determinant at x, and its negative at the image of x if that is known.
  func remember(logDet: Tensor, at x: Tensor, _ direction: BijectorDirection) {
    guard logDet.isValid else { return }
    logDets[direction, default: [:]][x] = logDet
    if let image = image(of: x, direction) { logDets[direction.opposite, default: [:]][image] = -logDet }
  }
}
