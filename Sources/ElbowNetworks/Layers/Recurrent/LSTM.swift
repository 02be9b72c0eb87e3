import ElbowGraph

/// Long short-term memory (Hochreiter and Schmidhuber 1997), as Keras has it. With z = x kernel + h recurrentKernel + bias, for the
/// inputs x of each step, the output h and the memory c of the one before,
///
///     i, f, g, o = σ(z_i), σ(z_f), activation(z_c), σ(z_o)
///     c' = f c + i g
///     h' = o activation(c')
///
/// where σ is the `recurrentActivation`. The variables are `<scopes>/<name>/kernel` of shape `[features, 4 units]`,
/// `recurrent_kernel` of shape `[units, 4 units]` and `bias` of shape `[4 units]`, in the order i, f, c, o. The state is h and c.
///
///     let summary = LSTM(32)(series)  // [n, steps, features] -> [n, 32]
public final class LSTM: RecurrentLayer {
  /// - Parameters:
  ///   - units: The size of the output, at least 1.
  ///   - activation: The function applied to what is remembered and to the memory.
  ///   - recurrentActivation: The function of the gates.
  ///   - returnSequences: Whether the result has the outputs of all steps, or that of the last.
  ///   - goBackwards: Whether the last step comes first.
  ///   - name: The first part of its weights' names; `lstm`, `lstm_1`, ... if nil.
  ///   - useBias: Whether a bias is added.
  ///   - unitForgetBias: Whether the biases of the forget gate begin with 1 (Jozefowicz et al. 2015).
  public init(
    _ units: Int, activation: @escaping Activation = tanh, recurrentActivation: @escaping Activation = sigmoid,
    returnSequences: Bool = false, goBackwards: Bool = false, name: String? = nil, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, recurrentInitializer: Initializer = .orthogonal(),
    biasInitializer: Initializer = .zeros, unitForgetBias: Bool = true
  ) {
    let biases = Initializer { graph, extents, dtype in
      guard unitForgetBias else { return biasInitializer(extents, graph: graph, dtype: dtype) }
      return concatenate(
        [(biasInitializer, 1), (.ones, 1), (biasInitializer, 2)].map { $0([$1 * units], graph: graph, dtype: dtype) },
        axis: 0)
    }
    super.init(
      units,
      Rule(baseName: "lstm", call: "LSTM(\(units))", gates: 4, stateCount: 2) { step in
        let (output, memory) = (step.state[0], step.state[1])
        let z = step.input + step.recurrent(output, gates: 0..<4)
        let kept = recurrentActivation(step.block(z, 1)) * memory
        let next = kept + recurrentActivation(step.block(z, 0)) * activation(step.block(z, 2))
        return [recurrentActivation(step.block(z, 3)) * activation(next), next]
      },
      Options(
        returnSequences: returnSequences, goBackwards: goBackwards, name: name, kernelInitializer: kernelInitializer,
        recurrentInitializer: recurrentInitializer, biasInitializer: useBias ? biases : nil))
  }
}
