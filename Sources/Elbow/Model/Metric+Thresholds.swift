import ElbowArrays
import ElbowGraph

// Figures that are no means over examples: they follow from how much of something lies above thresholds.
extension Metric where Output == Tensor {
  /// The area under the receiver operating characteristic of outputs that are logits of a yes or no, with labels 0 and 1: the
  /// probability that a yes has a higher output than a no. NaN unless there are both.
  ///
  /// As Keras has it: true and false positive rates at thresholds of the probability that are evenly apart, and trapezoids
  /// between them; outputs between the same thresholds count as equal.
  ///
  /// - Parameter thresholds: How many thresholds there are, at least 2.
  public static func auc(thresholds: Int = 200) -> Metric {
    // The first is below all probabilities.
    let levels = [-1] + (1..<max(thresholds, 2)).map { Double($0) / Double(max(thresholds, 2) - 1) }
    return Metric(
      "auc",
      ofMeans: { target, output in
        output.graph.located {
          guard thresholds >= 2 else {
            return output.graph.invalid(
              .invalidArgument, "The area under a curve takes at least 2 thresholds, not \(thresholds).")
          }
          guard let label = yesOrNo(target, beside: output, "area under the curve") else {
            return output.graph.invalid()
          }
          return meansAbove(levels, of: sigmoid(output).reshaped([-1]), [label, 1 - label])
        }
      }
    ) { means in
      let (yes, no) = (means.prefix(levels.count) + [0], [Double](means.suffix(levels.count)) + [0])
      let area = levels.indices.reduce(0) { $0 + (yes[$1] + yes[$1 + 1]) / 2 * (no[$1] - no[$1 + 1]) }
      return area / (yes[0] * no[0])
    }
  }

  /// Of the outputs, logits, that are above 0, the part whose label is 1, not 0. NaN if there are none.
  public static var precision: Metric { hits("precision") { means in means[0] / (means[0] + means[1]) } }

  /// Of the examples whose label is 1, not 0, the part whose output, a logit, is above 0. NaN if there are none.
  public static var recall: Metric { hits("recall") { means in means[0] / means[2] } }

  /// From how many outputs are above 0 with label 1, and 0, and how many labels are 1.
  private static func hits(_ name: String, _ value: @escaping MetricValue) -> Metric {
    Metric(
      name,
      ofMeans: { target, output in
        output.graph.located {
          guard let label = yesOrNo(target, beside: output, name) else { return output.graph.invalid() }
          let isAbove = (output.reshaped([-1]) > 0).cast(to: output.dtype)
          return stack([(isAbove * label).mean(), (isAbove * (1 - label)).mean(), label.mean()])
        }
      }, value: value)
  }

  /// How far the confidence of a classifier is from its accuracy (Guo et al. 2017): examples are sorted by the probability of
  /// the likeliest class, softmax of an output of logits, into bins of equal width; the figure is the mean over examples of the
  /// distance in their bin between mean probability and accuracy. 0 is perfect, 1 the worst. Labels are as those of ``accuracy``.
  ///
  ///     sum_b n_b / n |accuracy_b - confidence_b|
  ///
  /// - Parameter bins: How many bins there are, at least 1; a bin includes its upper end.
  public static func expectedCalibrationError(bins: Int = 15) -> Metric {
    let lowerEnds = (0..<max(bins, 1)).map { Double($0) / Double(max(bins, 1)) }
    return Metric(
      "expected_calibration_error",
      ofMeans: { target, output in
        output.graph.located {
          guard target.isValid, output.isValid else { return output.graph.invalid() }
          guard bins >= 1, let labels = labels(target, of: output) else {
            return output.graph.invalid(
              .shape,
              "The calibration error in \(bins) bins of an output \(output.type) cannot be told from targets \(target.type): "
                + "expected at least 1 bin, the scores of at least 2 classes in the output's last axis, and labels as those of "
                + "'accuracy'.")
          }
          let confidence = softmax(output).max(axes: [-1])
          let isRight = (argMax(output).cast(to: .int32) .== labels.cast(to: .int32)).cast(to: output.dtype)
          return meansAbove(lowerEnds, of: confidence.reshaped([-1]), [(isRight - confidence).reshaped([-1])])
        }
      }
    ) { means in zip(means, means.dropFirst() + [0]).reduce(0) { $0 + abs($1.0 - $1.1) } }
  }

  /// The means over all elements of weights where a score is above a level, and 0 elsewhere: `[weights, levels]`.
  private static func meansAbove(_ levels: [Double], of score: Tensor, _ weights: [Tensor]) -> Tensor {
    let isAbove = score.expandedDims(-1) > score.graph.constant(levels, dtype: score.dtype)
    return stack(weights.map { ($0.expandedDims(-1) * isAbove.cast(to: score.dtype)).mean(axes: [0]) })
  }

  /// Labels 0 and 1 of logits, all in one row, in the output's dtype; nil, with a mistake, if they do not go together.
  private static func yesOrNo(_ target: Tensor, beside output: Tensor, _ name: String) -> Tensor? {
    guard target.isValid, output.isValid else { return nil }
    func shape(_ tensor: Tensor) -> [Dimension] {
      var dimensions = tensor.shape.dimensions.map(tensor.graph.canonical)
      while dimensions.last == 1 { dimensions.removeLast() }
      return dimensions
    }
    let (own, others) = (shape(output), shape(target))
    guard output.dtype.isFloatingPoint, own.count == others.count, zip(own, others).allSatisfy({ $0.canEqual($1) })
    else {
      _ = output.graph.invalid(
        .shape,
        "The \(name) of an output \(output.type) cannot be told from targets \(target.type): expected logits, and a label, 0 "
          + "or 1, for each.")
      return nil
    }
    return target.cast(to: output.dtype).reshaped([-1])
  }
}
