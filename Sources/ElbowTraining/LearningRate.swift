import ElbowArrays
import ElbowGraph

/// A learning rate as a scalar that is fed when a step runs: a placeholder with a default value, made once for a graph.
///
/// Where it follows a schedule, what is fed is the schedule's ``LearningRateSchedule/baseRate``.
public final class LearningRate {
  private let schedule: any LearningRateSchedule
  /// The placeholder; nil before the optimizer is first applied. Feeding its name sets the rate of a run.
  public private(set) var placeholder: Tensor?
  /// The name of the input to feed: `learning_rate`, or `learning_rate_1`, ... where a graph has several.
  public private(set) var name = "learning_rate"

  /// The rate of a schedule, or of a plain number; the placeholder is made when an optimizer is first applied.
  public init(_ schedule: some LearningRateSchedule) { self.schedule = schedule }

  /// The rate when nothing is fed.
  public var defaultValue: Double { schedule.baseRate }
  /// Whether it depends on the number of the step.
  public var isScheduled: Bool { schedule.isScheduled }

  /// The rate as a scalar of a dtype.
  ///
  /// - Parameter step: The number of the step, from 1; nil if that is not counted.
  func value(in graph: Graph, at step: Tensor?, dtype: DType) -> Tensor {
    let base = base(in: graph, dtype)
    // A schedule counts the steps before this one.
    guard isScheduled, let step else { return base }
    return base * schedule.factor(after: step - 1)
  }

  /// Whether an input of that name is a learning rate: `learning_rate`, `learning_rate_1`, ...
  package static func isName(_ name: String) -> Bool {
    name == "learning_rate" || name.hasPrefix("learning_rate_") && Int(name.dropFirst("learning_rate_".count)) != nil
  }

  private func base(in graph: Graph, _ dtype: DType) -> Tensor {
    if let placeholder, placeholder.graph === graph { return placeholder.cast(to: dtype) }
    name = graph.freeName("learning_rate")
    let made = graph.placeholder(name, dtype: dtype, defaultValue: defaultValue)
    placeholder = made
    return made
  }
}
