import ElbowGraph

/// A convolution of every channel with kernels of its own: `activation(depthwiseConv2D(x, kernel) + bias)`, as Keras has it.
///
/// Images are `[n, height, width, c]`, of fixed height, width and channels, and results have `c depthMultiplier` channels.
/// The first call makes the weights: `<scopes>/<name>/kernel` of shape `[kernelSize, c, depthMultiplier]` and
/// `<scopes>/<name>/bias` of shape `[c depthMultiplier]`.
public final class DepthwiseConv2D: Layer {
  /// The window's height and width, at least 1.
  public let kernelSize: SpatialPair
  /// The steps of the window down and to the right, in pixels.
  public let strides: SpatialPair
  /// The border around the images.
  public let padding: ConvolutionPadding
  /// How many kernels every channel has, at least 1.
  public let depthMultiplier: Int
  /// The distances of the window's rows and of its columns, in pixels: 1 for a window without gaps.
  public let dilations: SpatialPair
  /// The variables, once the layer has been called.
  public var kernel: Tensor? { weights.kernel }
  /// The variable; nil before the first call, or if the layer has no bias.
  public var bias: Tensor? { weights.bias }
  /// The name given; after the first call, the one that it goes by.
  public var name: String? { weights.name }

  private let weights: ConvolutionWeights

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
    self.kernelSize = kernelSize
    self.strides = strides
    self.padding = padding
    self.depthMultiplier = depthMultiplier
    self.dilations = dilations
    weights = ConvolutionWeights(
      .init(
        baseName: "depthwise_conv2d", call: "DepthwiseConv2D(kernelSize: \(kernelSize))", count: depthMultiplier,
        kernelSize: kernelSize, isDepthwise: true),
      activation: activation, name: name, kernelInitializer: kernelInitializer,
      biasInitializer: useBias ? biasInitializer : nil)
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    weights.apply(to: input) {
      depthwiseConv2D($0, $1, strides: strides.numbers, padding: padding, dilations: dilations.numbers)
    }
  }
}
