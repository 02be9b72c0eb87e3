import ElbowArrays
import ElbowGraph

/// A figure besides the loss that training and validation report: its mean over the examples.
public struct Metric<Output> {
  /// The name it is reported under.
  public let name: String
  let value: (_ target: Tensor, _ output: Output) -> Tensor

  /// - Parameters:
  ///   - name: The name it is reported under.
  ///   - value: The figure of each example, or of the batch: a tensor of floating point or of booleans.
  public init(_ name: String, _ value: @escaping (_ target: Tensor, _ output: Output) -> Tensor) {
    self.name = name
    self.value = value
  }

  /// The figures of each example, or of the batch, as floating point.
  func figures(_ target: Tensor, _ output: Output) -> Tensor {
    let value = value(target, output)
    return value.dtype.isFloatingPoint || !value.isValid ? value : value.cast(to: .float32)
  }
}

extension Metric where Output == Tensor {
  /// How many of the examples have their label as the position of the largest element of the last axis. Labels are integers,
  /// of the output's shape without its last axis, or with 1 there; or one-hot, or probabilities, of the output's shape.
  public static var accuracy: Metric {
    Metric("accuracy") { target, output in
      output.graph.located {
        guard target.isValid, output.isValid else { return output.graph.invalid() }
        guard let labels = labels(target, of: output) else {
          return output.graph.invalid(
            .shape,
            "The accuracy of an output \(output.type) cannot be told from targets \(target.type): expected the scores of "
              + "at least 2 classes in the output's last axis, and labels of its other axes, or one-hot of its shape.")
        }
        return argMax(output).cast(to: .int32) .== labels.cast(to: .int32)
      }
    }
  }

  private static func labels(_ target: Tensor, of output: Tensor) -> Tensor? {
    guard output.rank >= 1, output.shape[-1].value != 1 else { return nil }
    if target.rank == output.rank - 1 { return target }
    guard target.rank == output.rank else { return nil }
    if target.shape[-1].value == 1 { return target.squeezed(axes: [-1]) }
    return target.shape[-1] == output.shape[-1] ? argMax(target) : nil
  }

  /// How many of the examples have their label among the `k` classes of the largest elements of the last axis. Labels are as those of
  /// ``accuracy``.
  public static func topK(_ k: Int) -> Metric {
    Metric("top_\(k)_accuracy") { target, output in
      output.graph.located {
        guard target.isValid, output.isValid else { return output.graph.invalid() }
        guard k >= 1, let labels = labels(target, of: output), let classes = output.shape[-1].value else {
          return output.graph.invalid(
            .shape, "The top \(k) of an output \(output.type) cannot be told from targets \(target.type).")
        }
        let isOwn = oneHot(labels.cast(to: .int32), depth: classes, dtype: output.dtype) .!= output.zerosLike()
        // A product instead would make NaN of a class that is ruled out by a logit of -infinity.
        let own = select(isOwn, output, output.zerosLike()).sum(axes: [-1], keepDims: true)
        return (output > own).cast(to: output.dtype).sum(axes: [-1]) < Double(k)
      }
    }
  }

  /// The squared distance of the probabilities from the label's, of an output of logits (Brier 1950): 0 is perfect, 2 the worst.
  /// Labels are as those of ``accuracy``.
  public static var brierScore: Metric {
    Metric("brier_score") { target, output in
      output.graph.located {
        guard target.isValid, output.isValid else { return output.graph.invalid() }
        guard let labels = labels(target, of: output), let classes = output.shape[-1].value else {
          return output.graph.invalid(
            .shape, "The Brier score of an output \(output.type) cannot be told from targets \(target.type).")
        }
        let error = softmax(output) - oneHot(labels.cast(to: .int32), depth: classes, dtype: output.dtype)
        return (error * error).sum(axes: [-1])
      }
    }
  }

  /// How many of the outputs, logits of a yes or no, are on the side of their label, which is 0 or 1.
  public static var binaryAccuracy: Metric {
    Metric("binary_accuracy") { target, output in
      (output > 0).cast(to: output.dtype) .== target.cast(to: output.dtype)
    }
  }

  /// The mean of the absolute differences.
  public static var meanAbsoluteError: Metric {
    Metric("mean_absolute_error") { target, output in abs(output - target) }
  }

  /// The mean of the squared differences.
  public static var meanSquaredError: Metric {
    Metric("mean_squared_error") { target, output in (output - target) * (output - target) }
  }
}
