import ElbowGraph
import ElbowNetworks
import ElbowProbability

/// A dense layer of random weights: TensorFlow Probability's `DenseReparameterization` and `DenseFlipout`.
///
/// The variables are `<name>/kernel_posterior_loc`, `<name>/kernel_posterior_untransformed_scale` and `<name>/bias`.
public final class DenseVariational: VariationalLayer {
  /// - Parameters:
  ///   - units: The size of the result's last axis, at least 1.
  ///   - estimator: Whether all examples share a draw of the weights, or each flips its signs.
  ///   - divergenceWeight: The factor of the divergence from the prior: one over the number of examples.
  ///   - usesExactKL: Whether the divergence is the closed form, or an estimate from the weights drawn.
  ///   - kernelPrior: The prior of a kernel of some shape, all of its axes in the event; standard normal if nil.
  public init(
    _ units: Int, activation: Activation? = nil, name: String? = nil, useBias: Bool = true,
    estimator: VariationalWeights.Estimator = .reparameterization, divergenceWeight: any TensorLike = 1.0,
    usesExactKL: Bool = true, kernelPrior: ((_ graph: Graph, _ shape: Shape) -> any Distribution)? = nil
  ) {
    super.init(
      Rule(
        baseName: "dense_variational", call: "DenseVariational(\(units))", unitCount: units, rank: 1...32, window: [],
        map: { matmul($0, $1) }),
      name: name,
      Options(
        activation: activation, useBias: useBias, estimator: estimator, divergenceWeight: divergenceWeight,
        usesExactKL: usesExactKL, kernelPrior: kernelPrior))
  }
}

/// A two-dimensional convolution with random weights: TensorFlow Probability's `Convolution2DReparameterization` and
/// `Convolution2DFlipout`. Images are `[n, height, width, in]`.
public final class Conv2DVariational: VariationalLayer {
  /// - Parameters: As for ``DenseVariational``; the others as for `Conv2D`.
  public init(
    _ filters: Int, kernelSize: SpatialPair, strides: SpatialPair = 1, padding: ConvolutionPadding = .valid,
    activation: Activation? = nil, name: String? = nil, useBias: Bool = true,
    estimator: VariationalWeights.Estimator = .reparameterization, divergenceWeight: any TensorLike = 1.0,
    usesExactKL: Bool = true, kernelPrior: ((_ graph: Graph, _ shape: Shape) -> any Distribution)? = nil
  ) {
    super.init(
      Rule(
        baseName: "conv2d_variational", call: "Conv2DVariational(\(filters), kernelSize: \(kernelSize))",
        unitCount: filters, rank: 4...4, window: kernelSize.numbers,
        map: { conv2D($0, $1, strides: strides.numbers, padding: padding) }),
      name: name,
      Options(
        activation: activation, useBias: useBias, estimator: estimator, divergenceWeight: divergenceWeight,
        usesExactKL: usesExactKL, kernelPrior: kernelPrior))
  }
}
