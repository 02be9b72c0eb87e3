import ElbowArrays

/// The numbers that a placeholder has to be fed for the sake of an operation that it goes into, such as labels of classes.
/// Nothing checks them when a program runs; who has a whole data set does, before it trains.
public struct DataExpectation: Sendable {
  /// The placeholder's name.
  public let input: String
  /// The numbers it may hold.
  public let range: ClosedRange<Double>
  /// The operation that needs that, and what it takes, for a message: "'logProb' of Bernoulli takes values between 0 and 1".
  public let reason: String
  /// Where the user made the operation.
  public let source: SourceReference
  /// The node of the operation's result: where nobody needs that, nobody expects anything.
  let subject: Int
}

extension Graph {
  /// Notes what an operation expects of a value, if that is a placeholder's, scaled and shifted by constants at most.
  ///
  /// - Parameters:
  ///   - value: The operand of the operation.
  ///   - range: Where its elements lie.
  ///   - result: The operation's result.
  ///   - reason: The operation that expects it, and its demand: "'logProb' of Bernoulli takes values between 0 and 1".
  package func expect(_ value: Tensor, in range: ClosedRange<Double>, for result: Tensor, _ reason: String) {
    guard value.isValid, result.isValid, value.graph === self else { return }
    var (node, low, high) = (nodes[value.id], range.lowerBound, range.upperBound)
    while !(node.primitive is Placeholder) {
      guard let operand = node.inputs.first else { return }
      let others = node.inputs.map { nodes[$0].constantScalar(in: self) }
      switch node.primitive {
      case is Cast, is Reshape, is Broadcast, is Transpose: node = nodes[operand]
      case is Divide:
        guard let other = others[1], other > 0 else { return }
        (low, high, node) = (low * other, high * other, nodes[operand])
      case is Subtract:
        guard let other = others[1] else { return }
        (low, high, node) = (low + other, high + other, nodes[operand])
      case is Multiply:
        guard let other = others[0] ?? others[1], other > 0 else { return }
        (low, high, node) = (low / other, high / other, nodes[node.inputs[others[0] == nil ? 0 : 1]])
      case is Add:
        guard let other = others[0] ?? others[1] else { return }
        (low, high, node) = (low - other, high - other, nodes[node.inputs[others[0] == nil ? 0 : 1]])
      default: return
      }
    }
    guard let placeholder = node.primitive as? Placeholder else { return }
    // Scaling by a rounded constant must not count.
    let slack = 1e-5 * max(abs(low.isFinite ? low : 0), abs(high.isFinite ? high : 0))
    expectations.append(
      DataExpectation(
        input: placeholder.input, range: low - slack...high + slack, reason: reason,
        source: currentSource, subject: result.id))
  }

  /// The numbers that the signatures' placeholders have to hold.
  public func dataExpectations(for signatures: [Signature]) -> [DataExpectation] {
    guard !expectations.isEmpty else { return [] }
    let isLive = nodesNeeded(by: signatures.flatMap { $0.outputs.map(\.tensor) + $0.updates.map(\.value) })
    return expectations.filter { isLive[$0.subject] }
  }
}

extension Node {
  /// The number that all elements are, if that is a constant.
  fileprivate func constantScalar(in graph: Graph) -> Double? {
    if let constant = primitive as? Constant, constant.value.count == 1 { return constant.value.doubles.first }
    guard primitive is Broadcast || primitive is Reshape || primitive is Cast else { return nil }
    return graph.nodes[inputs[0]].constantScalar(in: graph)
  }
}
