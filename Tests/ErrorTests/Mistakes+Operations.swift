import Elbow

/// Operations that do not fit.
extension MistakeTable {
  static let shapes: [Mistake] = [
    Mistake(
      "'multiply' cannot be applied to (float32[2, 3], float32[3, 2]): the shapes [2, 3] and [3, 2] do not "
        + "broadcast: axis -2 has 2 on the left and 3 on the right, and neither is 1.",
      at: #line + 1
    ) { _ = $0.zeros([2, 3]) * $0.zeros([3, 2]) },
    Mistake(
      "'reduce_sum' of float32[2, 3]: it has no axis 2; axes go from 0 to 1, or from -2 to -1.",
      at: #line + 1
    ) { _ = $0.zeros([2, 3]).sum(axes: [2]) },
    Mistake(
      "'reduce_maximum' of float32[2, 3]: [0, 0] name an axis twice.",
      at: #line + 1
    ) { _ = $0.zeros([2, 3]).max(axes: [0, 0]) },
    Mistake(
      "'broadcast' cannot be applied to (float32[2, 3]): rank 2 does not broadcast to [2].",
      at: #line + 1
    ) { _ = $0.zeros([2, 3]).broadcast(to: [2]) },
    Mistake(
      "'broadcast' cannot be applied to (float32[2, 3]): the extent 3 does not stretch to 2 of [4, 2].",
      at: #line + 1
    ) { _ = $0.zeros([2, 3]).broadcast(to: [4, 2]) },
    Mistake(
      "'squeezed' of float32[2, 3]: axis 1 has the extent 3; only axes of 1 can go.",
      at: #line + 1
    ) { _ = $0.zeros([2, 3]).squeezed(axes: [1]) },
    Mistake(
      "float32[2, 3] cannot get an axis at 4; expected -3 to 2.",
      at: #line + 1
    ) { _ = $0.zeros([2, 3]).expandedDims(4) },
    Mistake(
      "'transpose' cannot be applied to (float32[2, 3]): [1] is not an order of the 2 axes of [2, 3].",
      at: #line + 1
    ) { _ = $0.zeros([2, 3]).transposed([1]) },
    Mistake(
      "'reverse' of float32[2, 3]: it has no axis 2; axes go from 0 to 1, or from -2 to -1.",
      at: #line + 1
    ) { _ = $0.zeros([2, 3]).reversed(axes: [2]) },
    Mistake(
      "'concatenate' cannot be applied to (float32[2], float32[2, 3]): the ranks of [2] and [2, 3] differ.",
      at: #line + 1
    ) { _ = concatenate([$0.zeros([2]), $0.zeros([2, 3])], axis: 0) },
    Mistake(
      "'concatenate' cannot be applied to (float32[2]): [2] has no axis 1.",
      at: #line + 1
    ) { _ = concatenate([$0.zeros([2])], axis: 1) },
    Mistake(
      "'concatenate' cannot be applied to (float32[1, 2], float32[1, 3]): [1, 2] and [1, 3] differ in "
        + "another axis than 0.",
      at: #line + 1
    ) { _ = stack([$0.zeros([2]), $0.zeros([3])]) },
    Mistake(
      "'contraction' cannot be applied to (float32[2], float32[3]): axis 0 of [2] has the extent 2, but "
        + "axis 0 of [3], which it is multiplied with, has 3.",
      at: #line + 1
    ) { _ = matmul($0.zeros([2]), $0.zeros([3])) },
    Mistake(
      "'matmul' of float32[] and float32[3]: both need at least one axis.",
      at: #line + 1
    ) { _ = matmul($0.constant(1), $0.zeros([3])) },
    Mistake(
      "'matmul' of float32[5, 2, 3] and float32[4, 3, 2]: the batch axes do not broadcast.",
      at: #line + 1
    ) { _ = matmul($0.zeros([5, 2, 3]), $0.zeros([4, 3, 2])) },
    Mistake(
      "'contraction' cannot be applied to (float32[2, 3], float32[2, 3]): axis 0 of [2, 3] has the extent "
        + "2, but axis 1 of [2, 3], which it is multiplied with, has 3.",
      at: #line + 1
    ) { _ = matmul($0.zeros([2, 3]), $0.zeros([2, 3]), transposeA: true, transposeB: true) },
    Mistake(
      "'reduce_maximum' of float32[2, 3]: it has no axis 2; axes go from 0 to 1, or from -2 to -1.",
      at: #line + 1
    ) { _ = softmax($0.zeros([2, 3]), axis: 2) },
    Mistake(
      "'reduce_maximum' of float32[2, 3]: it has no axis -3; axes go from 0 to 1, or from -2 to -1.",
      at: #line + 1
    ) { _ = logSumExp($0.zeros([2, 3]), axes: [-3]) },
    Mistake(
      "'cumsum' of float32[2, 3]: it has no axis 2; axes go from 0 to 1, or from -2 to -1.",
      at: #line + 1
    ) { _ = cumsum($0.zeros([2, 3]), axis: 2) },
    Mistake(
      "'arg_reduce' of float32[]: a scalar has no axes.",
      at: #line + 1
    ) { _ = argMax($0.constant(1)) },
    Mistake(
      "'gather' cannot be applied to (float32[4, 2], float32[3]): its indices must be int32 or int64, but "
        + "are float32.",
      at: #line + 1
    ) { _ = take($0.zeros([4, 2]), $0.zeros([3])) },
    Mistake(
      "'take' of float32[4, 2]: it has no axis 2; axes go from 0 to 1, or from -2 to -1.",
      at: #line + 1
    ) { _ = take($0.zeros([4, 2]), $0.zeros([3], dtype: .int32), axis: 2) },
    Mistake(
      "'oneHot' of float32[3] with depth 4: it takes integers and a depth of at least 1.",
      at: #line + 1
    ) { _ = oneHot($0.zeros([3]), depth: 4) },
    Mistake(
      "'oneHot' of int32[3] with depth 0: it takes integers and a depth of at least 1.",
      at: #line + 1
    ) { _ = oneHot($0.zeros([3], dtype: .int32), depth: 0) },
    Mistake(
      "'cholesky' cannot be applied to (float32[2, 3]): [2, 3] does not end in a square matrix.",
      at: #line + 1
    ) { _ = cholesky($0.zeros([2, 3])) },
    Mistake(
      "'triangular_solve' cannot be applied to (float32[2, 2], float32[3, 1]): the right-hand sides [3, 1] "
        + "do not fit the matrices [2, 2]: the rows must be as many, and the axes before agree.",
      at: #line + 1
    ) { _ = triangularSolve($0.ones([2, 2]), $0.zeros([3, 1])) },
    Mistake(
      "'diagPart' of float32[3]: it needs square matrices.",
      at: #line + 1
    ) { _ = diagPart($0.zeros([3])) },
    Mistake(
      "'fillTriangular' of float32[5]: the last axis needs a known extent k (k + 1) / 2, such as 1, 3, 6 or "
        + "10.",
      at: #line + 1
    ) { _ = fillTriangular($0.zeros([5])) },
    Mistake(
      "'select' cannot be applied to (bool[2], float32[2], float32[3]): the shapes [2] and [3] do not "
        + "broadcast: axis -1 has 2 on the left and 3 on the right, and neither is 1.",
      at: #line + 1
    ) { _ = select($0.zeros([2]) > 0, $0.zeros([2]), $0.zeros([3])) },
    Mistake(
      "'select' cannot be applied to (float32[2], float32[2], float32[2]): its first operand must be bool, "
        + "but is float32.",
      at: #line + 1
    ) { _ = select($0.zeros([2]), $0.zeros([2]), $0.zeros([2])) },
    Mistake(
      "'slice' cannot be applied to (float32[2, 3]): axis 0 has the extent 2; 1 elements from 2 by 1 do not "
        + "lie within it.",
      at: #line + 1
    ) { _ = $0.zeros([2, 3])[2] },
    Mistake(
      "'slice' cannot be applied to (float32[2, 3]): axis 1 has the extent 3; 1 elements from 5 by 1 do not "
        + "lie within it.",
      at: #line + 1
    ) { _ = $0.zeros([2, 3])[0..., 5] },
    Mistake(
      "'pad' cannot be applied to (float32[2, 3]): a low, a high and an interior padding are needed for "
        + "each axis of [2, 3].",
      at: #line + 1
    ) { _ = $0.zeros([2, 3]).padded(low: [1], high: [1]) },
    Mistake(
      "'add' cannot be applied to (float32[n, 3], float32[m, 4]): the shapes [n, 3] and [m, 4] do not "
        + "broadcast: axis -1 has 3 on the left and 4 on the right, and neither is 1.",
      at: #line + 1
    ) { _ = $0.placeholder("x", shape: [nil, 3]) + $0.placeholder("y", shape: [nil, 4]) },
    Mistake(
      "'convolution' cannot be applied to (float32[1, 8, 8, 3], float32[3, 3, 4, 8]): the input has 3 "
        + "features, but the kernel [3, 3, 4, 8] takes 4.",
      at: #line + 1
    ) { _ = conv2D($0.zeros([1, 8, 8, 3]), $0.zeros([3, 3, 4, 8])) },
    Mistake(
      "'conv2D' of float32[8, 8, 3] and the kernel float32[3, 3, 3, 8]: images are [n, height, width, "
        + "channels] and kernels have as many axes, both of fixed height and width.",
      at: #line + 1
    ) { _ = conv2D($0.zeros([8, 8, 3]), $0.zeros([3, 3, 3, 8])) },
    Mistake(
      "'convolution' cannot be applied to (float32[1, 2, 2, 3], float32[3, 3, 3, 8]): a window that spans 3 "
        + "elements does not fit the extent 2, padding included.",
      at: #line + 1
    ) { _ = conv2D($0.zeros([1, 2, 2, 3]), $0.zeros([3, 3, 3, 8])) },
    Mistake(
      "'maxPool2D' of float32[1, 4, 4] with windows [2, 2] and strides [2, 2]: it takes images [n, height, "
        + "width, channels] of fixed height and width, and a size, a stride and a padding for each axis of the window.",
      at: #line + 1
    ) { _ = maxPool2D($0.zeros([1, 4, 4]), size: [2, 2]) },
    Mistake(
      "'reduce_window' cannot be applied to (float32[1, 4, 4, 2]): a window that spans 5 elements does not "
        + "fit the extent 4, padding included.",
      at: #line + 1
    ) { _ = maxPool2D($0.zeros([1, 4, 4, 2]), size: [5, 5]) },
    Mistake(
      "'broadcast' cannot be applied to (float32[]): a result of shape [2097152, 2097152] is too large to "
        + "hold.",
      at: #line + 1
    ) { _ = $0.zeros([2097152, 2097152]) },
    Mistake(
      "'iota' of shape [3] has no axis 1.",
      at: #line + 1
    ) { _ = $0.iota([3], axis: 1) },
  ]

  static let dtypes: [Mistake] = [
    Mistake(
      "'divide' cannot be applied to (int32[2], int64[2]): the dtypes int32 and int64 differ; convert one "
        + "with cast(to:).",
      at: #line + 1
    ) { _ = $0.zeros([2], dtype: .int32) / $0.zeros([2], dtype: .int64) },
    Mistake(
      "'add' cannot be applied to (bool[2], bool[2]): it needs numbers, but found bool; convert with "
        + "cast(to:).",
      at: #line + 1
    ) { _ = ($0.zeros([2]) > 0) + ($0.zeros([2]) > 0) },
    Mistake(
      "'reduce' cannot be applied to (bool[2]): it needs numbers, but found bool; convert with cast(to:).",
      at: #line + 1
    ) { _ = ($0.zeros([2]) > 0).sum() },
    Mistake(
      "'log' cannot be applied to (uint8[2]): it needs floating-point operands, but found uint8; convert "
        + "with cast(to: .float32).",
      at: #line + 1
    ) { _ = log($0.zeros([2], dtype: .uint8)) },
    Mistake(
      "'bitwise' cannot be applied to (float32[2], float32[2]): it needs integers or booleans, but found "
        + "float32.",
      at: #line + 1
    ) { _ = $0.zeros([2]) .& $0.zeros([2]) },
    Mistake(
      "'contraction' cannot be applied to (int32[2, 2], int32[2, 2]): it needs floating-point operands, but "
        + "found int32; convert with cast(to: .float32).",
      at: #line + 1
    ) { _ = matmul($0.zeros([2, 2], dtype: .int32), $0.zeros([2, 2], dtype: .int32)) },
    Mistake(
      "'softmaxCrossEntropy' of logits float32[4, 10] and labels float32[4]: labels are the numbers of "
        + "classes, integers; for probabilities of classes use softmaxCrossEntropy(logits:probabilities:).",
      at: #line + 1
    ) { _ = softmaxCrossEntropy(logits: $0.zeros([4, 10]), labels: $0.zeros([4])) },
    Mistake(
      "'softmaxCrossEntropy' of logits float32[4, 10] and labels int32[4, 10]: labels have the axes of the "
        + "logits but for the last, the classes.",
      at: #line + 1
    ) { _ = softmaxCrossEntropy(logits: $0.zeros([4, 10]), labels: $0.zeros([4, 10], dtype: .int32)) },
    Mistake(
      "'softmaxCrossEntropy' of logits float32[4, 10] and probabilities float32[4, 9]: both have the "
        + "classes on their last axis.",
      at: #line + 1
    ) { _ = softmaxCrossEntropy(logits: $0.zeros([4, 10]), probabilities: $0.zeros([4, 9])) },
    Mistake(
      "'sigmoidCrossEntropy' of logits float32[4] and labels int32[4]: both are floating point of one "
        + "dtype; convert with cast(to: .float32).",
      at: #line + 1
    ) { _ = sigmoidCrossEntropy(logits: $0.zeros([4]), labels: $0.zeros([4], dtype: .int32)) },
    Mistake(
      "'randomGamma' of concentrations int32[3]: they are floating point; convert with cast(to: .float32).",
      at: #line + 1
    ) { _ = $0.randomGamma([3], concentration: $0.zeros([3], dtype: .int32)) },
  ]
}
