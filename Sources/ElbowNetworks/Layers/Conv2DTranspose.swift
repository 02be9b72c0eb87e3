import ElbowGraph

/// A transposed convolution, which enlarges images by its strides: `activation(conv2DTranspose(x, kernel) + bias)`, as
/// Keras has it.
///
///     let larger = Conv2DTranspose(32, kernelSize: 3, strides: 2, padding: .same, activation: relu)(images)
///
/// Images are `[n, height, width, in]`, of fixed height, width and channels. The first call makes the weights:
/// `<scopes>/<name>/kernel` of shape `[kernelSize, filters, in]` - the output comes before the input - and
/// `<scopes>/<name>/bias` of shape `[filters]`.
public final class Conv2DTranspose: Layer {
  /// How many channels the result has, at least 1.
  public let filters: Int
  /// The window's height and width, at least 1.
  public let kernelSize: SpatialPair
  /// How many times as high and wide the result is, for `same` padding.
  public let strides: SpatialPair
  /// The padding of the convolution that would lead back.
  public let padding: ConvolutionPadding
  /// Rows and columns added at the end of the result; nil for what the padding makes of it.
  public let outputPadding: SpatialPair?
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
  ///   - strides: How many times as large the result is, for `same` padding.
  ///   - padding: That of the convolution that would lead back.
  ///   - outputPadding: Rows and columns to add at the end; see ``conv2DTranspose(_:_:strides:padding:outputPadding:outputSize:)``.
  ///   - activation: The function applied to the result; nil for nothing.
  ///   - name: The first part of its weights' names; `conv2d_transpose`, `conv2d_transpose_1`, ... if nil.
  ///   - useBias: Whether a bias is added.
  ///   - kernelInitializer: The kernel's first values; it is given `[kernelSize, in, filters]`, so that the fans are right.
  public init(
    _ filters: Int, kernelSize: SpatialPair, strides: SpatialPair = 1, padding: ConvolutionPadding = .valid,
    outputPadding: SpatialPair? = nil, activation: Activation? = nil, name: String? = nil, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros
  ) {
    self.filters = filters
    self.kernelSize = kernelSize
    self.strides = strides
    self.padding = padding
    self.outputPadding = outputPadding
    weights = ConvolutionWeights(
      .init(
        baseName: "conv2d_transpose", call: "Conv2DTranspose(\(filters), kernelSize: \(kernelSize))", count: filters,
        kernelSize: kernelSize, isTransposed: true),
      activation: activation, name: name, kernelInitializer: kernelInitializer,
      biasInitializer: useBias ? biasInitializer : nil)
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    weights.apply(to: input) {
      conv2DTranspose(
        $0, $1, strides: strides.numbers, padding: padding, outputPadding: outputPadding?.numbers)
    }
  }
}
