import ElbowArrays

/// A condition on a value that is known only when a program runs.
///
/// Every program that computes the value checks it: it has one more output, a bool scalar, whose name is the message; and its
/// variables keep their values where a condition does not hold.
struct ValueCheck: Sendable {
  /// The node of the value that the condition is about.
  var subject: Int
  /// The node that says whether it holds, a bool scalar.
  var holds: Int
  /// A full sentence for where it does not.
  var message: String
  var source: SourceReference
}

extension Graph {
  /// Has every program that computes `value` check a condition on it when it runs.
  ///
  /// Sessions and loaded models throw an `invalidArgument` error with the message where it does not hold for all
  /// elements, and variables keep their values; C programs find a bool output that has the message as its name.
  ///
  /// - Parameters:
  ///   - value: The value that the condition is about.
  ///   - condition: Bool, of any shape.
  ///   - message: A full sentence: what has to hold.
  public func check(_ value: Tensor, where condition: Tensor, _ message: String) {
    located {
      guard value.isValid, condition.isValid,
        !checks.contains(where: { $0.subject == value.id && $0.message == message })
      else { return }
      let holds = condition.cast(to: .int32).min() > 0
      checks.append(
        ValueCheck(subject: value.id, holds: holds.id, message: message, source: nodes[holds.id].source))
    }
  }

  /// The checks of the values that some tensors are computed from.
  func checks(for roots: [Tensor]) -> [ValueCheck] {
    guard !checks.isEmpty else { return [] }
    let isLive = nodesNeeded(by: roots)
    return checks.filter { isLive[$0.subject] }
  }

  /// Which nodes some tensors are computed from.
  func nodesNeeded(by roots: [Tensor]) -> [Bool] {
    var isLive = [Bool](repeating: false, count: nodes.count)
    for root in roots where root.graph === self { isLive[root.id] = true }
    for id in nodes.indices.reversed() where isLive[id] {
      for input in nodes[id].inputs { isLive[input] = true }
    }
    return isLive
  }
}
