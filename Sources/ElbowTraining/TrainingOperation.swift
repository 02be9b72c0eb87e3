import ElbowGraph

/// One training step of a graph: what it computes and what it changes.
public struct TrainingOperation {
  /// The loss before the step, a scalar.
  public var loss: Tensor
  /// The new values of parameters and of what the optimizer keeps.
  public var updates: [VariableUpdate]
  /// Each parameter with its gradient.
  public var gradients: ParameterGradients

  /// The step as a signature whose output is the loss.
  public func signature(_ name: String = "train") -> Signature {
    Signature(name, outputs: ["loss": loss], updates: updates)
  }

  /// Two steps as one, with the loss of the first: several optimizers that each change variables of their own.
  ///
  ///     let step = Adam(learningRate: 1e-4).minimize(loss, variables: encoder)
  ///       + Adam(learningRate: 1e-3).minimize(loss, variables: prior)
  public static func + (a: TrainingOperation, b: TrainingOperation) -> TrainingOperation {
    TrainingOperation(loss: a.loss, updates: a.updates + b.updates, gradients: a.gradients + b.gradients)
  }
}
