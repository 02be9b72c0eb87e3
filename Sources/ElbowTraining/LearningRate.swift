import ElbowArrays
import ElbowGraph

/// A learning rate as a scalar that is fed when a step runs: a placeholder with a default value, made once for a graph.
public final class LearningRate {
  /// What it is when nothing is fed.
  public let defaultValue: Double
  /// The placeholder; nil before the optimizer is first applied. Feeding its name sets the rate of a run.
  public private(set) var placeholder: Tensor?
  /// What to feed: `learning_rate`, or `learning_rate_1`, ... where a graph has several.
  public private(set) var name = "learning_rate"

  public init(_ defaultValue: Double) { self.defaultValue = defaultValue }

  /// The rate as a scalar of a dtype.
  func value(in graph: Graph, dtype: DType) -> Tensor {
    if let placeholder, placeholder.graph === graph { return placeholder.cast(to: dtype) }
    name = graph.freeName("learning_rate")
    let made = graph.placeholder(name, dtype: dtype, defaultValue: defaultValue)
    placeholder = made
    return made
  }
}
