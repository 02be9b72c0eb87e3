import ElbowGraph

/// A transposed convolution, which lengthens series by its stride: `activation(conv1DTranspose(x, kernel) + bias)`, as
/// Keras has it.
///
///     let longer = Conv1DTranspose(32, kernelSize: 3, strides: 2, padding: .same)(series)
///
/// Series are `[n, steps, in]`, of fixed length and channels. The first call makes the weights:
/// `<scopes>/<name>/kernel` of shape `[kernelSize, filters, in]` - the output comes before the input - and
/// `<scopes>/<name>/bias` of shape `[filters]`.
public final class Conv1DTranspose: ConvolutionLayer {
  /// How many channels the result has, at least 1.
  public let filters: Int
  /// Steps added at the end of the result; nil for what the padding makes of it.
  public let outputPadding: Int?

  /// A layer with `filters` output channels.
  ///
  /// - Parameters:
  ///   - filters: How many channels the result has, at least 1.
  ///   - kernelSize: How many steps the window has.
  ///   - strides: How many times as long the result is, for `same` padding.
  ///   - padding: That of the convolution that would lead back.
  ///   - outputPadding: Steps added at the end of the result; see ``conv1DTranspose(_:_:strides:padding:outputPadding:outputSize:)``.
  ///   - activation: The function applied to the result; nil for nothing.
  ///   - name: The first part of its weights' names; `conv1d_transpose`, `conv1d_transpose_1`, ... if nil.
  ///   - useBias: Whether a bias is added.
  ///   - kernelInitializer: The kernel's first values; it is given `[kernelSize, in, filters]`, so that the fans are right.
  public init(
    _ filters: Int, kernelSize: Int, strides: Int = 1, padding: ConvolutionPadding = .valid,
    outputPadding: Int? = nil, activation: Activation? = nil, name: String? = nil, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros
  ) {
    self.filters = filters
    self.outputPadding = outputPadding
    super.init(
      Rule(
        baseName: "conv1d_transpose", call: "Conv1DTranspose(\(filters), kernelSize: \(kernelSize))", axes: .one,
        direction: .transposed(outputPadding: outputPadding.map { [$0] }), count: filters),
      Window(size: [kernelSize], strides: [strides], padding: padding, dilations: [1]),
      Options(
        activation: activation, name: name, kernelInitializer: kernelInitializer,
        biasInitializer: useBias ? biasInitializer : nil))
  }
}
