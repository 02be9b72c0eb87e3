import ElbowArrays
import ElbowGraph

/// The operations of nn.json.
public enum GoldenOperation {
  /// Operations by their name in the file; those that are missing are compositions of other modules.
  public static let all: [String: @Sendable (GoldenCase, [String: Tensor]) -> Tensor?] = [
    "avg_pool": { golden, x in
      x["x"].map {
        avgPool2D($0, size: golden.integers("ksize"), strides: golden.integers("strides"), padding: golden.padding)
      }
    },
    "batch_norm_inference": { golden, x in
      guard let mean = x["moving_mean"], let variance = x["moving_variance"] else { return nil }
      return x["x"].map {
        normalized(
          $0, mean: mean, variance: variance, scale: x["gamma"], offset: x["beta"], epsilon: golden.epsilon)
      }
    },
    "batch_norm_training": { golden, x in
      guard let input = x["x"] else { return nil }
      let (mean, variance) = moments(input, axes: [Int](0..<input.rank - 1))
      return normalized(
        input, mean: mean, variance: variance, scale: x["gamma"], offset: x["beta"], epsilon: golden.epsilon)
    },
    "bessel_i0e": { _, x in x["x"].map { i0e($0) } },
    "bessel_i1e": { _, x in x["x"].map { i1e($0) } },
    "betainc": { _, x in
      guard let a = x["a"], let b = x["b"], let x = x["x"] else { return nil }
      return betainc(a, b, x)
    },
    "cholesky": { _, x in x["a"].map { cholesky($0) } },
    "conv2d": { golden, x in
      guard let images = x["x"], let kernel = x["kernel"] else { return nil }
      return biased(
        conv2D(
          images, kernel, strides: golden.integers("strides"), padding: golden.padding,
          dilations: golden["attrs"]?["dilations"] == nil ? [1, 1] : golden.integers("dilations")), x)
    },
    "conv2d_transpose": { golden, x in
      guard let images = x["x"], let kernel = x["kernel"] else { return nil }
      let isDefault = golden.flag("keras_default_output")
      return biased(
        conv2DTranspose(
          images, kernel, strides: golden.integers("strides"), padding: golden.padding,
          outputSize: isDefault ? nil : [Int](golden.integers("output_shape")[1..<3])), x)
    },
    "cumsum": { golden, x in
      x["x"].map {
        cumsum(
          $0, axis: golden.integer("axis") ?? 0, reverse: golden.flag("reverse"), exclusive: golden.flag("exclusive"))
      }
    },
    "dense": { _, x in
      guard let input = x["x"], let kernel = x["kernel"] else { return nil }
      return biased(matmul(input, kernel), x)
    },
    "depthwise_conv2d": { golden, x in
      guard let images = x["x"], let kernel = x["kernel"] else { return nil }
      return depthwiseConv2D(images, kernel, strides: golden.integers("strides"), padding: golden.padding)
    },
    "digamma": { _, x in x["x"].map { digamma($0) } },
    "dropout": { golden, x in
      guard let input = x["x"], let uniform = x["u"] else { return nil }
      return dropout(input, rate: golden["attrs"]?["rate"]?.number ?? .nan, uniform: uniform)
    },
    "elu": { _, x in x["x"].map { elu($0) } },
    "erf": { _, x in x["x"].map { erf($0) } },
    "erfc": { _, x in x["x"].map { erfc($0) } },
    "erfinv": { _, x in x["x"].map { erfinv($0) } },
    "exp": { _, x in x["x"].map { exp($0) } },
    "expm1": { _, x in x["x"].map { expm1($0) } },
    "gelu_erf": { _, x in x["x"].map { gelu($0) } },
    "gelu_tanh": { _, x in x["x"].map { gelu($0, approximate: true) } },
    "layer_norm": { golden, x in
      x["x"].map { layerNormalized($0, scale: x["gamma"], offset: x["beta"], epsilon: golden.epsilon) }
    },
    "igamma": { _, x in
      guard let a = x["a"], let x = x["x"] else { return nil }
      return igamma(a, x)
    },
    "igammac": { _, x in
      guard let a = x["a"], let x = x["x"] else { return nil }
      return igammac(a, x)
    },
    "lbeta": { _, x in
      guard let a = x["a"], let b = x["b"] else { return nil }
      return lbeta(a, b)
    },
    "leaky_relu": { golden, x in x["x"].map { leakyRelu($0, alpha: golden["attrs"]?["alpha"]?.number ?? 0.2) } },
    "lgamma": { _, x in x["x"].map { lgamma($0) } },
    "log1mexp": { _, x in x["x"].map { log1mexp(-$0) } },
    "log1p": { _, x in x["x"].map { log1p($0) } },
    "log_add_exp": { _, x in
      guard let a = x["x"], let b = x["y"] else { return nil }
      return logAddExp(a, b)
    },
    "log_ndtr": { _, x in x["x"].map { logNdtr($0) } },
    "log_sigmoid": { _, x in x["x"].map { logSigmoid($0) } },
    "log_softmax": { golden, x in x["x"].map { logSoftmax($0, axis: golden.integer("axis") ?? -1) } },
    "logsumexp": { golden, x in
      x["x"].map {
        logSumExp(
          $0, axes: golden.integer("axis").map { [$0] } ?? [Int](0..<$0.rank), keepDims: golden.flag("keepdims"))
      }
    },
    "matmul": { golden, x in
      guard let a = x["a"], let b = x["b"] else { return nil }
      return matmul(a, b, transposeA: golden.flag("transpose_a"), transposeB: golden.flag("transpose_b"))
    },
    "max_pool": { golden, x in
      x["x"].map {
        maxPool2D($0, size: golden.integers("ksize"), strides: golden.integers("strides"), padding: golden.padding)
      }
    },
    "ndtr": { _, x in x["x"].map { ndtr($0) } },
    "ndtri": { _, x in x["x"].map { ndtri($0) } },
    "relu": { _, x in x["x"].map { relu($0) } },
    "relu6": { _, x in x["x"].map { relu6($0) } },
    "selu": { _, x in x["x"].map { selu($0) } },
    "sigmoid": { _, x in x["x"].map { sigmoid($0) } },
    "sigmoid_cross_entropy_with_logits": { _, x in
      guard let logits = x["logits"], let labels = x["labels"] else { return nil }
      return sigmoidCrossEntropy(logits: logits, labels: labels)
    },
    "silu": { _, x in x["x"].map { silu($0) } },
    "softmax": { golden, x in x["x"].map { softmax($0, axis: golden.integer("axis") ?? -1) } },
    "softmax_cross_entropy_with_logits": { _, x in
      guard let logits = x["logits"], let labels = x["labels"] else { return nil }
      return softmaxCrossEntropy(logits: logits, probabilities: labels)
    },
    "softplus": { _, x in x["x"].map { softplus($0) } },
    "softplus_inverse": { _, x in x["x"].map { softplusInverse($0) } },
    "softsign": { _, x in x["x"].map { softsign($0) } },
    "sparse_softmax_cross_entropy_with_logits": { _, x in
      guard let logits = x["logits"], let labels = x["labels"] else { return nil }
      return softmaxCrossEntropy(logits: logits, labels: labels)
    },
    "tanh": { _, x in x["x"].map { tanh($0) } },
    "xlog1py": { _, x in
      guard let a = x["x"], let b = x["y"] else { return nil }
      return xlog1py(a, b)
    },
    "xlogy": { _, x in
      guard let a = x["x"], let b = x["y"] else { return nil }
      return xlogy(a, b)
    },
    "triangular_solve": { golden, x in
      guard let l = x["l"], let b = x["b"] else { return nil }
      return triangularSolve(l, b, lower: golden.flag("lower"), transposed: golden.flag("adjoint"))
    },
  ]

  private static func biased(_ y: Tensor, _ inputs: [String: Tensor]) -> Tensor { inputs["bias"].map { y + $0 } ?? y }
}

extension GoldenCase {
  func integers(_ name: String) -> [Int] { self["attrs"]?[name]?.integers ?? [] }
  func integer(_ name: String) -> Int? { self["attrs"]?[name]?.integer }
  func flag(_ name: String) -> Bool { self["attrs"]?[name]?.flag ?? false }
  /// NaN if the case has none, so that its absence is no value.
  var epsilon: Double { self["attrs"]?["epsilon"]?.number ?? .nan }
  var padding: ConvolutionPadding { self["attrs"]?["padding"]?.text == "SAME" ? .same : .valid }
}
