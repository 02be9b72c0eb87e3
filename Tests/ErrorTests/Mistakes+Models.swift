import Elbow

/// Layers, distributions, optimisers and loops that make no sense.
extension MistakeTable {
  static let layers: [Mistake] = [
    Mistake(
      "Dense(0) would have 0 units; it needs at least 1.",
      at: #line + 1
    ) { _ = Dense(0)($0.zeros([2, 3])) },
    Mistake(
      "Dense(3) 'dense' has weights for inputs of size 5, from its first call, and cannot be applied to "
        + "float32[2, 4], whose last axis has size 4.",
      at: #line + 2
    ) {
      let layer = Dense(3); _ = layer($0.zeros([2, 5])) + layer($0.zeros([2, 4]))
    },
    Mistake(
      "Conv2D(8, kernelSize: [3, 3]) cannot be applied to float32[1, 28, 28]: its input is images [n, "
        + "height, width, channels] with a known number of channels.",
      at: #line + 1
    ) { _ = Conv2D(8, kernelSize: 3)($0.zeros([1, 28, 28])) },
    Mistake(
      "'convolution' cannot be applied to (float32[1, 2, 2, 1], float32[3, 3, 1, 8]): a window that spans 3 "
        + "elements does not fit the extent 2, padding included.",
      at: #line + 1
    ) { _ = Conv2D(8, kernelSize: 3)($0.zeros([1, 2, 2, 1])) },
    Mistake(
      "Conv2D(0, kernelSize: [3, 3]) would have 0 filters of the size [3, 3]; it needs at least 1, and two "
        + "extents of at least 1.",
      at: #line + 1
    ) { _ = Conv2D(0, kernelSize: 3)($0.zeros([1, 28, 28, 1])) },
    Mistake(
      "Conv2D(8, kernelSize: [0, 0]) would have 8 filters of the size [0, 0]; it needs at least 1, and two "
        + "extents of at least 1.",
      at: #line + 1
    ) { _ = Conv2D(8, kernelSize: 0)($0.zeros([1, 28, 28, 1])) },
    Mistake(
      "Conv2D(8, kernelSize: [3, 3]) cannot be applied to uint8[1, 28, 28, 1]: its input is floating point; "
        + "convert it with cast(to: .float32).",
      at: #line + 1
    ) { _ = Conv2D(8, kernelSize: 3)($0.zeros([1, 28, 28, 1], dtype: .uint8)) },
    Mistake(
      "Conv2D(8, kernelSize: [3, 3]) cannot be applied to float32[n, 28, 28, m]: its input is images [n, "
        + "height, width, channels] with a known number of channels.",
      at: #line + 1
    ) { _ = Conv2D(8, kernelSize: 3)($0.placeholder("x", shape: [nil, 28, 28, nil])) },
    Mistake(
      "'conv2DTranspose' with strides [0, 0] and dilations [1, 1]: both are two numbers of at least 1.",
      at: #line + 1
    ) { _ = Conv2DTranspose(8, kernelSize: 3, strides: 0)($0.zeros([1, 7, 7, 2])) },
    Mistake(
      "DepthwiseConv2D(kernelSize: [3, 3]) would have 0 kernels a channel of the size [3, 3]; it needs at "
        + "least 1, and two extents of at least 1.",
      at: #line + 1
    ) { _ = DepthwiseConv2D(kernelSize: 3, depthMultiplier: 0)($0.zeros([1, 7, 7, 2])) },
    Mistake(
      "'reduce_window' cannot be applied to (float32[1, 2, 2, 1]): a window that spans 3 elements does not "
        + "fit the extent 2, padding included.",
      at: #line + 1
    ) { _ = MaxPool2D(poolSize: 3)($0.zeros([1, 2, 2, 1])) },
    Mistake(
      "BatchNormalization() cannot be applied to float32[2, 3]: it has no axis 3.",
      at: #line + 1
    ) { _ = BatchNormalization(axis: 3)($0.zeros([2, 3])) },
    Mistake(
      "BatchNormalization() cannot be applied to int32[2, 3]: its input is floating point; convert it with "
        + "cast(to: .float32).",
      at: #line + 1
    ) { _ = BatchNormalization()($0.zeros([2, 3], dtype: .int32)) },
    Mistake(
      "LayerNormalization() cannot be applied to float32[2, n]: the size of axis -1 has to be known.",
      at: #line + 1
    ) { _ = LayerNormalization()($0.placeholder("x", shape: [2, nil])) },
    Mistake(
      "Dropout(1.0): the rate is from 0 and below 1.",
      at: #line + 1
    ) { _ = Dropout(1)($0.zeros([2]), training: true) },
    Mistake(
      "Dropout(-0.5): the rate is from 0 and below 1.",
      at: #line + 1
    ) { _ = Dropout(-0.5)($0.zeros([2]), training: true) },
    Mistake(
      "Embedding(10, 4) cannot be applied to float32[2]: its input is int32 or int64; convert it with "
        + "cast(to: .int32).",
      at: #line + 1
    ) { _ = Embedding(10, 4)($0.zeros([2])) },
    Mistake(
      "Embedding(0, 4) cannot be applied to int32[2]: its sizes are at least 1.",
      at: #line + 1
    ) { _ = Embedding(0, 4)($0.zeros([2], dtype: .int32)) },
    Mistake(
      "'reshape' cannot be applied to (float32[2, 48]): [2, 48] has 96 elements and [2, 7, 7] has 98.",
      at: #line + 1
    ) { _ = Unflatten([7, 7])($0.zeros([2, 48])) },
    Mistake(
      "Unflatten([-1, -1]) cannot be applied to float32[2, 48]: the elements do not divide into that shape.",
      at: #line + 1
    ) { _ = Unflatten([-1, -1])($0.zeros([2, 48])) },
    Mistake(
      "AutoregressiveNetwork cannot be applied to float32[n, m]: the size of the last axis has to be known.",
      at: #line + 1
    ) { _ = AutoregressiveNetwork(hiddenUnits: [])($0.placeholder("x", shape: [nil, nil])) },
    Mistake(
      "Conv1D(8, kernelSize: 3) cannot be applied to float32[5, 4]: its input is series [n, steps, channels] with a known "
        + "number of channels.",
      at: #line + 1
    ) { _ = Conv1D(8, kernelSize: 3)($0.zeros([5, 4])) },
    Mistake(
      "'upSample2D' of float32[1, 4, 4, 2] by [0, 0]: it takes images [n, height, width, channels], and two factors of at "
        + "least 1.",
      at: #line + 1
    ) { _ = UpSampling2D(size: 0)($0.zeros([1, 4, 4, 2])) },
    Mistake(
      "LSTM(8) 'lstm' cannot be applied to float32[n, m, 4]: the number of steps, its second axis, has to be known.",
      at: #line + 1
    ) { _ = LSTM(8)($0.placeholder("x", shape: [nil, nil, 4])) },
    Mistake(
      "GRU(8) cannot be applied to float32[3, 4]: its input is [n, steps, features] with a known number of features.",
      at: #line + 1
    ) { _ = Sequential { GRU(8) }($0.zeros([3, 4])) },
    Mistake(
      "MultiHeadAttention(numHeads: 0, keyDim: 2) cannot be applied to the query float32[1, 3, 4], the value "
        + "float32[1, 3, 4] and the key float32[1, 3, 4]: its heads and sizes are at least 1.",
      at: #line + 1
    ) { _ = MultiHeadAttention(numHeads: 0, keyDim: 2)($0.zeros([1, 3, 4])) },
    Mistake(
      "MultivariateNormalTriL(params:eventSize:): events of 2 elements cannot be described by float32[3, "
        + "4], whose last axis must be 5.",
      at: #line + 1
    ) { _ = MultivariateNormalTriLLayer(2)($0.zeros([3, 4])) },
    Mistake(
      "IndependentBernoulliLayer([28, 28]): the last axis of float32[3, 100] has to be 784, its paramsSize.",
      at: #line + 1
    ) { _ = IndependentBernoulliLayer([28, 28])($0.zeros([3, 100])) },
  ]

  static let distributions: [Mistake] = [
    Mistake(
      "Uniform(low:high:): 'low' must be below 'high', but they hold 2.0 and 1.0.",
      at: #line + 1
    ) { _ = Uniform(in: $0, low: 2, high: 1) },
    Mistake(
      "Uniform(low:high:): 'low' must be below 'high', but they hold 1.0 and 1.0.",
      at: #line + 1
    ) { _ = Uniform(in: $0, low: [0, 1], high: 1) },
    Mistake(
      "TruncatedNormal(loc:scale:low:high:): 'low' must be below 'high', but they hold 1.0 and -1.0.",
      at: #line + 1
    ) { _ = TruncatedNormal(in: $0, loc: 0, scale: 1, low: 1, high: -1) },
    Mistake(
      "Normal(loc:scale:): the parameter 'scale' must be positive, but holds 0.0.",
      at: #line + 1
    ) { _ = Normal(in: $0, loc: 0, scale: 0) },
    Mistake(
      "Normal(loc:scale:): the parameter 'scale' must be positive, but holds 0.0.",
      at: #line + 1
    ) { _ = Normal(loc: $0.zeros([3]), scale: $0.zeros([3])) },
    Mistake(
      "Normal(loc:scale:): the parameter 'scale' must be positive, but holds -1.0.",
      at: #line + 1
    ) { _ = Normal(loc: $0.zeros([3]), scale: -$0.ones([3])) },
    Mistake(
      "Normal(loc:): the parameter 'loc' must be a number, but holds nan.",
      at: #line + 1
    ) { _ = Normal(in: $0, loc: Double.nan, scale: 1) },
    Mistake(
      "MultivariateNormalTriL(loc:scaleTriL:): the parameter 'scaleTriL' must have no zero on its diagonal, "
        + "but has one.",
      at: #line + 1
    ) { _ = MultivariateNormalTriL(loc: $0.zeros([2]), scaleTriL: $0.zeros([2, 2])) },
    Mistake(
      "MultivariateNormalFullCovariance(loc:covarianceMatrix:): the parameter 'covarianceMatrix' must be "
        + "positive definite, but is not.",
      at: #line + 1
    ) { _ = MultivariateNormalFullCovariance(loc: $0.zeros([2]), covarianceMatrix: $0.ones([2, 2])) },
    Mistake(
      "Gamma(concentration:): the parameter 'concentration' must be positive, but holds -1.0.",
      at: #line + 1
    ) { _ = Gamma(in: $0, concentration: -1, rate: 1) },
    Mistake(
      "Poisson(rate:): the parameter 'rate' must be at least 0, but holds -1.0.",
      at: #line + 1
    ) { _ = Poisson(in: $0, rate: -1) },
    Mistake(
      "Categorical(probs:): the parameter 'probs' must be at least 0, but holds -0.5.",
      at: #line + 1
    ) { _ = Categorical(in: $0, probs: [0.5, -0.5]) },
    Mistake(
      "Categorical(logits:): the parameter 'logits' has the shape [], but needs at least 1 axis.",
      at: #line + 1
    ) { _ = Categorical(logits: $0.constant(1)) },
    Mistake(
      "Bernoulli(probs:): the parameter 'probs' must lie between 0 and 1, but holds 2.0.",
      at: #line + 1
    ) { _ = Bernoulli(in: $0, probs: 2) },
    Mistake(
      "Beta(concentration1:): the parameter 'concentration1' must be positive, but holds 0.0.",
      at: #line + 1
    ) { _ = Beta(in: $0, concentration1: 0, concentration0: 1) },
    Mistake(
      "Dirichlet(concentration:): the parameter 'concentration' must be positive, but holds 0.0.",
      at: #line + 1
    ) { _ = Dirichlet(in: $0, concentration: [1, 0]) },
    Mistake(
      "StudentT(df:): the parameter 'df' must be positive, but holds -2.0.",
      at: #line + 1
    ) { _ = StudentT(in: $0, df: -2, loc: 0, scale: 1) },
    Mistake(
      "'monteCarloKLDivergence' of Normal(\"Normal\", batchShape: [], eventShape: [], dtype: float32): it "
        + "takes at least 1 sample, not 0.",
      at: #line + 1
    ) { _ = Normal(in: $0, loc: 0, scale: 1).monteCarloKLDivergence(Normal(in: $0, loc: 0, scale: 1), samples: 0) },
    Mistake(
      "'logProb' of Normal(\"Normal\", batchShape: [], eventShape: [], dtype: float32): the value belongs "
        + "to another graph.",
      at: #line + 1
    ) { _ = Normal(in: $0, loc: 0, scale: 1).logProb(Graph().zeros([2])) },
  ]

  static let training: [Mistake] = [
    Mistake(
      "Adam: the learning rate is a positive number, not -1.0.",
      at: #line + 1
    ) { _ = Adam(learningRate: -1).minimize(($0.variable("w", initialValue: $0.constant(1)))) },
    Mistake(
      "Adam: beta1 is from 0 and below 1, not 9.0.",
      at: #line + 1
    ) { _ = Adam(beta1: 9).minimize(($0.variable("w", initialValue: $0.constant(1)))) },
    Mistake(
      "Gradients are of floating-point scalars, but this is float32[2]: take its mean or sum first.",
      at: #line + 1
    ) { _ = SGD().minimize($0.variable("w", initialValue: $0.zeros([2]))) },
    Mistake(
      "Gradients are clipped to a positive number, not -1.0.",
      at: #line + 1
    ) { _ = SGD().minimize($0.variable("w", initialValue: $0.constant(1)), clipping: .globalNorm(-1)) },
    Mistake(
      "ExponentialDecay needs at least 1 decay step and a positive rate of decay, not 0 and 0.5.",
      at: #line + 2
    ) {
      _ = SGD(learningRate: ExponentialDecay(0.1, decaySteps: 0, decayRate: 0.5)).minimize(
        $0.variable("w", initialValue: $0.constant(1)))
    },
    Mistake(
      "PiecewiseConstantDecay needs increasing boundaries and one more positive value than boundaries, not "
        + "[3, 1] and [1.0, 0.1, 0.01].",
      at: #line + 2
    ) {
      _ = SGD(learningRate: PiecewiseConstantDecay(boundaries: [3, 1], values: [1, 0.1, 0.01])).minimize(
        $0.variable("w", initialValue: $0.constant(1)))
    },
    Mistake(
      "SGD can only change variables of one graph, but Tensor(\"placeholder:0\", shape: [], dtype: float32) "
        + "is none of it.",
      at: #line + 2
    ) {
      let x = $0.placeholder("x"); _ = SGD().applying(gradients: [(variable: x, gradient: x)])
    },
    Mistake(
      "SGD: the variable 'w' is float32[2], but its gradient is float32[3].",
      at: #line + 3
    ) {
      let w = $0.variable("w", initialValue: $0.zeros([2]));
      _ = SGD().applying(gradients: [(variable: w, gradient: $0.zeros([3]))])
    },
    Mistake(
      "SGD: the variable 'w' occurs twice.",
      at: #line + 3
    ) {
      let w = $0.variable("w", initialValue: $0.zeros([2]));
      _ = SGD().applying(gradients: [(variable: w, gradient: w), (variable: w, gradient: w)])
    },
    Mistake(
      "A variable cannot be named 'w': names are unique, not empty, of at most 200 bytes, and without "
        + "control characters.",
      at: #line + 1
    ) { _ = $0.variable("w", initialValue: $0.zeros([2])) + $0.variable("w", initialValue: $0.zeros([2])) },
    Mistake(
      "The placeholder 'x' has a default value, so its shape must be [], not [2].",
      at: #line + 1
    ) { _ = $0.placeholder("x", shape: [2], defaultValue: 1) },
    Mistake(
      "A placeholder cannot be named 'a\\nb': names are unique, not empty, of at most 200 bytes, and "
        + "without control characters.",
      at: #line + 1
    ) { _ = $0.placeholder("a\nb") },
    Mistake(
      "'scan' takes 3 steps, but goes over a sequence of type float32[4, 1], which has not as many rows.",
      at: #line + 2
    ) {
      _ = $0.scan(from: [$0.zeros([2])], over: [$0.zeros([3, 1]), $0.zeros([4, 1])]) { _, c, _ in
        (carries: c, outputs: [])
      }
    },
    Mistake(
      "The body of 'scan' turned carry 0, float32[2], into float32[]; its type has to stay the same.",
      at: #line + 2
    ) {
      _ = $0.scan(from: [$0.zeros([2])], count: 3) { _, c, _ in (carries: [c[0].sum()], outputs: []) }
    },
    Mistake(
      "'scan' needs a number of steps of at least 1: give 'count', or sequences of a known length.",
      at: #line + 2
    ) {
      _ = $0.scan(from: [$0.zeros([2])], count: 0) { _, c, _ in (carries: c, outputs: []) }
    },
  ]
}
