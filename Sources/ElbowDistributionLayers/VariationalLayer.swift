import ElbowArrays
import ElbowGraph
import ElbowNetworks
import ElbowProbability

/// A layer that is linear in random weights, `activation(map(x, kernel) + bias)`, and adds the divergence of their distribution
/// from the prior to the loss.
///
/// The whole data set shares the weights, so an example bears its part of the divergence: with a loss that is a mean over
/// examples, `divergenceWeight` is one over their number.
///
///     let layer = DenseVariational(10, estimator: .flipout, divergenceWeight: 1 / 60_000.0)
///     let distribution = Categorical(logits: layer(images))
///     let loss = -mean(distribution.logProb(labels)) + layer.losses.reduce(0, +)
public class VariationalLayer: Layer {
  /// A subclass's rule for its weights.
  struct Rule {
    /// The base of the names of the layer's variables if the user does not say.
    var baseName: String
    /// The layer as a message shows it.
    var call: String
    var unitCount: Int
    /// The axes that an input must have.
    var rank: ClosedRange<Int>
    /// The kernel's extents before those of the channels.
    var window: [Int]
    var map: (_ input: Tensor, _ kernel: Tensor) -> Tensor
  }

  /// The distributions of the weights, once the layer has been called.
  public private(set) var weights: VariationalWeights?
  /// The variable; nil before the first call, or if the layer has no bias.
  public private(set) var bias: Tensor?
  /// The name given; after the first call, the one that it goes by.
  public private(set) var name: String?
  /// The weighted divergence of the weights' distribution, a scalar, once the layer has been called.
  public private(set) var losses: [Tensor] = []

  /// The variables of the weights' distributions, and the bias.
  public var parameters: [Tensor] {
    Graph.parameters(
      among: (weights?.posterior.parameters ?? []) + (weights?.prior.parameters ?? []) + [bias].compactMap { $0 })
  }

  /// The common settings of the layers with random weights.
  struct Options {
    var activation: Activation?
    var useBias: Bool
    var estimator: VariationalWeights.Estimator
    var divergenceWeight: any TensorLike
    var usesExactKL: Bool
    var kernelPrior: ((Graph, Shape) -> any Distribution)?
  }

  private let rule: Rule
  private let options: Options

  init(_ rule: Rule, name: String?, _ options: Options) {
    self.rule = rule
    self.name = name
    self.options = options
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.graph.located {
      guard input.isValid else { return input }
      if let mistake = mistake(input) {
        return input.graph.invalid(.shape, "\(rule.call) cannot be applied to \(input.type): \(mistake).")
      }
      let weights = weights ?? makeWeights(for: input)
      input.graph.note(self)
      var result = weights.apply(rule.map, to: input, options.estimator)
      if let bias, result.isValid { result = result + bias }
      return options.activation?(result) ?? result
    }
  }

  private func mistake(_ input: Tensor) -> String? {
    guard rule.unitCount >= 1, rule.window.allSatisfy({ $0 >= 1 }) else { return "its sizes are at least 1" }
    guard input.dtype.isFloatingPoint else { return "its input is floating point; convert it with cast(to: .float32)" }
    guard rule.rank.contains(input.rank) else {
      return
        "its input has \(rule.rank.lowerBound == rule.rank.upperBound ? "" : "at least ")\(rule.rank.lowerBound) axes"
    }
    guard let channels = input.shape[-1].value else { return "the size of the last axis has to be known" }
    guard let kernel = weights?.loc, kernel.isValid else { return nil }
    guard kernel.graph === input.graph else { return "it has its weights in another graph; make a layer for each" }
    return kernel.shape[-2] == Dimension(channels) ? nil : "it has weights for \(kernel.shape[-2]) channels"
  }

  private func makeWeights(for input: Tensor) -> VariationalWeights {
    let graph = input.graph
    let name = name ?? graph.uniqueName(rule.baseName)
    self.name = name
    return graph.scope(name) {
      let extents = rule.window + [input.shape[-1].value ?? 1, rule.unitCount]
      let weights = VariationalWeights(
        extents, graph: graph, dtype: input.dtype, prior: options.kernelPrior?(graph, Shape(extents)))
      if options.useBias {
        bias = graph.variable(
          "bias", initialValue: Initializer.zeros([rule.unitCount], graph: graph, dtype: input.dtype))
      }
      let divergence =
        options.usesExactKL
        ? weights.posterior.klDivergence(weights.prior)
        : weights.posterior.logProb(weights.posterior.tensor) - weights.prior.logProb(weights.posterior.tensor)
      losses = [divergence.sum() * options.divergenceWeight.tensor(in: graph, dtype: input.dtype)]
      self.weights = weights
      return weights
    }
  }
}
