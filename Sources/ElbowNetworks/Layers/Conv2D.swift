import ElbowGraph

/// A two-dimensional convolution, `activation(conv2D(x, kernel) + bias)`, as Keras has it.
///
///     let features = Conv2D(32, kernelSize: 3, strides: 2, activation: relu)(images)
///
/// Images are `[n, height, width, in]`, of fixed height, width and channels. The first call makes the weights:
/// `<scopes>/<name>/kernel` of shape `[kernelSize, in, filters]` and `<scopes>/<name>/bias` of shape `[filters]`.
public final class Conv2D: Layer {
  /// How many channels the result has, at least 1.
  public let filters: Int
  /// The window's height and width, at least 1.
  public let kernelSize: SpatialPair
  /// The steps of the window down and to the right, in pixels.
  public let strides: SpatialPair
  /// The border around the images.
  public let padding: ConvolutionPadding
  /// The distances of the window's rows and of its columns, in pixels: 1 for a window without gaps.
  public let dilations: SpatialPair
  /// The variables, once the layer has been called.
  public var kernel: Tensor? { weights.kernel }
  /// The variable; nil before the first call, or if the layer has no bias.
  public var bias: Tensor? { weights.bias }
  /// The name given; after the first call, the one that it goes by.
  public var name: String? { weights.name }

  private let weights: ConvolutionWeights

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
    self.kernelSize = kernelSize
    self.strides = strides
    self.padding = padding
    self.dilations = dilations
    weights = ConvolutionWeights(
      .init(
        baseName: "conv2d", call: "Conv2D(\(filters), kernelSize: \(kernelSize))", count: filters,
        kernelSize: kernelSize),
      activation: activation, name: name, kernelInitializer: kernelInitializer,
      biasInitializer: useBias ? biasInitializer : nil)
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    weights.apply(to: input) {
      conv2D($0, $1, strides: strides.numbers, padding: padding, dilations: dilations.numbers)
    }
  }
}
