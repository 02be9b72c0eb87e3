import ElbowGraph

/// A recurrent layer whose output is its state (Elman 1990, "Finding structure in time"), as Keras has it: for the inputs x of
/// each step and the output h of the one before,
///
///     h' = activation(x kernel + h recurrentKernel + bias)
///
/// The variables are `<scopes>/<name>/kernel` of shape `[features, units]`, `recurrent_kernel` of shape `[units, units]` and
/// `bias` of shape `[units]`.
public final class SimpleRNN: RecurrentLayer {
  /// - Parameters:
  ///   - units: The size of the output, at least 1.
  ///   - activation: The function applied to each step's output.
  ///   - returnSequences: Whether the result has the outputs of all steps, or that of the last.
  ///   - goBackwards: Whether the last step comes first.
  ///   - name: The first part of its weights' names; `simple_rnn`, `simple_rnn_1`, ... if nil.
  ///   - useBias: Whether a bias is added.
  public init(
    _ units: Int, activation: @escaping Activation = tanh, returnSequences: Bool = false, goBackwards: Bool = false,
    name: String? = nil, useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal(), biasInitializer: Initializer = .zeros
  ) {
    super.init(
      units,
      Rule(baseName: "simple_rnn", call: "SimpleRNN(\(units))", gates: 1, stateCount: 1) { step in
        [activation(step.input + step.recurrent(step.state[0], gates: 0..<1))]
      },
      Options(
        returnSequences: returnSequences, goBackwards: goBackwards, name: name, kernelInitializer: kernelInitializer,
        recurrentInitializer: recurrentInitializer, biasInitializer: useBias ? biasInitializer : nil))
  }
}
