import ElbowGraph

/// A transposed convolution, which enlarges volumes by its strides: `activation(conv3DTranspose(x, kernel) + bias)`, as
/// Keras has it.
///
///     let larger = Conv3DTranspose(32, kernelSize: 3, strides: 2, padding: .same)(volumes)
///
/// Volumes are `[n, depth, height, width, in]`, of fixed depth, height, width and channels. The first call makes the weights:
/// `<scopes>/<name>/kernel` of shape `[kernelSize, filters, in]` - the output comes before the input - and
/// `<scopes>/<name>/bias` of shape `[filters]`.
public final class Conv3DTranspose: ConvolutionLayer {
  /// How many channels the result has, at least 1.
  public let filters: Int
  /// Places added at the end of each axis of the result; nil for what the padding makes of it.
  public let outputPadding: SpatialTriple?

  /// A layer with `filters` output channels.
  ///
  /// - Parameters:
  ///   - filters: How many channels the result has, at least 1.
  ///   - kernelSize: The window's depth, height and width.
  ///   - strides: How many times as deep, high and wide the result is, for `same` padding.
  ///   - padding: That of the convolution that would lead back.
  ///   - outputPadding: Places added at the end of each axis of the result; see ``conv3DTranspose(_:_:strides:padding:outputPadding:outputSize:)``.
  ///   - activation: The function applied to the result; nil for nothing.
  ///   - name: The first part of its weights' names; `conv3d_transpose`, `conv3d_transpose_1`, ... if nil.
  ///   - useBias: Whether a bias is added.
  ///   - kernelInitializer: The kernel's first values; it is given `[kernelSize, in, filters]`, so that the fans are right.
  public init(
    _ filters: Int, kernelSize: SpatialTriple, strides: SpatialTriple = 1, padding: ConvolutionPadding = .valid,
    outputPadding: SpatialTriple? = nil, activation: Activation? = nil, name: String? = nil, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros
  ) {
    self.filters = filters
    self.outputPadding = outputPadding
    super.init(
      Rule(
        baseName: "conv3d_transpose", call: "Conv3DTranspose(\(filters), kernelSize: \(kernelSize))", axes: .three,
        direction: .transposed(outputPadding: outputPadding?.numbers), count: filters),
      Window(size: kernelSize.numbers, strides: strides.numbers, padding: padding, dilations: [1, 1, 1]),
      Options(
        activation: activation, name: name, kernelInitializer: kernelInitializer,
        biasInitializer: useBias ? biasInitializer : nil))
  }
}
