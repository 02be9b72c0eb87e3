import Elbow

/// The flow of "Getting into the flow: Bijectors in TensorFlow Probability" (Keydana 2019), after Jang's introduction: an affine
/// map and a leaky ReLU of learned slope, from the standard normal distribution of the plane to one of mean 1 and scale 2.
public enum BijectorFlow {
  /// The model, which trains on the data set `normal-2d`.
  ///
  /// - Throws: `ElbowError` if the graph has a mistake.
  public static func make() throws -> Model {
    let dist = distribution(in: Graph())
    return try FlowModel.make("bijector-flow", dist, dataset: "normal-2d", optimizer: makeOptimizer(), epochs: 100)
  }

  static func makeOptimizer() -> Adam { Adam(learningRate: 1e-4) }

  /// The distribution that is learned.
  static func distribution(in graph: Graph, dtype: DType = .float32) -> TransformedDistribution {
    let (d, r) = (2, 2)  // Dimensions, and the rank of the update
    let shift = graph.variable("shift", shape: [d], dtype: dtype)
    let l = graph.variable("L", shape: [d * (d + 1) / 2], dtype: dtype)
    let v = graph.variable("V", shape: [d, r], dtype: dtype)
    let alpha = abs(graph.variable("alpha", shape: [], dtype: dtype)) + 0.01

    let affine = Bijectors.Affine(
      shift: shift, scaleTriL: Bijectors.FillTriangular().forward(l), scalePerturbFactor: v)
    let flow = Bijectors.Chain([leakyReLU(alpha: alpha), affine])
    let baseDist = MultivariateNormalDiag(in: graph, loc: [0.0, 0.0], dtype: dtype)
    return TransformedDistribution(baseDist, bijector: flow)
  }

  /// Leaves positive values as they are and scales negative ones by alpha.
  private static func leakyReLU(alpha: Tensor) -> any Bijector {
    Bijectors.Inline(
      forward: { x in select(x >= 0, x, alpha * x) },
      inverse: { y in select(y >= 0, y, 1 / alpha * y) },
      inverseLogDetJacobian: { y in
        let ones = y.onesLike()
        let inverseJacobian = select(y >= 0, ones, 1 / alpha * ones)
        return log(abs(inverseJacobian)).sum(axes: [1])
      },
      forwardMinEventNDims: 1)
  }
}
