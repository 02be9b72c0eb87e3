import Elbow

/// The models that `graphc` knows by name.
public struct ExampleCatalog: Sendable {
  /// The example's name, `cs20-vae`.
  public let name: String
  /// A summary of it, in a line.
  public let summary: String
  /// Builds its graph.
  public let make: @Sendable () throws -> Model

  /// All examples, sorted by name.
  public static let all = [
    ExampleCatalog(
      name: "bijector-flow", summary: "flow of the plane: an affine map and a leaky ReLU of learned slope",
      make: BijectorFlow.make),
    ExampleCatalog(
      name: "cs20-bnn", summary: "Bayesian neural network: one layer of random weights, learned by their distribution",
      make: BayesianNetwork.make),
    ExampleCatalog(
      name: "cs20-classification", summary: "classification: a network gives the logits of a categorical distribution",
      make: Classification.make),
    ExampleCatalog(
      name: "cs20-regression", summary: "regression: a network gives the mean of a normal distribution",
      make: Regression.make),
    ExampleCatalog(
      name: "cs20-vae", summary: "variational auto-encoder: 784-100-2 and back, Bernoulli pixels",
      make: VariationalAutoencoder.make),
    ExampleCatalog(
      name: "kmnist-vae", summary: "convolutional auto-encoder of Kuzushiji-MNIST, standard normal prior",
      make: { try ConvolutionalAutoencoder.make() }),
    ExampleCatalog(
      name: "kmnist-vae-mixture", summary: "the same, with a mixture of 16 normal distributions as a learned prior",
      make: { try ConvolutionalAutoencoder.makeWithMixture() }),
    ExampleCatalog(
      name: "maf-2d", summary: "masked autoregressive flow of two moons", make: MoonFlows.makeMaskedAutoregressive),
    ExampleCatalog(
      name: "realnvp-2d", summary: "flow of affine coupling layers of two moons", make: MoonFlows.makeRealNVP),
    ExampleCatalog(
      name: "tfp-layers-vae", summary: "deep convolutional auto-encoder from layers that make distributions",
      make: { try LayersAutoencoder.make() }),
  ]

  /// The example of that name, or nil.
  public static func named(_ name: String) -> ExampleCatalog? { all.first { $0.name == name } }
}
