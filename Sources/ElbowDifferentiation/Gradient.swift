import ElbowArrays
import ElbowGraph

/// The gradient by a tensor on which the differentiated value does not depend.
public enum UnconnectedGradient: Sendable {
  /// A mistake: it nearly always is one.
  case error
  /// Zeros.
  case zero
}

/// The gradients of a scalar by some tensors, as new operations of the same graph: they are optimised like any others and
/// can be differentiated again.
///
/// Reverse-mode: one walk from the scalar back to the tensors, in which each primitive's rule says what it passes on.
///
/// - Parameters:
///   - y: A floating-point scalar.
///   - xs: The tensors to differentiate by; floating-point too.
///   - unconnected: The rule for a tensor that `y` does not depend on.
/// - Returns: A gradient for each of `xs`, of its shape. Where none exists the result is invalid and the graph's diagnostics
///   say why.
public func gradients(
  of y: Tensor, by xs: [Tensor], unconnected: UnconnectedGradient = .error
) -> [Tensor] {
  y.graph.located {
    let graph = y.graph
    guard y.isValid, xs.allSatisfy({ $0.graph === graph && $0.isValid }) else {
      return xs.map { _ in graph.apply(Add(), [y] + xs) }
    }
    guard y.rank == 0, y.dtype.isFloatingPoint else {
      let mistake = graph.invalid(
        .gradient, "Gradients are of floating-point scalars, but this is \(y.type): take its mean or sum first.")
      return xs.map { _ in mistake }
    }
    return ReverseSweep(from: [(y, y.onesLike())], to: xs).gradients(unconnected)
  }
}

/// The gradient of a scalar by one tensor.
public func gradient(of y: Tensor, by x: Tensor, unconnected: UnconnectedGradient = .error) -> Tensor {
  gradients(of: y, by: [x], unconnected: unconnected)[0]
}

private struct ReverseSweep {
  let seeds: [(tensor: Tensor, gradient: Tensor)]
  let xs: [Tensor]
  let graph: Graph
  /// Whether what depends on one of `xs` through another counts for the former, too.
  var passesTargets = true
  /// Whether a node depends on one of `xs`; by node, up to the last seed.
  let depends: [Bool]
  var contributions: [Int: [Tensor]] = [:]

  init(from seeds: [(tensor: Tensor, gradient: Tensor)], to xs: [Tensor]) {
    self.seeds = seeds
    self.xs = xs
    graph = seeds[0].tensor.graph
    let last = seeds.map(\.tensor.id).max() ?? 0
    var depends = [Bool](repeating: false, count: last + 1)
    for x in xs where x.id <= last { depends[x.id] = true }
    for (id, node) in graph.nodes[...last].enumerated() where !depends[id] {
      depends[id] = node.inputs.contains { depends[$0] }
    }
    self.depends = depends
  }

  func gradients(_ unconnected: UnconnectedGradient) -> [Tensor] {
    zip(xs, found()).map { x, gradient in
      if let gradient { return gradient }
      if unconnected == .zero && x.dtype.isFloatingPoint { return x.zerosLike() }
      return graph.invalid(
        .gradient,
        "There is no gradient by \(describe(x)): "
          + (x.dtype.isFloatingPoint
            ? "the value does not depend on it in a differentiable way." : "it is \(x.dtype), not floating point."))
    }
  }

  /// The gradient by each of `xs`; nil where there is none.
  func found() -> [Tensor?] {
    var sweep = self
    sweep.run()
    return xs.map { sweep.total($0.id) }
  }

  private func describe(_ x: Tensor) -> String {
    if let variable = graph.declaration(of: x) { return "the variable '\(variable.name)'" }
    if let placeholder = x.node.primitive as? Placeholder { return "the placeholder '\(placeholder.input)'" }
    return "\(x)"
  }

  private mutating func run() {
    let targets = Set(xs.map(\.id))
    for (tensor, gradient) in seeds { contributions[tensor.id, default: []].append(gradient) }
    for id in stride(from: depends.count - 1, through: 0, by: -1) where depends[id] {
      guard let upstream = total(id) else { continue }
      let node = graph.nodes[id]
      if targets.contains(id) {
        contributions[id] = [upstream]
        if !passesTargets { continue }
      }
      guard node.inputs.contains(where: { depends[$0] }) else { continue }
      graph.located(at: node.source) { propagate(id, node, upstream) }
    }
  }

  /// The sum of what all users of a node have passed on; nil if none has.
  private func total(_ id: Int) -> Tensor? {
    guard let parts = contributions[id], let first = parts.first else { return nil }
    return parts.dropFirst().reduce(first) { $0 + $1 }
  }

  private mutating func propagate(_ id: Int, _ node: Node, _ upstream: Tensor) {
    let inputs = node.inputs.map { Tensor(graph: graph, id: $0) }
    let context = GradientContext(
      inputs: inputs, output: Tensor(graph: graph, id: id), upstream: upstream,
      pullBack: { seeds, xs in
        guard !seeds.isEmpty else { return xs.map { _ in nil } }
        var sweep = ReverseSweep(from: seeds, to: xs)
        sweep.passesTargets = false
        return sweep.found()
      })
    do throws(OperandError) {
      for (input, part) in zip(node.inputs, try node.primitive.gradient(context)) where depends[input] {
        if let part { contributions[input, default: []].append(part) }
      }
    } catch {
      _ = graph.invalid(.gradient, "'\(type(of: node.primitive).name)' has no gradient: \(error.message).")
    }
  }
}
