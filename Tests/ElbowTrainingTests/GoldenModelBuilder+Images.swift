import ElbowArrays
import ElbowGraph
import ElbowNetworks
import ElbowProbability

// The convolutional auto-encoders, with sampled divergences.
extension GoldenModelBuilder {
  /// `r_conv_vae_static`, `r_conv_vae_mixture`: convolutions with strides, and as the prior the standard normal distribution or a
  /// mixture whose parameters are learned.
  mutating func makeConvolutionalVAE(withMixture isMixture: Bool) {
    let images = input("x")
    let encoded = graph.scope("encoder") {
      Sequential {
        Conv2D(32, kernelSize: 3, strides: 2, activation: relu, name: "conv1")
        Conv2D(64, kernelSize: 3, strides: 2, activation: relu, name: "conv2")
        Flatten()
        Dense(4, name: "dense")
      }(images)
    }
    let posterior = MultivariateNormalDiag(
      loc: encoded[TensorIndex.all, ..<2], scaleDiag: softplus(encoded[TensorIndex.all, 2...] + 1e-5))
    let z = posterior.loc + posterior.scaleDiag * input("eps")
    let logits = graph.scope("decoder") {
      Sequential {
        Dense(7 * 7 * 32, activation: relu, name: "dense")
        Unflatten([7, 7, 32])
        Conv2DTranspose(64, kernelSize: 3, strides: 2, padding: .same, activation: relu, name: "deconv1")
        Conv2DTranspose(32, kernelSize: 3, strides: 2, padding: .same, activation: relu, name: "deconv2")
        Conv2DTranspose(1, kernelSize: 3, padding: .same, name: "deconv3")
      }(z)
    }
    let prior: any Distribution =
      isMixture ? mixture() : MultivariateNormalDiag(loc: zeros([2]), scaleDiag: zeros([2]) + 1)
    outputs["act/posterior_loc"] = posterior.loc
    outputs["act/posterior_scale"] = posterior.scaleDiag
    outputs["act/z"] = z
    outputs["act/logits"] = logits
    let likelihood = Independent(Bernoulli(logits: logits), reinterpretedBatchNDims: 3)
    finish(nll: -likelihood.logProb(images), kl: posterior.logProb(z) - prior.logProb(z))
  }

  private func mixture() -> MixtureSameFamily {
    graph.scope("prior") {
      MixtureSameFamily(
        mixtureDistribution: Categorical(logits: graph.variable("mixture_logits", initialValue: zeros([16]))),
        componentsDistribution: MultivariateNormalDiag(
          loc: graph.variable("loc", initialValue: zeros([16, 2])),
          scaleDiag: softplus(graph.variable("raw_scale_diag", initialValue: zeros([16, 2])))))
    }
  }

  /// `layers_vae`: the model of the TFP layers tutorial with a posterior of full covariance.
  mutating func makeLayersVAE() {
    let images = input("x")
    let activation: Activation = { leakyRelu($0, alpha: 0.2) }
    func convolution(_ number: Int, _ filters: Int, strides: SpatialPair = 1) -> Conv2D {
      Conv2D(
        filters, kernelSize: 5, strides: strides, padding: .same, activation: activation, name: "conv\(number)")
    }
    func transposed(_ number: Int, _ filters: Int, strides: SpatialPair = 1) -> Conv2DTranspose {
      Conv2DTranspose(
        filters, kernelSize: 5, strides: strides, padding: .same, activation: activation, name: "deconv\(number)")
    }
    let params = graph.scope("encoder") {
      Sequential {
        Lambda { $0 - 0.5 }
        convolution(1, 8)
        convolution(2, 8, strides: 2)
        convolution(3, 16)
        convolution(4, 16, strides: 2)
        Conv2D(64, kernelSize: 7, activation: activation, name: "conv5")
        Flatten()
        Dense(MultivariateNormalTriL.paramsSize(16), name: "dense")
      }(images)
    }
    let posterior = MultivariateNormalTriL(params: params, eventSize: 16)
    let (z, logPosterior) = posterior.sampleAndLogProb(noise: input("eps"))
    let logits = graph.scope("decoder") {
      Sequential {
        Unflatten([1, 1, 16])
        Conv2DTranspose(16, kernelSize: 7, activation: activation, name: "deconv1")
        transposed(2, 16)
        transposed(3, 16, strides: 2)
        transposed(4, 8)
        transposed(5, 8, strides: 2)
        transposed(6, 8)
        Conv2D(1, kernelSize: 5, padding: .same, name: "conv7")
      }(z)
    }
    let prior = MultivariateNormalDiag(loc: zeros([16]), scaleDiag: zeros([16]) + 1)
    outputs["act/posterior_loc"] = posterior.loc
    outputs["act/posterior_scale_tril"] = posterior.scaleTriL
    outputs["act/z"] = z
    outputs["act/logits"] = logits
    outputs["act/kl_analytic"] = posterior.klDivergence(prior)
    let likelihood = Independent(Bernoulli(logits: logits), reinterpretedBatchNDims: 3)
    finish(nll: -likelihood.logProb(images), kl: logPosterior - prior.logProb(z))
  }

  private func zeros(_ shape: Shape) -> Tensor { graph.zeros(shape, dtype: dtype) }
}
