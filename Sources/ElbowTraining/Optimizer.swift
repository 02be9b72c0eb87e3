import ElbowArrays
import ElbowDifferentiation
import ElbowGraph

/// A rule by which gradients change parameters.
///
/// An optimizer only adds nodes to a graph: what it keeps between steps are variables, and its learning rate is a
/// placeholder with a default value, so that another rate needs no other program.
public protocol Optimizer: AnyObject {
  /// The learning rate.
  var learningRate: LearningRate { get }

  /// The new values of parameters, and of what the optimizer keeps about them.
  ///
  /// - Parameter gradients: Each parameter, a variable, with its gradient of the same type.
  func applying(gradients: [(variable: Tensor, gradient: Tensor)]) -> [VariableUpdate]
}

/// One training step of a graph: what it computes and what it changes.
public struct TrainingOperation {
  public var loss: Tensor
  public var updates: [VariableUpdate]
  /// Each parameter with its gradient.
  public var gradients: [(variable: Tensor, gradient: Tensor)]

  /// The step as a signature whose output is the loss.
  public func signature(_ name: String = "train") -> Signature {
    Signature(name, outputs: ["loss": loss], updates: updates)
  }
}

extension Optimizer {
  /// The training step that makes a scalar smaller.
  ///
  /// - Parameters:
  ///   - loss: A floating-point scalar.
  ///   - variables: What to change; all parameters of the graph if nil.
  public func minimize(_ loss: Tensor, variables: [Tensor]? = nil) -> TrainingOperation {
    loss.graph.located {
      let variables = variables ?? loss.graph.variables(role: .parameter)
      guard !variables.isEmpty else {
        let mistake = loss.graph.invalid(.gradient, "There is nothing to minimize by: the graph has no parameters.")
        return TrainingOperation(loss: mistake, updates: [], gradients: [])
      }
      let pairs = zip(variables, ElbowDifferentiation.gradients(of: loss, by: variables)).map {
        (variable: $0, gradient: $1)
      }
      return TrainingOperation(loss: loss, updates: applying(gradients: pairs), gradients: pairs)
    }
  }
}

/// What the optimizers share: one graph, checked pairs, the learning rate's placeholder and slots.
struct UpdateRule {
  let graph: Graph
  let pairs: [(variable: Tensor, gradient: Tensor)]
  let names: [String]

  /// Nil, with a recorded mistake, if a pair is not a parameter with its gradient.
  init?(_ name: String, _ pairs: [(variable: Tensor, gradient: Tensor)]) {
    guard let graph = pairs.first?.variable.graph else { return nil }
    var names: [String] = []
    for (variable, gradient) in pairs {
      guard variable.isValid, gradient.isValid else { return nil }
      guard variable.graph === graph, gradient.graph === graph, let declaration = graph.declaration(of: variable) else {
        _ = graph.invalid(
          .invalidArgument, "\(name) can only change variables of one graph, but \(variable) is none of it.")
        return nil
      }
      guard variable.type == gradient.type else {
        _ = graph.invalid(
          .shape,
          "\(name): the variable '\(declaration.name)' is \(variable.type), but its gradient is \(gradient.type).")
        return nil
      }
      guard !names.contains(declaration.name) else {
        _ = graph.invalid(.invalidArgument, "\(name): the variable '\(declaration.name)' occurs twice.")
        return nil
      }
      names.append(declaration.name)
    }
    self.graph = graph
    self.pairs = pairs
    self.names = names
  }

  /// One slot for each parameter, in order: `<group>/<parameter>`, zeros.
  func slots(_ group: String) -> [Tensor] {
    zip(pairs, names).map { pair, name in
      graph.variable("\(group)/\(name)", initialValue: pair.variable.zerosLike(), role: .slot, group: group)
    }
  }
}

extension Graph {
  /// A name that no placeholder or variable of the graph has: `adam`, `adam_1`, ...
  func freeName(_ base: String) -> String {
    var name = base
    var count = 0
    while placeholders.contains(where: { $0.name == name })
      || variables.contains(where: {
        $0.name == name || $0.name.hasPrefix(name + "/") || $0.group.hasPrefix(name + "/")
      })
    {
      count += 1
      name = "\(base)_\(count)"
    }
    return name
  }
}
