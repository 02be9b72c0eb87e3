import ElbowGraph

/// A gated recurrent unit (Cho et al. 2014), as Keras has it: for the inputs x of each step and the output h of the one before,
/// with x_z, x_r and x_h the blocks of x kernel + bias, and h_z, h_r and h_h those of h recurrentKernel + recurrent bias,
///
///     z, r = σ(x_z + h_z), σ(x_r + h_r)
///     g = activation(x_h + r h_h)
///     h' = z h + (1 - z) g
///
/// where σ is the `recurrentActivation`. Without `resetAfter` the reset gate comes before the product: h_h is (r h) recurrentKernel_h,
/// and there is no recurrent bias.
///
/// The variables are `<scopes>/<name>/kernel` of shape `[features, 3 units]`, `recurrent_kernel` of shape `[units, 3 units]` and
/// `bias` of shape `[2, 3 units]`, the inputs' before the recurrent one, or `[3 units]` without `resetAfter`; in the order z, r, h.
public final class GRU: RecurrentLayer {
  /// - Parameters:
  ///   - units: The size of the output, at least 1.
  ///   - activation: The function applied to the candidate of the output.
  ///   - recurrentActivation: The function of the gates.
  ///   - returnSequences: Whether the result has the outputs of all steps, or that of the last.
  ///   - goBackwards: Whether the last step comes first.
  ///   - resetAfter: Whether the reset gate is applied after the product with the recurrent kernel.
  ///   - name: The first part of its weights' names; `gru`, `gru_1`, ... if nil.
  ///   - useBias: Whether biases are added.
  public init(
    _ units: Int, activation: @escaping Activation = tanh, recurrentActivation: @escaping Activation = sigmoid,
    returnSequences: Bool = false, goBackwards: Bool = false, resetAfter: Bool = true, name: String? = nil,
    useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal(), biasInitializer: Initializer = .zeros
  ) {
    super.init(
      units,
      Rule(baseName: "gru", call: "GRU(\(units))", gates: 3, stateCount: 1, hasRecurrentBias: resetAfter) { step in
        let (x, h) = (step.input, step.state[0])
        // One product for all three if none of them has to wait for the reset gate.
        let product = step.recurrent(h, gates: resetAfter ? 0..<3 : 0..<2)
        let z = recurrentActivation(step.block(x, 0) + step.block(product, 0))
        let r = recurrentActivation(step.block(x, 1) + step.block(product, 1))
        let recurrent = resetAfter ? r * step.block(product, 2) : step.recurrent(r * h, gates: 2..<3)
        let candidate = activation(step.block(x, 2) + recurrent)
        return [z * h + (1 - z) * candidate]
      },
      Options(
        returnSequences: returnSequences, goBackwards: goBackwards, name: name, kernelInitializer: kernelInitializer,
        recurrentInitializer: recurrentInitializer, biasInitializer: useBias ? biasInitializer : nil))
  }
}
