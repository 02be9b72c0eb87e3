import ElbowArrays
import ElbowGraph

/// The multivariate normal distribution whose covariance is given by a lower triangular factor.
///
///     p(x) = exp(-|z|^2 / 2) / (|det scaleTriL| (2 pi)^(k / 2)),  z = scaleTriL^-1 (x - loc)
///
/// `loc` is `[..., k]` and `scaleTriL` `[..., k, k]`, of which what is above the diagonal is not read; the covariance is
/// `scaleTriL scaleTriL^T`. An event is a vector of k elements, and the axes before broadcast to the batch.
public struct MultivariateNormalTriL: Distribution {
  /// The mean.
  public let loc: Tensor
  /// The factor, with zeros above the diagonal.
  public let scaleTriL: Tensor
  public let traits: DistributionTraits

  /// A distribution of each vector of `loc` and matrix of `scaleTriL`.
  public init(loc: some TensorConvertible, scaleTriL: some TensorLike, name: String? = nil) {
    self.init(in: loc.tensor.graph, loc: loc.tensor, scaleTriL: scaleTriL, dtype: loc.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `MultivariateNormalTriL(in: graph, loc: [0, 0], scaleTriL: [[1, 0], [2, 1]])`.
  public init(
    in graph: Graph, loc: some TensorLike, scaleTriL: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("MultivariateNormalTriL", in: graph, dtype: dtype)
    self.loc = table.add("loc", loc, eventNDims: 1)
    let matrix = table.addMatrix("scaleTriL", scaleTriL, .lowerTriangular)
    let eventShape = table.vectorEventShape()
    self.scaleTriL = table.isValid ? graph.located { tril(matrix) } : graph.invalid()
    traits = table.traits(name: name, eventShape: eventShape)
  }

  /// The distribution that the outputs of a network describe, `[..., paramsSize(eventSize)]`, as TensorFlow Probability's
  /// layer of the same name has it: the location, and then the triangle for ``fillScaleTriL(_:diagShift:)``.
  ///
  ///     let posterior = MultivariateNormalTriL(params: Dense(MultivariateNormalTriL.paramsSize(16))(x), eventSize: 16)
  public init(params: some TensorConvertible, eventSize: Int, name: String? = nil) {
    let params = params.tensor
    let (loc, scale) = params.graph.located {
      guard params.isValid else { return (params, params) }
      guard eventSize >= 1, eventSize < 1 << 20, params.rank >= 1,
        params.shape[-1].canEqual(Dimension(Self.paramsSize(eventSize)))
      else {
        let expected =
          (1..<1 << 20).contains(eventSize) ? ", whose last axis must be \(Self.paramsSize(eventSize))" : ""
        let mistake = params.graph.invalid(
          .shape,
          "MultivariateNormalTriL(params:eventSize:): events of \(eventSize) elements cannot be described by \(params.type)"
            + expected + ".")
        return (mistake, mistake)
      }
      return (
        params[TensorIndex.ellipsis, ..<eventSize],
        fillScaleTriL(params[TensorIndex.ellipsis, eventSize..<Self.paramsSize(eventSize)])
      )
    }
    self.init(loc: loc, scaleTriL: scale, name: name)
  }

  /// How many numbers describe a distribution of vectors of a size: `eventSize` and a triangle.
  public static func paramsSize(_ eventSize: Int) -> Int { eventSize + eventSize * (eventSize + 1) / 2 }

  /// log |det scaleTriL|, of shape `batchShape`.
  private var logDeterminant: Tensor { log(abs(diagPart(scaleTriL))).sum(axes: [-1]) }

  /// The number of elements of an event.
  private var size: Tensor { graph.extent(eventShape[-1], dtype: traits.parameterDType) }

  /// The logarithm of the density of standard normal noise, divided by the determinant.
  private func logProb(ofNoise noise: Tensor) -> Tensor {
    -0.5 * (noise * noise).sum(axes: [-1]) - (logDeterminant + (0.5 * Double.log2Pi) * size)
  }

  /// `loc + scaleTriL noise`.
  private func shifted(_ noise: Tensor) -> Tensor { loc + (scaleTriL * noise.expandedDims(-2)).sum(axes: [-1]) }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    shifted(graph.randomNormal(shape, dtype: traits.parameterDType))
  }
  public func sampleAndLogProbFormula(_ shape: Shape) -> (sample: Tensor, logProb: Tensor)? {
    let noise = graph.randomNormal(shape, dtype: traits.parameterDType)
    return (shifted(noise), logProb(ofNoise: noise))
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? { logProb(ofNoise: solved(scaleTriL, x - loc)) }
  public func meanFormula() -> Tensor? { loc }
  public func modeFormula() -> Tensor? { loc }
  public func varianceFormula() -> Tensor? { (scaleTriL * scaleTriL).sum(axes: [-1]) }
  public func covarianceFormula() -> Tensor? { matmul(scaleTriL, scaleTriL, transposeB: true) }
  public func entropyFormula() -> Tensor? { logDeterminant + (0.5 * (1 + Double.log2Pi)) * size }

  /// The draw that standard normal noise of shape `sampleShape + batchShape + eventShape` becomes, and its log probability:
  /// what ``Distribution/sampleAndLogProb(_:)`` does with noise of its own.
  public func sampleAndLogProb(noise: Tensor) -> (sample: Tensor, logProb: Tensor) {
    graph.located {
      guard isValid, noise.isValid else { return (graph.invalid(), graph.invalid()) }
      guard noise.rank >= 1, noise.shape[-1].canEqual(eventShape[-1]), noise.dtype == traits.parameterDType else {
        let mistake = graph.invalid(
          .shape, "'sampleAndLogProb' of \(self): the noise is \(noise.type), but its last axis must be the event.")
        return (mistake, mistake)
      }
      return (shifted(noise), logProb(ofNoise: noise))
    }
  }
}

/// A^-1 x for lower triangular matrices A and vectors x; their axes before broadcast.
func solved(_ a: Tensor, _ x: Tensor) -> Tensor {
  let solution = triangularSolve(a, x.expandedDims(-1))
  return solution.isValid ? solution.squeezed(axes: [-1]) : solution
}

extension MultivariateNormalTriL {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { MultivariateNormalTriL(loc: $0[0], scaleTriL: $0[1]) }
  ]
}
