import ElbowGraph

/// A function of tensors with weights of its own.
///
/// A layer is an object: calling it again uses the weights of the first call.
public protocol Layer: AnyObject {
  /// The layer's result for an input.
  func callAsFunction(_ input: Tensor) -> Tensor
}

extension Layer {
  /// The layer's result for what stands for a tensor, such as a distribution.
  public func callAsFunction(_ input: some TensorConvertible) -> Tensor { callAsFunction(input.tensor) }
}

/// A function that layers apply to every element of their result: `relu`, `softplus`, or any other on tensors.
public typealias Activation = (Tensor) -> Tensor
