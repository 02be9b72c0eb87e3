import ElbowArrays
import ElbowData
import ElbowGraph

/// A graph with what can be run of it: what the examples are, what a graph file holds, and what `graphc` works on.
///
/// Names say what a signature is for. `train` is a training step, and `evaluate` gives the same losses and changes
/// nothing; the first output of both is the scalar `loss`, and what they call `elbo` is the evidence lower bound; of a model that
/// has `nll` and `kl` instead, it is minus their sum. All others are inference. Of these ``LatentModel`` and `graphc` know
///
/// - `encode`, whose first output is the codes of examples, of shape `[n, dimensions]`;
/// - `decode`, which takes one array of such codes, and has images among its outputs, of shape `[n, height, width]` or
///   `[n, height, width, channels]`;
/// - `sample`, which takes nothing, and has images among its outputs;
/// - `prior`, which takes nothing, and whose first output is codes drawn from the prior; without it the prior is taken for
///   the standard normal distribution;
/// - `importance`, whose first output `log_weight` has for each example x of the batch the logarithm of p(x, z) / q(z | x)
///   for a code z that is drawn from q(z | x) anew in each run, as ``logImportanceWeight(of:latent:likelihood:posterior:prior:)``
///   gives it;
/// - `predict`, of a classifier with random weights, which takes images and has the probabilities of classes among its
///   outputs, `probs` of shape `[n, classes]` (``ClassifierModel``).
public struct Model {
  /// The model's name, `cs20-vae`.
  public let name: String
  /// The graph of all signatures.
  public let graph: Graph
  /// The named data set that it trains on unless told otherwise; nil if it does not say.
  public let dataset: String?
  /// How often training goes through the data unless told otherwise.
  public let epochs: Int
  /// How many examples a training step takes unless told otherwise.
  public let batchSize: Int
  /// The entries into the graph, each with a name of its own.
  public let signatures: [Signature]
  /// How figures of training and evaluation that are no means over examples follow from such means, by their names.
  var metricValues: [String: MetricValue] = [:]

  /// A model of a graph.
  ///
  /// - Throws: `ElbowError` when the graph has a mistake, the name is none or has control characters, two signatures have one name, `train` or `evaluate` does not
  ///   have `loss` as its first output, or `importance` not `log_weight`.
  public init(
    name: String, graph: Graph, dataset: String? = nil, epochs: Int = 20, batchSize: Int = 100, signatures: [Signature]
  ) throws {
    try namingTheCallersLine { try Model.check(name, graph, signatures) }
    self.name = name
    self.graph = graph
    self.dataset = dataset
    self.epochs = epochs
    self.batchSize = max(1, batchSize)
    self.signatures = signatures
  }

  private static func check(_ name: String, _ graph: Graph, _ signatures: [Signature]) throws {
    try graph.check()
    guard Graph.isName(name) else {
      throw ElbowError(
        .invalidArgument,
        "A model cannot be named '\(name)': names are not empty, of at most 200 bytes, and have no control characters.")
    }
    var names: Set<String> = []
    for signature in signatures {
      guard names.insert(signature.name).inserted else {
        throw ElbowError(.invalidArgument, "The model '\(name)' has two signatures named '\(signature.name)'.")
      }
      guard let needed = signature.role?.firstOutput else { continue }
      guard let first = signature.outputs.first, first.name == needed.name, first.tensor.rank == needed.rank else {
        throw ElbowError(
          .invalidArgument,
          "The signature '\(signature.name)' of the model '\(name)' must have a \(needed.rank == 0 ? "scalar" : "vector") "
            + "'\(needed.name)' as its first output.")
      }
    }
  }

  /// A training step: losses, and the variables' new values; nil if the model cannot be trained.
  public var train: Signature? { self[.train] }
  /// The losses without training; nil if the model has none.
  public var evaluate: Signature? { self[.evaluate] }
  /// The signatures that a trained model is used for.
  public var inference: [Signature] { signatures.filter { $0.role?.isForTraining != true } }

  /// The signature of that name, or nil.
  public subscript(name: String) -> Signature? { signatures.first { $0.name == name } }

  /// The signature with a meaning, or nil.
  public subscript(role: SignatureRole) -> Signature? { self[role.rawValue] }

  /// The feeds of a batch: every column goes to the placeholder of its name, and columns without one are left out.
  public func feeds(for batch: Batch) -> [String: HostArray] {
    var feeds: [String: HostArray] = [:]
    for placeholder in graph.placeholders { feeds[placeholder.name] = batch[placeholder.name] }
    return feeds
  }

  /// The number of elements of all parameters.
  public var parameterCount: Int {
    graph.variables.filter { $0.role == .parameter }.reduce(0) { $0 + ($1.type.shape.elementCount.value ?? 0) }
  }
}
