import ElbowGraph

/// Elements set to 0 at random while training, the others scaled up so that means stay (Srivastava et al. 2014):
///
///     y = x / (1 - rate) with probability 1 - rate, else 0
///
/// Called without `training: true` it does nothing.
public final class Dropout: Layer {
  /// How many elements are set to 0, from 0 and below 1.
  public let rate: Double

  /// A layer that sets a share of the elements to 0.
  ///
  /// - Parameter rate: The share, from 0 and below 1; others are recorded as a mistake when training calls it.
  public init(_ rate: Double) { self.rate = rate }

  public func callAsFunction(_ input: Tensor) -> Tensor { input }

  /// The input with elements set to 0 if `training`, else the input itself. Integers are recorded as a mistake.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    guard training, input.isValid else { return input }
    let graph = input.graph
    return graph.located {
      guard (0..<1).contains(rate) else {
        return graph.invalid(.invalidArgument, "Dropout(\(rate)): the rate is from 0 and below 1.")
      }
      guard input.dtype.isFloatingPoint else {
        return graph.invalid(
          .dtype,
          "Dropout(\(rate)) cannot be applied to \(input.type): its input is floating point; convert it with "
            + "cast(to: .float32).")
      }
      guard rate > 0 else { return input }
      return dropout(input, rate: rate, uniform: graph.randomUniform(input.shape, dtype: input.dtype))
    }
  }
}
