import ElbowGraph

/// A one-dimensional convolution, `activation(conv1D(x, kernel) + bias)`, as Keras has it.
///
///     let features = Conv1D(32, kernelSize: 3, padding: .same, activation: relu)(series)
///
/// Series are `[n, steps, in]`, of fixed length and channels. The first call makes the weights:
/// `<scopes>/<name>/kernel` of shape `[kernelSize, in, filters]` and `<scopes>/<name>/bias` of shape `[filters]`.
///
/// Keras's `padding="causal"` is `padding: .explicit([(dilations * (kernelSize - 1), 0)])`.
public final class Conv1D: ConvolutionLayer {
  /// How many channels the result has, at least 1.
  public let filters: Int

  /// A layer with `filters` output channels.
  ///
  /// - Parameters:
  ///   - filters: How many channels the result has, at least 1.
  ///   - kernelSize: How many steps the window has.
  ///   - padding: The border around the series; see ``ConvolutionPadding``.
  ///   - activation: The function applied to the result; nil for nothing.
  ///   - name: The first part of its weights' names; `conv1d`, `conv1d_1`, ... if nil.
  ///   - useBias: Whether a bias is added.
  public init(
    _ filters: Int, kernelSize: Int, strides: Int = 1, padding: ConvolutionPadding = .valid,
    dilations: Int = 1, activation: Activation? = nil, name: String? = nil, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros
  ) {
    self.filters = filters
    super.init(
      Rule(
        baseName: "conv1d", call: "Conv1D(\(filters), kernelSize: \(kernelSize))", axes: .one, count: filters),
      Window(
        size: [kernelSize], strides: [strides], padding: padding, dilations: [dilations]),
      Options(
        activation: activation, name: name, kernelInitializer: kernelInitializer,
        biasInitializer: useBias ? biasInitializer : nil))
  }
}
