import Elbow
import Testing

// "Getting started with TensorFlow Probability from R" (Keydana 2019), in the order and with the names of its text. A comment
// behind a line is what the text prints for it.

@Suite struct GettingStarted {
  @Test func distributions() throws {
    let graph = Graph()
    let n = Normal(in: graph, loc: 0, scale: 1)
    print(try n.sample(6).value())  // [-0.34403768 -0.14122334 -1.3832929 1.618252 1.364448 -1.1299014]
    let logProb = try n.logProb([-1, 0, 1]).value()  // [-1.4189385, -0.9189385, -1.4189385]
    #expect("\(logProb)" == "[-1.4189385, -0.9189385, -1.4189385]")

    var b = Bernoulli(in: graph, logits: 0.9)
    let flips = try b.sample(10).value()  // [1 1 1 0 1 1 0 1 0 1]
    #expect(flips.shape == [10] && flips.doubles.allSatisfy { $0 == 0 || $0 == 1 })
    let ofFlips = try b.logProb([0, 1, 0, 0]).value()  // [-1.2411538 -0.3411539 -1.2411538 -1.2411538]
    #expect(ofFlips.isClose(to: HostArray([-1.2411538, -0.3411539, -1.2411538, -1.2411538])))

    // batch_shape=(3,), event_shape=(); batch_shape=(), event_shape=(2,); and both.
    let three = Normal(in: graph, loc: [-1, 0, 1], scale: 1)
    #expect(three.batchShape == [3] && three.eventShape == [])
    let plane = MultivariateNormalDiag(in: graph, loc: [0, 0], scaleDiag: [1, 1])
    #expect(plane.batchShape == [] && plane.eventShape == [2])
    let planes = MultivariateNormalDiag(in: graph, loc: [[0, 0], [1, 1], [2, 2]], scaleDiag: [1, 1])
    #expect(planes.batchShape == [3] && planes.eventShape == [2])

    let bs = Bernoulli(in: graph, probs: [0.3, 0.5, 0.7])
    // "Bernoulli/", batch_shape=(3,), event_shape=(), dtype=int32
    #expect("\(bs)" == #"Bernoulli("Bernoulli", batchShape: [3], eventShape: [], dtype: int32)"#)
    let independent = Independent(bs, reinterpretedBatchNDims: 1)
    // "IndependentBernoulli/", batch_shape=(), event_shape=(3,), dtype=int32
    #expect("\(independent)" == #"Independent("IndependentBernoulli", batchShape: [], eventShape: [3], dtype: int32)"#)
    b = bs
  }

  static let latentDim = 2

  /// The text's `encoder_model`.
  struct EncoderModel: ModelPart {
    let conv1 = Conv2D(32, kernelSize: 3, strides: 2, activation: relu)
    let conv2 = Conv2D(64, kernelSize: 3, strides: 2, activation: relu)
    let flatten = Flatten()
    let dense = Dense(2 * latentDim)

    func callAsFunction(_ x: Tensor) -> MultivariateNormalDiag {
      let x = dense(flatten(conv2(conv1(x))))
      return MultivariateNormalDiag(
        loc: x[.all, ..<latentDim],
        scaleDiag: softplus(x[.all, latentDim..<(2 * latentDim)] + 1e-5))
    }
  }

  /// The text's `decoder_model`.
  struct DecoderModel: ModelPart {
    let dense = Dense(7 * 7 * 32, activation: relu)
    let reshape = Unflatten([7, 7, 32])
    let deconv1 = Conv2DTranspose(64, kernelSize: 3, strides: 2, padding: .same, activation: relu)
    let deconv2 = Conv2DTranspose(32, kernelSize: 3, strides: 2, padding: .same, activation: relu)
    let deconv3 = Conv2DTranspose(1, kernelSize: 3, strides: 1, padding: .same)

    func callAsFunction(_ x: Tensor) -> Independent {
      let x = deconv3(deconv2(deconv1(reshape(dense(x)))))
      return Independent(Bernoulli(logits: x), reinterpretedBatchNDims: 3)
    }
  }

  /// The text's `learnable_prior_model`.
  struct LearnablePriorModel {
    let loc, rawScaleDiag, mixtureLogits: Tensor

    init(_ graph: Graph, latentDim: Int, mixtureComponents: Int) {
      loc = graph.variable("loc", shape: [mixtureComponents, latentDim])
      rawScaleDiag = graph.variable("raw_scale_diag", shape: [mixtureComponents, latentDim])
      mixtureLogits = graph.variable("mixture_logits", shape: [mixtureComponents])
    }

    func callAsFunction() -> MixtureSameFamily {
      MixtureSameFamily(
        mixtureDistribution: Categorical(logits: mixtureLogits),
        componentsDistribution: MultivariateNormalDiag(loc: loc, scaleDiag: softplus(rawScaleDiag)))
    }
  }

  func computeKLLoss(
    _ latentPrior: any Distribution, _ approxPosterior: some Distribution, _ approxPosteriorSample: Tensor
  ) -> Tensor {
    let klDiv = approxPosterior.logProb(approxPosteriorSample) - latentPrior.logProb(approxPosteriorSample)
    let avgKLDiv = mean(klDiv)
    return avgKLDiv
  }

  /// Both auto-encoders on the bundled digits, which are of KMNIST's type; `DataSources` has KMNIST itself.
  @Test(arguments: [false, true])
  func variationalAutoencoder(learnsPrior: Bool) throws {
    let kuzushiji = try NamedDatasets.load("digits", directory: nil).training.prefix(64)
    let batchSize = 32
    let trainDataset = try DataPipeline(kuzushiji, batchSize: batchSize).shuffled(seed: 0)

    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28, 28], dtype: .uint8)
    let x = images.expandedDims(-1).cast(to: .float32) / 255

    let encoder = EncoderModel()
    let approxPosterior = encoder(x)
    // "MultivariateNormalDiag/", batch_shape=(256,), event_shape=(2,), dtype=float32
    #expect(
      "\(approxPosterior)"
        == #"MultivariateNormalDiag("MultivariateNormalDiag", batchShape: [n], eventShape: [2], dtype: float32)"#)
    var iter = try trainDataset.batches(inEpoch: 1)
    let first = try #require(try iter.next()?["images"])
    let approxPosteriorSample = approxPosterior.sample()
    // [[5.77791929e-01 -1.64988488e-02] ...], shape=(256, 2)
    #expect(try approxPosteriorSample.value(feeding: [images: first]).shape == [batchSize, 2])

    let decoder = DecoderModel()
    let decoderLikelihood = decoder(approxPosteriorSample)
    // "IndependentBernoulli/", batch_shape=(256,), event_shape=(28, 28, 1), dtype=int32
    #expect(
      "\(decoderLikelihood)"
        == #"Independent("IndependentBernoulli", batchShape: [n], eventShape: [28, 28, 1], dtype: int32)"#)

    let optimizer = Adam(learningRate: 1e-4)
    let latentPrior: any Distribution =
      learnsPrior
      ? LearnablePriorModel(graph, latentDim: Self.latentDim, mixtureComponents: 16)()
      : MultivariateNormalDiag(loc: graph.zeros([Self.latentDim]), scaleIdentityMultiplier: 1)
    if learnsPrior {
      // "MixtureSameFamily/", batch_shape=(), event_shape=(2,), dtype=float32
      #expect(
        "\(latentPrior)"
          == #"MixtureSameFamily("MixtureSameFamily", batchShape: [], eventShape: [2], dtype: float32)"#)
    }

    let nll = -decoderLikelihood.logProb(x)
    let avgNLL = mean(nll)
    let klLoss = computeKLLoss(latentPrior, approxPosterior, approxPosteriorSample)
    let loss = klLoss + avgNLL
    let groups = [encoder.parameters, decoder.parameters] + (learnsPrior ? [latentPrior.parameters] : [])
    #expect(groups.map(\.count) == [6, 8] + (learnsPrior ? [3] : []))
    let step = optimizer.minimize(loss, inTurn: groups)
    let train = Signature("train", outputs: ["nll": avgNLL, "kl": klLoss, "total": loss], updates: step.updates)

    let session = try Session(graph, seed: 42)
    var totals: [Double] = []
    for epoch in 1...15 {
      var iter = try trainDataset.batches(inEpoch: epoch)
      var (totalLoss, totalLossNLL, totalLossKL) = (0.0, 0.0, 0.0)
      while let batch = try iter.next() {
        guard let x = batch["images"] else { continue }
        let losses = try session.run(train, feeding: ["images": x])
        totalLoss += try losses["total"]?.item() ?? 0
        totalLossNLL += try losses["nll"]?.item() ?? 0
        totalLossKL += try losses["kl"]?.item() ?? 0
      }
      let batchesPerEpoch = Double(trainDataset.batchCount)
      print(
        "Losses (epoch): \(epoch): \(totalLossNLL / batchesPerEpoch) nll \(totalLossKL / batchesPerEpoch) kl",
        "\(totalLoss / batchesPerEpoch) total")
      totals.append(totalLoss)
    }
    #expect(totals.suffix(3).reduce(0, +) < totals.prefix(3).reduce(0, +))
  }
}
