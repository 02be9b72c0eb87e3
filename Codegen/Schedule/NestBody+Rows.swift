import ElbowGraph

extension NestBody {
  /// Whether all accesses to a buffer stay in the row that the outermost loop is at.
  func staysInRow(_ buffer: Int) -> Bool {
    guard nest.independentAxes > 0 else { return false }
    if buffer == result && !operands.contains(buffer) { return true }
    let positions = Set(operands.indices.filter { operands[$0] == buffer })
    var stays = true
    nest.forEachValue { value in
      if case .operand(let which, let index, _) = value, positions.contains(which), index.first != .variable(0) {
        stays = false
      }
    }
    return stays
  }
}

extension LoopNest {
  /// Every symbol that the nest's loops and positions depend on.
  package var symbols: Set<String> {
    var found: Set<String> = []
    forEachIndex { index in
      switch index {
      case .extent(let dimension), .quotient(_, let dimension), .remainder(_, let dimension):
        found.formUnion(dimension.symbols)
      default: break
      }
    }
    return found
  }

  /// Calls `visit` with every scalar in the nest.
  func forEachValue(_ visit: (LoopValue) -> Void) { walk(body, visit) { _ in } }

  /// Calls `visit` with every position in the nest.
  func forEachIndex(_ visit: (LoopIndex) -> Void) { walk(body, { _ in }, visit) }

  private func walk(_ statements: [LoopStatement], _ value: (LoopValue) -> Void, _ index: (LoopIndex) -> Void) {
    for statement in statements {
      switch statement {
      case .loop(_, let from, let to, _, let body):
        walk(from, value, index)
        walk(to, value, index)
        walk(body, value, index)
      case .store(let position, let stored):
        position.forEach { walk($0, value, index) }
        walk(stored, value, index)
      case .declare(_, let assigned), .assign(_, let assigned): walk(assigned, value, index)
      case .conditional(let condition, let then, let otherwise):
        walk(condition, value, index)
        walk(then, value, index)
        walk(otherwise, value, index)
      }
    }
  }

  private func walk(_ position: LoopIndex, _ value: (LoopValue) -> Void, _ index: (LoopIndex) -> Void) {
    index(position)
    switch position {
    case .extent, .variable: break
    case .sum(let a, let b), .difference(let a, let b), .product(let a, let b), .minimum(let a, let b),
      .maximum(let a, let b):
      walk(a, value, index)
      walk(b, value, index)
    case .quotient(let a, _), .remainder(let a, _): walk(a, value, index)
    case .value(let scalar): walk(scalar, value, index)
    }
  }

  private func walk(_ scalar: LoopValue, _ value: (LoopValue) -> Void, _ index: (LoopIndex) -> Void) {
    value(scalar)
    switch scalar {
    case .constant, .local: break
    case .operand(_, let position, _), .result(let position, _): position.forEach { walk($0, value, index) }
    case .position(let position, _): walk(position, value, index)
    case .apply(_, let operands, _): operands.forEach { walk($0, value, index) }
    }
  }
}
