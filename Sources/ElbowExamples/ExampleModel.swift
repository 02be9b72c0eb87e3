import Elbow

/// A model that `graphc` knows by name: a graph, the data it is meant for, and what can be run.
public struct ExampleModel {
  public let name: String
  public let graph: Graph
  /// The named data set that it trains on unless told otherwise.
  public let dataset: String
  /// A training step: losses, and the variables' new values.
  public let train: Signature
  /// The same losses without training.
  public let evaluate: Signature
  /// What a trained model is used for.
  public let inference: [Signature]

  public var signatures: [Signature] { [train, evaluate] + inference }
}
