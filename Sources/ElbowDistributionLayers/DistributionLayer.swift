import ElbowGraph
import ElbowNetworks
import ElbowProbability

/// A layer whose result is a distribution.
///
/// Where a tensor is expected, the distribution stands for one sample of itself, so the layer fits among others.
public protocol DistributionLayer: Layer {
  /// The type of the distributions that it makes.
  associatedtype Output: Distribution
  /// The distribution that the layer's input describes.
  func distribution(_ params: Tensor) -> Output
}

extension DistributionLayer {
  public func callAsFunction(_ input: Tensor) -> Tensor { distribution(input).tensor }
}

/// A layer that makes a distribution of its input, as TensorFlow Probability's `DistributionLambda` does.
///
///     let noisy = DistributionLambda { Normal(loc: $0, scale: 0.1) }
open class DistributionLambda<Output: Distribution>: DistributionLayer {
  private let make: (Tensor) -> Output
  private let regularizer: KLDivergenceRegularizer?
  private let convertToTensor: ((Output) -> Tensor)?
  /// The regularizer's loss in the latest call; empty without one.
  public private(set) var losses: [Tensor] = []
  /// The regularizer's divergence in the latest call, the batch's mean, which its weight makes a loss of; empty without one.
  public private(set) var divergences: [Tensor] = []

  /// - Parameters:
  ///   - convertToTensor: The tensor that the distribution stands for where one is expected, such as `{ $0.mean() }`; a sample if
  ///     nil.
  ///   - activityRegularizer: The term that the distribution adds to the loss.
  ///   - make: The distribution of an input.
  public init(
    convertToTensor: ((Output) -> Tensor)? = nil, activityRegularizer: KLDivergenceRegularizer? = nil,
    _ make: @escaping (Tensor) -> Output
  ) {
    self.make = make
    self.convertToTensor = convertToTensor
    regularizer = activityRegularizer
  }

  public func distribution(_ params: Tensor) -> Output {
    params.graph.located {
      let distribution = make(params)
      if let convertToTensor, distribution.isValid { distribution.traits.stand(for: convertToTensor(distribution)) }
      if let regularizer {
        divergences = [regularizer.divergence(of: distribution)]
        losses = divergences.map(regularizer.weighed)
        params.graph.note(self)
      }
      return distribution
    }
  }
}

/// Layers one after the other, of which the last makes a distribution.
///
///     let encoder = ProbabilisticSequential {
///       Flatten()
///       Dense(MultivariateNormalTriL.paramsSize(2))
///       MultivariateNormalTriLLayer(2, activityRegularizer: KLDivergenceRegularizer(prior))
///     }
///     let posterior = encoder(images)      // a MultivariateNormalTriL
///     let likelihood = decoder(posterior)  // of one sample of it
public final class ProbabilisticSequential<Last: DistributionLayer>: ModelPart {
  /// The layers before the last, in the order in which they are applied.
  public let layers: [any Layer]
  /// The layer that makes the distribution.
  public let last: Last
  /// The name that comes before those of the layers' variables; nil for none.
  public let name: String?

  /// The layers in braces, from first to last; the last has to be a `DistributionLayer`.
  ///
  /// - Parameter name: The name that comes before those of the layers' variables, as of a `scope`; nil for none.
  public init(name: String? = nil, @ProbabilisticSequentialBuilder _ parts: () -> ProbabilisticLayers<Last>) {
    self.name = name
    let parts = parts()
    layers = parts.layers
    last = parts.last
  }

  /// The distribution for an input: a tensor, or a sample of a distribution.
  public func callAsFunction(_ input: some TensorConvertible, training: Bool = false) -> Last.Output {
    let input = input.tensor
    return input.graph.located {
      input.graph.scope(named: name) { last.distribution(layers.reduce(input) { $1($0, training: training) }) }
    }
  }

  /// The changes that calls with `training: true` make besides the gradients' doing.
  public var updates: [VariableUpdate] { layers.flatMap(\.updates) + last.updates }
  /// The terms that the layers add to the loss, scalars: penalties of the latest call.
  public var losses: [Tensor] { layers.flatMap(\.losses) + last.losses }
}

/// The layers in the braces of a ``ProbabilisticSequential``.
public struct ProbabilisticLayers<Last: DistributionLayer> {
  let layers: [any Layer]
  let last: Last
}

/// Collects the layers in the braces of a ``ProbabilisticSequential``: any, and then one that makes a distribution.
@resultBuilder
public enum ProbabilisticSequentialBuilder {
  /// A layer on the first line.
  public static func buildPartialBlock<L: Layer>(first: L) -> [any Layer] { [first] }
  /// A layer on the first line that makes a distribution, and may be the last.
  public static func buildPartialBlock<Last: DistributionLayer>(first: Last) -> ProbabilisticLayers<Last> {
    ProbabilisticLayers(layers: [], last: first)
  }
  /// A layer after others.
  public static func buildPartialBlock<L: Layer>(accumulated: [any Layer], next: L) -> [any Layer] {
    accumulated + [next]
  }
  /// A layer after others that makes a distribution, and may be the last.
  public static func buildPartialBlock<Last: DistributionLayer>(
    accumulated: [any Layer], next: Last
  ) -> ProbabilisticLayers<Last> {
    ProbabilisticLayers(layers: accumulated, last: next)
  }
  // A distribution before the end stands for a sample of itself.
  /// A layer after one that makes a distribution: it gets the tensor that this stands for, a sample.
  public static func buildPartialBlock<Inner: DistributionLayer, L: Layer>(
    accumulated: ProbabilisticLayers<Inner>, next: L
  ) -> [any Layer] {
    accumulated.layers + [accumulated.last, next]
  }
  /// A layer that makes a distribution, after another that does: it gets a sample of that.
  public static func buildPartialBlock<Inner: DistributionLayer, Last: DistributionLayer>(
    accumulated: ProbabilisticLayers<Inner>, next: Last
  ) -> ProbabilisticLayers<Last> {
    ProbabilisticLayers(layers: accumulated.layers + [accumulated.last], last: next)
  }
}
