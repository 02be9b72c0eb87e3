import ElbowArrays
import ElbowDifferentiation
import ElbowGraph

/// Derivatives.
extension Vocabulary {
  static let derivatives: [Operation] = [
    Operation("gradient", weight: 9) { composer in
      guard composer.graph.nodes.count < Composer.nodeLimit, let y = composer.floating() else { return [] }
      let ancestors = composer.ancestors(of: y)
      let sources = composer.pool.filter { $0.dtype.isFloatingPoint && ancestors.contains($0.id) && $0 != y }
      guard let x = composer.random.pick(from: sources) else { return [] }
      let weighted = composer.random.chance(0.5) ? composer.tensor(y.type).map { y * $0 } ?? y : y
      let loss = composer.mode == .smooth && composer.random.chance(0.3) ? mean(weighted) : sum(weighted)
      var targets = [x]
      if let other = composer.random.pick(from: sources), other != x, composer.random.chance(0.4) {
        targets.append(other)
      }
      return [loss] + gradients(of: loss, by: targets, unconnected: .zero)
    },
    Operation("second gradient", weight: 3) { composer in
      guard composer.graph.nodes.count < Composer.nodeLimit, let y = composer.floating() else { return [] }
      let ancestors = composer.ancestors(of: y)
      let sources = composer.pool.filter { $0.dtype.isFloatingPoint && ancestors.contains($0.id) && $0 != y }
      guard let x = composer.random.pick(from: sources) else { return [] }
      let first = gradient(of: sum(y * y), by: x, unconnected: .zero)
      guard first.isValid else { return [] }
      return [first, gradient(of: sum(first * first), by: x, unconnected: .zero)]
    },
  ]
}

extension Composer {
  /// The nodes that a tensor is computed from.
  func ancestors(of tensor: Tensor) -> Set<Int> {
    var seen: Set<Int> = [tensor.id]
    var waiting = [tensor.id]
    while let next = waiting.popLast() {
      for input in graph.nodes[next].inputs where seen.insert(input).inserted { waiting.append(input) }
    }
    return seen
  }
}
