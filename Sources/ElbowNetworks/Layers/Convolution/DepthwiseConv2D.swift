import ElbowGraph

/// A convolution of every channel with kernels of its own: `activation(depthwiseConv2D(x, kernel) + bias)`, as Keras has it.
///
/// Images are `[n, height, width, c]`, of fixed height, width and channels, and results have `c depthMultiplier` channels.
/// The first call makes the weights: `<scopes>/<name>/kernel` of shape `[kernelSize, c, depthMultiplier]` and
/// `<scopes>/<name>/bias` of shape `[c depthMultiplier]`.
public final class DepthwiseConv2D: ConvolutionLayer {
  /// How many kernels every channel has, at least 1.
  public let depthMultiplier: Int

  /// A layer with `depthMultiplier` output channels for each input channel.
  ///
  /// - Parameters:
  ///   - kernelSize: The window's height and width.
  ///   - padding: The border around the images; see ``ConvolutionPadding``.
  ///   - depthMultiplier: How many kernels every channel has, at least 1.
  ///   - activation: The function applied to the result; nil for nothing.
  ///   - name: The first part of its weights' names; `depthwise_conv2d`, `depthwise_conv2d_1`, ... if nil.
  ///   - useBias: Whether a bias is added.
  ///   - kernelInitializer: The kernel's first values; fans are those of its shape, as in Keras.
  public init(
    kernelSize: SpatialPair, strides: SpatialPair = 1, padding: ConvolutionPadding = .valid, depthMultiplier: Int = 1,
    dilations: SpatialPair = 1, activation: Activation? = nil, name: String? = nil, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros
  ) {
    self.depthMultiplier = depthMultiplier
    super.init(
      Rule(
        baseName: "depthwise_conv2d", call: "DepthwiseConv2D(kernelSize: \(kernelSize))", axes: .two,
        direction: .depthwise, count: depthMultiplier),
      Window(
        size: kernelSize.numbers, strides: strides.numbers, padding: padding, dilations: dilations.numbers),
      Options(
        activation: activation, name: name, kernelInitializer: kernelInitializer,
        biasInitializer: useBias ? biasInitializer : nil))
  }
}
