import ElbowGraph

/// A two-dimensional convolution, `activation(conv2D(x, kernel) + bias)`, as Keras has it.
///
///     let features = Conv2D(32, kernelSize: 3, strides: 2, activation: relu)(images)
///
/// Images are `[n, height, width, in]`, of fixed height, width and channels. The first call makes the weights:
/// `<scopes>/<name>/kernel` of shape `[kernelSize, in, filters]` and `<scopes>/<name>/bias` of shape `[filters]`.
public final class Conv2D: ConvolutionLayer {
  /// How many channels the result has, at least 1.
  public let filters: Int

  /// A layer with `filters` output channels.
  ///
  /// - Parameters:
  ///   - filters: How many channels the result has, at least 1.
  ///   - kernelSize: The window's height and width.
  ///   - padding: The border around the images; see ``ConvolutionPadding``.
  ///   - activation: The function applied to the result; nil for nothing.
  ///   - name: The first part of its weights' names; `conv2d`, `conv2d_1`, ... if nil.
  ///   - useBias: Whether a bias is added.
  public init(
    _ filters: Int, kernelSize: SpatialPair, strides: SpatialPair = 1, padding: ConvolutionPadding = .valid,
    dilations: SpatialPair = 1, activation: Activation? = nil, name: String? = nil, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros
  ) {
    self.filters = filters
    super.init(
      Rule(
        baseName: "conv2d", call: "Conv2D(\(filters), kernelSize: \(kernelSize))", axes: .two, count: filters),
      Window(
        size: kernelSize.numbers, strides: strides.numbers, padding: padding, dilations: dilations.numbers),
      Options(
        activation: activation, name: name, kernelInitializer: kernelInitializer,
        biasInitializer: useBias ? biasInitializer : nil))
  }
}
