import ElbowArrays
import ElbowGraph

/// The Cauchy distribution, which has neither mean nor variance: both are NaN.
///
///     p(x) = 1 / (pi scale (1 + ((x - loc) / scale)^2))
///
/// `loc` and `scale` broadcast to the batch shape; an event is a scalar.
public struct Cauchy: Distribution {
  /// The location.
  public let loc: Tensor
  /// The scale, positive.
  public let scale: Tensor
  public let traits: DistributionTraits

  /// A distribution of each `loc` and `scale`.
  public init(loc: some TensorConvertible, scale: some TensorLike, name: String? = nil) {
    self.init(in: loc.tensor.graph, loc: loc.tensor, scale: scale, dtype: loc.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `Cauchy(in: graph, loc: 0, scale: 1)`.
  public init(
    in graph: Graph, loc: some TensorLike, scale: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("Cauchy", in: graph, dtype: dtype)
    self.loc = table.add("loc", loc)
    self.scale = table.add("scale", scale, .positive)
    traits = table.traits(name: name)
  }

  private func standardized(_ x: Tensor) -> Tensor { (x - loc) / scale }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    -logOnePlusSquare(standardized(x)) - (log(scale) + Double.logPi)
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { lower(standardized(x)) }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { logLower(standardized(x)) }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { lower(-standardized(x)) }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { logLower(-standardized(x)) }
  public func quantileFormula(_ p: Tensor) -> Tensor? {
    // tan(pi (p - 1/2)): far from the median by the distance to the nearer end, 0 or 1.
    let q = p - 0.5
    let isCentral = abs(q) < 0.25
    let tail = select(isCentral, p.scalar(0.25), minimum(p, 1 - p))
    let far = 1 / tan(Double.pi * tail)
    return loc + scale
      * select(isCentral, tan(Double.pi * select(isCentral, q, q.zerosLike())), select(q < 0, -far, far))
  }
  public func meanFormula() -> Tensor? { undefined }
  public func modeFormula() -> Tensor? { loc }
  public func varianceFormula() -> Tensor? { undefined }
  public func stddevFormula() -> Tensor? { undefined }
  public func entropyFormula() -> Tensor? { log(scale) + (Double.logPi + 2 * Double.ln2) }

  private var undefined: Tensor { loc.scalar(.nan) }

  /// P(Z <= z) of the standard distribution: far out by atan(1 / |z|), and there by 1 / |z| itself.
  private func lower(_ z: Tensor) -> Tensor {
    let (isFar, tail, central) = parts(z)
    return select(isFar, select(z < 0, tail, 1 - tail), central)
  }
  private func logLower(_ z: Tensor) -> Tensor {
    let (isFar, tail, central) = parts(z)
    let isRemote = abs(z) > Self.remote
    let size = select(isRemote, abs(z), z.scalar(Self.remote))
    let logTail = select(isRemote, -log(size) - Double.logPi, log(select(isRemote, z.scalar(0.5), tail)))
    return select(isFar, select(z < 0, logTail, log1p(-tail)), log(central))
  }
  /// Whether |z| > 1; the tail beyond |z| if it is; and if not, P(Z <= z).
  private func parts(_ z: Tensor) -> (isFar: Tensor, tail: Tensor, central: Tensor) {
    let (isFar, isRemote) = (abs(z) > 1, abs(z) > Self.remote)
    let (far, near) = (select(isFar, abs(z), z.onesLike()), select(isFar, z.zerosLike(), z))
    let inverse = 1 / far
    let tail = select(isRemote, inverse, atan(select(isRemote, z.onesLike(), inverse))) / Double.pi
    return (isFar, tail, 0.5 + atan(near) / Double.pi)
  }
  /// From here on atan(1 / z) is 1 / z.
  private static let remote = 1e9
}

extension Cauchy {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { Cauchy(loc: $0[0], scale: $0[1]) }
  ]
}
