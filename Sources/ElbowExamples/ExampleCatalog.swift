import Elbow

/// Numbers that an example may be built with in place of its text's; nil for the text's.
public struct ExampleSettings: Sendable, Equatable {
  /// A number that can be chosen.
  public enum Knob: String, Sendable, CaseIterable {
    case latentDim = "latent-dim", components, hiddenUnits = "hidden-units", beta
  }

  /// The dimensions of the latent space.
  public var latentDim: Int?
  /// The components of a prior that is a mixture.
  public var components: Int?
  /// The size of the hidden layers.
  public var hiddenUnits: Int?
  /// The weight of the divergence.
  public var beta: Double?

  /// Settings as given; each number is the text's where it is nil.
  ///
  /// - Parameters:
  ///   - latentDim: The dimensions of the latent space.
  ///   - components: The components of a prior that is a mixture.
  ///   - hiddenUnits: The size of the hidden layers.
  ///   - beta: The weight of the divergence.
  public init(latentDim: Int? = nil, components: Int? = nil, hiddenUnits: Int? = nil, beta: Double? = nil) {
    (self.latentDim, self.components, self.hiddenUnits, self.beta) = (latentDim, components, hiddenUnits, beta)
  }

  /// The numbers that were chosen.
  public var chosen: [Knob] {
    Knob.allCases.filter { knob in
      switch knob {
      case .latentDim: latentDim != nil
      case .components: components != nil
      case .hiddenUnits: hiddenUnits != nil
      case .beta: beta != nil
      }
    }
  }

  fileprivate func check() throws {
    let counts = [(Knob.latentDim, latentDim), (.components, components), (.hiddenUnits, hiddenUnits)]
    for (knob, count) in counts {
      if let count, !(1...100_000).contains(count) {
        throw ElbowError(.invalidArgument, "'\(knob.rawValue)' is from 1 to 100,000, not \(count).")
      }
    }
    if let beta, !(beta >= 0 && beta.isFinite) {
      throw ElbowError(.invalidArgument, "'beta' is a number of at least 0, not \(beta).")
    }
  }
}

/// The models that `graphc` knows by name.
public struct ExampleCatalog: Sendable {
  /// The example's name, `cs20-vae`.
  public let name: String
  /// A summary of it, in a line.
  public let summary: String
  /// The numbers that can be chosen.
  public let knobs: [ExampleSettings.Knob]
  private let build: @Sendable (ExampleSettings) throws -> Model

  init(
    _ name: String, _ summary: String, _ knobs: [ExampleSettings.Knob] = [],
    _ build: @escaping @Sendable (ExampleSettings) throws -> Model
  ) {
    (self.name, self.summary, self.knobs, self.build) = (name, summary, knobs, build)
  }

  /// Builds its graph.
  ///
  /// - Throws: `ElbowError` if a number is chosen that the example does not have, or that is out of range.
  public func make(_ settings: ExampleSettings = ExampleSettings()) throws -> Model {
    try settings.check()
    if let other = settings.chosen.first(where: { !knobs.contains($0) }) {
      let known = knobs.map { "'\($0.rawValue)'" }.joined(separator: ", ")
      throw ElbowError(
        .invalidArgument,
        "The example '\(name)' has no '\(other.rawValue)' to choose; it has \(known.isEmpty ? "none" : known).")
    }
    return try build(settings)
  }

  /// All examples, sorted by name.
  public static let all = [
    ExampleCatalog("bijector-flow", "flow of the plane: an affine map and a leaky ReLU of learned slope") { _ in
      try BijectorFlow.make()
    },
    ExampleCatalog(
      "cs20-bnn", "Bayesian neural network: one layer of random weights, learned by their distribution"
    ) { _ in try BayesianNetwork.make() },
    ExampleCatalog(
      "cs20-classification", "classification: a network gives the logits of a categorical distribution", [.hiddenUnits]
    ) { try Classification.make(hiddenUnits: $0.hiddenUnits ?? 100) },
    ExampleCatalog(
      "cs20-regression", "regression: a network gives the mean of a normal distribution", [.hiddenUnits]
    ) { try Regression.make(hiddenUnits: $0.hiddenUnits ?? 100) },
    ExampleCatalog(
      "cs20-vae", "variational auto-encoder: 784-100-2 and back, Bernoulli pixels", [.latentDim, .hiddenUnits, .beta]
    ) {
      try VariationalAutoencoder.make(
        latentDim: $0.latentDim ?? 2, hiddenUnits: $0.hiddenUnits ?? 100, beta: $0.beta ?? 1)
    },
    ExampleCatalog(
      "kmnist-vae", "convolutional auto-encoder of Kuzushiji-MNIST, standard normal prior", [.latentDim]
    ) { try ConvolutionalAutoencoder.make(latentDim: $0.latentDim ?? 2) },
    ExampleCatalog(
      "kmnist-vae-mixture", "the same, with a mixture of 16 normal distributions as a learned prior",
      [.latentDim, .components]
    ) {
      try ConvolutionalAutoencoder.makeWithMixture(
        latentDim: $0.latentDim ?? 2, mixtureComponents: $0.components ?? 16)
    },
    ExampleCatalog("maf-2d", "masked autoregressive flow of two moons", [.hiddenUnits]) {
      try MoonFlows.makeMaskedAutoregressive(hiddenUnits: $0.hiddenUnits ?? 64)
    },
    ExampleCatalog("realnvp-2d", "flow of affine coupling layers of two moons", [.hiddenUnits]) {
      try MoonFlows.makeRealNVP(hiddenUnits: $0.hiddenUnits ?? 64)
    },
    ExampleCatalog(
      "tfp-layers-vae", "deep convolutional auto-encoder from layers that make distributions", [.latentDim, .beta]
    ) { try LayersAutoencoder.make(encodedSize: $0.latentDim ?? 16, beta: $0.beta ?? 1) },
  ]

  /// The example of that name, or nil.
  public static func named(_ name: String) -> ExampleCatalog? { all.first { $0.name == name } }
}
