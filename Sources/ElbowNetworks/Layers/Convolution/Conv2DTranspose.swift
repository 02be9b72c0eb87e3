import ElbowGraph

/// A transposed convolution, which enlarges images by its strides: `activation(conv2DTranspose(x, kernel) + bias)`, as
/// Keras has it.
///
///     let larger = Conv2DTranspose(32, kernelSize: 3, strides: 2, padding: .same, activation: relu)(images)
///
/// Images are `[n, height, width, in]`, of fixed height, width and channels. The first call makes the weights:
/// `<scopes>/<name>/kernel` of shape `[kernelSize, filters, in]` - the output comes before the input - and
/// `<scopes>/<name>/bias` of shape `[filters]`.
public final class Conv2DTranspose: ConvolutionLayer {
  /// How many channels the result has, at least 1.
  public let filters: Int
  /// Rows and columns added at the end of the result; nil for what the padding makes of it.
  public let outputPadding: SpatialPair?

  /// A layer with `filters` output channels.
  ///
  /// - Parameters:
  ///   - filters: How many channels the result has, at least 1.
  ///   - kernelSize: The window's height and width.
  ///   - strides: How many times as high and wide the result is, for `same` padding.
  ///   - padding: That of the convolution that would lead back.
  ///   - outputPadding: Rows and columns added at the end of the result; see ``conv2DTranspose(_:_:strides:padding:outputPadding:outputSize:)``.
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
    self.outputPadding = outputPadding
    super.init(
      Rule(
        baseName: "conv2d_transpose", call: "Conv2DTranspose(\(filters), kernelSize: \(kernelSize))", axes: .two,
        direction: .transposed(outputPadding: outputPadding?.numbers), count: filters),
      Window(size: kernelSize.numbers, strides: strides.numbers, padding: padding, dilations: [1, 1]),
      Options(
        activation: activation, name: name, kernelInitializer: kernelInitializer,
        biasInitializer: useBias ? biasInitializer : nil))
  }
}
