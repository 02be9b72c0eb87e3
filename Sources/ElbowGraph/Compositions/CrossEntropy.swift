import ElbowArrays

// Losses of classification, one for each example; their `mean()` is what is trained.
//
// With label smoothing (Szegedy et al. 2016) a part s of a label is spread evenly over the k classes: (1 - s) p + s / k.

/// -z log(sigmoid(x)) - (1 - z) log(1 - sigmoid(x)), element by element, for logits x and labels z from 0 to 1; the two
/// broadcast.
///
/// The terms are grouped as z max(-x, 0) + (1 - z) max(x, 0) + log1p(exp(-|x|)), none of which is negative, so that
/// they never cancel.
///
/// - Parameters:
///   - logits: Floating point.
///   - labels: From 0 to 1, of the logits' dtype.
///   - labelSmoothing: The part s, from 0 to 1, of which labels z become (1 - s) z + s / 2.
public func sigmoidCrossEntropy(logits: Tensor, labels: Tensor, labelSmoothing: Double = 0) -> Tensor {
  logits.graph.located {
    guard let smoothing = checked(labelSmoothing, "sigmoidCrossEntropy", logits.graph) else {
      return logits.graph.invalid()
    }
    guard logits.isValid, labels.isValid else { return logits.graph.invalid() }
    guard logits.dtype == labels.dtype, logits.dtype.isFloatingPoint else {
      return logits.graph.invalid(
        .dtype,
        "'sigmoidCrossEntropy' of logits \(logits.type) and labels \(labels.type): both are floating point of one dtype; "
          + "convert with cast(to: .float32).")
    }
    let target = smoothing == 0 ? labels : (1 - smoothing) * labels + smoothing / 2
    let distance = select(logits >= 0, (1 - target) * logits, -target * logits)
    let entropy = distance + log1p(exp(negativeMagnitude(logits)))
    logits.graph.expect(labels, in: 0...1, for: entropy, "'sigmoidCrossEntropy' takes labels between 0 and 1")
    return entropy
  }
}

/// -sum_i p_i log(softmax(x)_i) over the last axis, for logits x and probabilities p, both `[..., k]`; the axes before
/// broadcast.
///
/// A probability of 0 counts as 0 even where the logit is -inf.
///
/// - Parameters:
///   - logits: Floating point.
///   - probabilities: From 0 to 1, of the logits' dtype.
///   - labelSmoothing: The part s, from 0 to 1, of which probabilities p become (1 - s) p + s / k.
public func softmaxCrossEntropy(logits: Tensor, probabilities: Tensor, labelSmoothing: Double = 0) -> Tensor {
  logits.graph.located {
    guard let smoothing = checked(labelSmoothing, "softmaxCrossEntropy", logits.graph) else {
      return logits.graph.invalid()
    }
    guard logits.isValid, probabilities.isValid else { return logits.graph.invalid() }
    guard logits.rank >= 1, probabilities.rank >= 1, logits.shape[-1].canEqual(probabilities.shape[-1]) else {
      return logits.graph.invalid(
        .shape,
        "'softmaxCrossEntropy' of logits \(logits.type) and probabilities \(probabilities.type): both have the classes "
          + "on their last axis.")
    }
    logits.unify(logits.rank - 1, with: probabilities, probabilities.rank - 1)
    let target =
      smoothing == 0
      ? probabilities
      : (1 - smoothing) * probabilities + smoothing / logits.graph.extent(logits.shape[-1], dtype: logits.dtype)
    let entropy = -multiplyNoNaN(target, logSoftmax(logits)).sum(axes: [-1])
    logits.graph.expect(
      probabilities, in: 0...1, for: entropy, "'softmaxCrossEntropy' takes probabilities between 0 and 1")
    return entropy
  }
}

/// -log(softmax(x)[c]) over the last axis, for logits x, `[..., k]`, and the numbers c of classes from 0 to k - 1,
/// integers `[...]`.
///
/// A class that is out of range has the probability 0: the entropy is infinite, without a gradient.
///
/// - Parameters:
///   - logits: Floating point.
///   - labels: The numbers of classes, integers.
///   - labelSmoothing: The part s, from 0 to 1, of which the label's class has the probability 1 - s + s / k, and each other s / k.
public func softmaxCrossEntropy(logits: Tensor, labels: Tensor, labelSmoothing: Double = 0) -> Tensor {
  let graph = logits.graph
  return graph.located {
    guard let smoothing = checked(labelSmoothing, "softmaxCrossEntropy", graph) else { return graph.invalid() }
    guard logits.isValid, labels.isValid else { return graph.invalid() }
    guard labels.dtype.isInteger else {
      return graph.invalid(
        .dtype,
        "'softmaxCrossEntropy' of logits \(logits.type) and labels \(labels.type): labels are the numbers of classes, "
          + "integers; for probabilities of classes use softmaxCrossEntropy(logits:probabilities:).")
    }
    guard logits.rank == labels.rank + 1, (0..<labels.rank).allSatisfy({ logits.shape[$0].canEqual(labels.shape[$0]) })
    else {
      return graph.invalid(
        .shape,
        "'softmaxCrossEntropy' of logits \(logits.type) and labels \(labels.type): labels have the axes of the logits "
          + "but for the last, the classes.")
    }
    for axis in 0..<labels.rank { logits.unify(axis, with: labels, axis) }
    let classCount = logits.shape[-1]
    let classes = graph.iota([classCount], axis: 0, dtype: labels.dtype)
    let isClass = (labels >= 0) .& (labels < graph.extent(classCount, dtype: labels.dtype))
    let own = select(labels.expandedDims(-1) .== classes, logits, logits.scalar(0)).sum(axes: [-1])
    let selected = smoothing == 0 ? own : (1 - smoothing) * own + smoothing * logits.mean(axes: [-1])
    let entropy = select(isClass, logSumExp(logits, axes: [-1]) - selected, logits.scalar(.infinity))
    if let count = classCount.value {
      graph.expect(
        labels, in: 0...Double(count - 1), for: entropy, "'softmaxCrossEntropy' takes labels from 0 to \(count - 1)")
    }
    return entropy
  }
}

/// The part of labels that is spread; nil, with a mistake, where it is out of range.
private func checked(_ labelSmoothing: Double, _ name: String, _ graph: Graph) -> Double? {
  guard labelSmoothing >= 0, labelSmoothing <= 1 else {
    _ = graph.invalid(.invalidArgument, "'\(name)': labelSmoothing is from 0 to 1, not \(labelSmoothing).")
    return nil
  }
  return labelSmoothing
}
