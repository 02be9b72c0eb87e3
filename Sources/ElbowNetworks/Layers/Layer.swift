import ElbowGraph

/// A part of a model, as training has to know it: a layer, or several. What it does not say itself is what the parts say that it
/// has as properties, so that a type made of layers need only be declared one:
///
///     struct Encoder: ModelPart {
///       let hidden = Dense(100, activation: relu)
///       let code = Dense(2)
///       func callAsFunction(_ x: Tensor) -> Tensor { code(hidden(x)) }
///     }
///     let encoder = Encoder()
///     let z = encoder(images)
///     let step = Adam().minimize(loss, variables: encoder.parameters)
public protocol ModelPart: Parameterized {
  /// The changes that calls with `training: true` make besides the gradients' doing, such as moving averages. A training step
  /// has to carry these out:
  ///
  ///     var step = Adam().minimize(loss)
  ///     step.updates += model.updates
  var updates: [VariableUpdate] { get }
  /// The terms that the part adds to the loss, scalars: penalties of its latest call, such as a divergence from a prior.
  var losses: [Tensor] { get }
}

/// A function of tensors with weights of its own.
///
/// A layer is an object: calling it again uses the weights of the first call. Its variables are called `<scopes>/<name>/kernel` and so on,
/// where the name is the one given, or the type's in small letters, numbered by the graph: `dense`, `dense_1`, ...; scopes are those of
/// ``Sequential/init(name:_:)`` and ``Graph/scope(_:_:)`` around the first call.
public protocol Layer: ModelPart {
  /// The layer's result for an input, as a trained model gives it.
  func callAsFunction(_ input: Tensor) -> Tensor
  /// The layer's result for an input; a few layers, such as ``BatchNormalization``, do something else while training.
  func callAsFunction(_ input: Tensor, training: Bool) -> Tensor
}

extension Layer {
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor { callAsFunction(input) }

  /// The layer's result for what stands for a tensor, such as a distribution.
  public func callAsFunction(_ input: some TensorConvertible) -> Tensor { callAsFunction(input.tensor) }
  /// The layer's result for what stands for a tensor, such as a distribution, while training or not.
  public func callAsFunction(_ input: some TensorConvertible, training: Bool) -> Tensor {
    callAsFunction(input.tensor, training: training)
  }
}

/// A function that layers apply to every element of their result: `relu`, `softplus`, or any other on tensors.
public typealias Activation = (Tensor) -> Tensor

extension Tensor {
  /// Whether a layer's variable goes with an input: it was made, and in the input's graph. If not, there is a recorded mistake.
  func isUsable(with input: Tensor, by layer: String) -> Bool {
    guard isValid, graph !== input.graph else { return isValid }
    _ = input.graph.invalid(.invalidArgument, "\(layer) has its weights in another graph; make a layer for each.")
    return false
  }
}
