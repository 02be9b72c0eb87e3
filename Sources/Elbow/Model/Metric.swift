import ElbowArrays
import ElbowGraph

/// A figure besides the loss that training and validation report: its mean over the examples.
public struct Metric<Output> {
  public let name: String
  let value: (_ target: Tensor, _ output: Output) -> Tensor

  /// - Parameters:
  ///   - name: What it is reported as.
  ///   - value: The figure of each example, or of the batch: a tensor of floating point or of booleans.
  public init(_ name: String, _ value: @escaping (_ target: Tensor, _ output: Output) -> Tensor) {
    self.name = name
    self.value = value
  }

  /// The mean over a batch, a scalar.
  func mean(_ target: Tensor, _ output: Output) -> Tensor {
    let value = value(target, output)
    return (value.dtype.isFloatingPoint || !value.isValid ? value : value.cast(to: .float32)).mean()
  }
}

extension Metric where Output == Tensor {
  /// How many of the examples have their label, an integer, as the position of the largest element of the last axis.
  public static var accuracy: Metric {
    Metric("accuracy") { target, output in argMax(output).cast(to: .int32) .== target.cast(to: .int32) }
  }

  /// The mean of the squared differences.
  public static var meanSquaredError: Metric {
    Metric("mean_squared_error") { target, output in (output - target) * (output - target) }
  }
}
