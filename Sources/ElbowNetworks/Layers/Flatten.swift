import ElbowGraph

/// All axes but the first, the batch, as one.
public final class Flatten: Layer {
  /// A layer that has nothing to set.
  public init() {}
  public func callAsFunction(_ input: Tensor) -> Tensor { input.flattened() }
}
