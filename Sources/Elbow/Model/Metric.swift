import ElbowArrays
import ElbowGraph

/// A figure as it follows from means over all examples, in row-major order.
typealias MetricValue = (_ means: [Double]) -> Double

/// A figure besides the loss that training and validation report: a mean over the examples, or what follows from several.
///
/// The graph computes means over a batch; those of batches, weighed by their numbers of examples, are the means over all of
/// them. So a figure that is no mean itself, such as the area under a curve, does not depend on how data are cut into batches:
///
///     // The root of the mean squared error.
///     Metric("rmse", ofMeans: { target, output in ((output - target) * (output - target)).mean() }) { means in
///       means[0].squareRoot()
///     }
public struct Metric<Output> {
  /// The name it is reported under.
  public let name: String
  private let tensor: (_ target: Tensor, _ output: Output) -> Tensor
  /// How the figure follows from means of a batch; nil where the tensor has the figures of examples, whose mean it is.
  let value: MetricValue?

  /// A mean over the examples.
  ///
  /// - Parameters:
  ///   - name: The name it is reported under.
  ///   - value: The figure of each example, or of the batch: a tensor of floating point or of booleans.
  public init(_ name: String, _ value: @escaping (_ target: Tensor, _ output: Output) -> Tensor) {
    self.name = name
    tensor = value
    self.value = nil
  }

  /// A figure that follows from several means over the examples.
  ///
  /// - Parameters:
  ///   - name: The name it is reported under.
  ///   - means: The means over a batch: a floating-point tensor of a shape that does not depend on the batch.
  ///   - value: The figure for means over all examples, given in row-major order. Where it is not defined, as a precision is
  ///     when nothing is found, it is NaN.
  public init(
    _ name: String, ofMeans means: @escaping (_ target: Tensor, _ output: Output) -> Tensor,
    value: @escaping (_ means: [Double]) -> Double
  ) {
    self.name = name
    tensor = means
    self.value = value
  }

  /// The figures of each example, or of the batch, as floating point; with a ``value``, means of the batch.
  func figures(_ target: Tensor, _ output: Output) -> Tensor {
    let value = tensor(target, output)
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

  /// The numbers of classes that targets stand for; nil if they do not go with the output.
  static func labels(_ target: Tensor, of output: Tensor) -> Tensor? {
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
