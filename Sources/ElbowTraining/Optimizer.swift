import ElbowArrays
import ElbowDifferentiation
import ElbowGraph

/// A rule by which gradients change parameters.
///
/// An optimizer only adds nodes to a graph: what it keeps between steps are variables, and its learning rate is a
/// placeholder with a default value, so that another rate needs no other program.
///
/// A conforming type says what it keeps of a parameter and how one parameter changes; ``minimize(_:variables:clipping:)`` and
/// ``applying(gradients:)-(ParameterGradients)`` do the rest.
public protocol Optimizer: AnyObject {
  /// The learning rate.
  var learningRate: LearningRate { get }
  /// The prefix of its variables' names, `adam`.
  var name: String { get }
  /// The variables kept for each parameter between steps: a name, and the number that it begins with.
  var slots: [(name: String, initialValue: Double)] { get }
  /// Whether ``scalars(rate:step:)`` needs the number of the step.
  var countsSteps: Bool { get }
  /// The numbers that set it besides the learning rate: checked where it is applied.
  var hyperparameters: [Hyperparameter] { get }

  /// Scalars that the changes of all parameters share, such as the rate with its corrections: computed once.
  ///
  /// - Parameters:
  ///   - rate: The learning rate of this step.
  ///   - step: The number of this step, from 1, in the rate's dtype; nil unless ``countsSteps``.
  func scalars(rate: Tensor, step: Tensor?) -> [Tensor]

  /// The new value of a parameter, and those of its slots.
  ///
  /// - Parameters:
  ///   - slots: The values of ``slots``.
  ///   - scalars: The result of ``Optimizer/scalars(rate:step:)``.
  func change(
    _ variable: Tensor, gradient: Tensor, slots: [Tensor], scalars: [Tensor]
  ) -> (variable: Tensor, slots: [Tensor])
}

/// Parameters, variables of a graph, each with its gradient of the same type.
public typealias ParameterGradients = [(variable: Tensor, gradient: Tensor)]

extension Optimizer {
  public var countsSteps: Bool { false }
  public var hyperparameters: [Hyperparameter] { [] }
  public func scalars(rate: Tensor, step: Tensor?) -> [Tensor] { [rate] }

  /// The training step that makes a scalar smaller.
  ///
  /// - Parameters:
  ///   - loss: A floating-point scalar.
  ///   - variables: The variables to change; all parameters of the graph if nil. Those that the loss does not depend on stay as
  ///     they are, and are named in a warning.
  ///   - clipping: The rule that keeps gradients from being too large.
  public func minimize(
    _ loss: Tensor, variables: [Tensor]? = nil, clipping: GradientClipping? = nil
  ) -> TrainingOperation {
    minimize(loss, inTurn: [variables ?? loss.graph.variables(role: .parameter)], clipping: clipping)
  }

  /// The training step of one optimizer that several groups of variables share, as a TensorFlow optimizer does that is
  /// applied to one group after the other: all gradients are those before the step, but the optimizer counts as many steps
  /// as there are groups, which Adam's corrections and a schedule of the learning rate go by.
  ///
  /// - Parameters:
  ///   - loss: A floating-point scalar.
  ///   - groups: The variables to change, group by group.
  ///   - clipping: The rule that keeps gradients from being too large; a global norm is that of one group.
  public func minimize(
    _ loss: Tensor, inTurn groups: [[Tensor]], clipping: GradientClipping? = nil
  ) -> TrainingOperation {
    loss.graph.located {
      if let empty = groups.firstIndex(where: \.isEmpty) {
        let problem =
          groups.count == 1
          ? "there are no parameters" : "the group \(empty + 1) of \(groups.count) has no parameters"
        let mistake = loss.graph.invalid(
          .gradient,
          "There is nothing to minimize by: \(problem). Layers have parameters once they have been called.")
        return TrainingOperation(loss: mistake, updates: [], gradients: [])
      }
      let groups = groups.map { withoutUnreached($0, by: loss) }
      var gradients = ElbowDifferentiation.gradients(of: loss, by: groups.flatMap { $0 })[...]
      let pairs = groups.map { group in
        let own = [Tensor](gradients.prefix(group.count))
        gradients = gradients.dropFirst(group.count)
        return zip(group, clipping?.clipped(own) ?? own).map { (variable: $0, gradient: $1) }
      }
      return TrainingOperation(
        loss: loss, updates: applying(gradients: pairs), gradients: pairs.flatMap { $0 })
    }
  }

  /// The variables that a loss depends on. The others would never change: as in TensorFlow, they are left out, with a warning.
  private func withoutUnreached(_ variables: [Tensor], by loss: Tensor) -> [Tensor] {
    guard loss.isValid else { return variables }
    let graph = loss.graph
    let reached = Set(
      graph.variables(role: .parameter, neededBy: loss).compactMap { graph.declaration(of: $0)?.name })
    // What is no parameter, or of another graph, is for `applying(gradients:)` to refuse.
    func isReached(_ variable: Tensor) -> Bool {
      guard let declaration = graph.declaration(of: variable), declaration.role == .parameter else { return true }
      return reached.contains(declaration.name)
    }
    let left = variables.filter { !isReached($0) }.compactMap { graph.declaration(of: $0).map { "'\($0.name)'" } }
    guard !left.isEmpty, left.count < variables.count else { return variables }
    Warning.print("The loss does not depend on \(left.joined(separator: ", ")), which training will not change.")
    return variables.filter(isReached)
  }

  /// The new values of parameters, and of what the optimizer keeps about them.
  public func applying(gradients: ParameterGradients) -> [VariableUpdate] { applying(gradients: [gradients]) }

  /// The new values of groups of parameters, each of which counts as a step; see ``minimize(_:inTurn:clipping:)``.
  public func applying(gradients groups: [ParameterGradients]) -> [VariableUpdate] {
    guard let targets = UpdateTargets("\(type(of: self))", groups.flatMap { $0 }) else { return [] }
    let graph = targets.graph
    return graph.located {
      recordMistakes(in: graph)
      let name = graph.freeName(name)
      let kept = slots.map { targets.slots("\(name)/\($0.name)", initialValue: $0.initialValue) }
      let counter = countsSteps || learningRate.isScheduled ? targets.counter("\(name)/step", group: name) : nil
      var (updates, step, position) = ([VariableUpdate](), counter, 0)
      for group in groups where !group.isEmpty {
        step = step.map { $0 + 1 }
        var shared: [DType: [Tensor]] = [:]
        for (variable, gradient) in group {
          let scalars = shared[variable.dtype] ?? scalars(at: step, in: graph, variable.dtype)
          shared[variable.dtype] = scalars
          let own = kept.map { $0[position] }
          let new = change(variable, gradient: gradient, slots: own, scalars: scalars)
          updates.append(VariableUpdate(variable, to: new.variable))
          updates += zip(own, new.slots).map { VariableUpdate($0, to: withoutSubnormals($1)) }
          position += 1
        }
      }
      guard let counter, let step else { return updates }
      return [VariableUpdate(counter, to: step)] + updates
    }
  }

  private func recordMistakes(in graph: Graph) {
    let rate = Hyperparameter("the learning rate", learningRate.defaultValue, .positive)
    for mistake in ([rate] + hyperparameters).compactMap(\.mistake) {
      _ = graph.invalid(.invalidArgument, "\(type(of: self)): \(mistake).")
    }
  }

  /// 0 in place of what is too small to be a normal number.
  ///
  /// Where no gradient comes any more, as behind a unit that is never active, running means fade into subnormal numbers and
  /// stay there. Processors take many times as long over those.
  private func withoutSubnormals(_ slot: Tensor) -> Tensor {
    guard slot.dtype == .float32 || slot.dtype == .float64 else { return slot }
    let least = slot.dtype == .float64 ? Double.leastNormalMagnitude : Double(Float.leastNormalMagnitude)
    return select(abs(slot) < least, slot.zerosLike(), slot)
  }

  private func scalars(at step: Tensor?, in graph: Graph, _ dtype: DType) -> [Tensor] {
    let number = step?.cast(to: dtype)
    return scalars(rate: learningRate.value(in: graph, at: number, dtype: dtype), step: number)
  }
}
