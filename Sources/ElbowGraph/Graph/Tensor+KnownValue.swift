import ElbowArrays

extension Tensor {
  /// The value, if it is made of few constants by few operations: what can be checked while a graph is built.
  package var knownValue: HostArray? { graph.knownValue(id, depth: 6) }

  /// The numbers that occur in the value, if that is known; those of a broadcast constant once.
  package var knownElements: [Double]? {
    var node = self.node
    while node.primitive is Broadcast || node.primitive is Reshape || node.primitive is Transpose {
      node = graph.nodes[node.inputs[0]]
    }
    if let constant = node.primitive as? Constant { return constant.value.doubles }
    return knownValue?.doubles
  }
}

extension Graph {
  private static let knownSizeLimit = 4096

  fileprivate func knownValue(_ id: Int, depth: Int) -> HostArray? {
    let node = nodes[id]
    guard depth > 0, let shape = node.type.shape.extents, let count = node.type.shape.elementCount.value,
      count <= Graph.knownSizeLimit
    else { return nil }
    if let constant = node.primitive as? Constant { return constant.value }
    guard !node.inputs.isEmpty else { return nil }
    var operands: [HostArray] = []
    for input in node.inputs {
      guard let operand = knownValue(input, depth: depth - 1) else { return nil }
      operands.append(operand)
    }
    return try? node.primitive.evaluate(
      EvaluationContext(
        inputs: operands, dtype: node.type.dtype, shape: shape, bindings: [:], random: RandomState(seed: 0)))
  }
}
