/// Straight-line statements carried out for several vectors in turn, so that one vector's functions fill the time in which
/// another's wait for their own steps: a polynomial is a chain in which each step needs the one before it, and the
/// processor looks ahead no further than about one function.
///
///     EL_EACH_WAY(way) {
///       y[way] = el_exp_f32(el_load_f32(x + (i + way * EL_LANES)));
///     }
///     EL_EACH_WAY(way) {
///       el_store_f32(z + (i + way * EL_LANES), el_log1p_f32(y[way]));
///     }
///
/// Results are those of one vector after the other, bit for bit: what a statement adds to a total is added in their order, to
/// the parts of the total in turn.
package struct Interleaving {
  /// The statements' loop variable; a way is so many lanes beyond it.
  private let variable: String
  /// The totals, of `EL_PARTS` vectors each, that statements add to.
  private let totals: Set<String>
  /// Whether a call takes so long to answer that the statements are cut after it.
  private let isSlow: (String) -> Bool

  package init(variable: String, totals: Set<String>, isSlow: @escaping (String) -> Bool) {
    (self.variable, self.totals, self.isSlow) = (variable, totals, isSlow)
  }

  private static let way: CExpression = .name(CVectorGroup.way.counter)

  /// With more calls a body has enough of its own to fill the time with, and would only become long.
  private static let mostCalls = 8

  /// The statements for `EL_WAYS` vectors; nil if they are not straight-line, or nothing in them is slow.
  package func apply(to statements: [CStatement]) -> [CStatement]? {
    guard statements.allSatisfy(isStraight), (1...Interleaving.mostCalls).contains(statements.count(where: isSlow))
    else { return nil }
    let parts = cut(statements)
    let shared = Set(parts.indices.flatMap { names(declaredIn: parts[$0], usedIn: parts[($0 + 1)...]) })
    return declarations(statements, shared) + parts.map { .each(.way, $0.compactMap { forWay($0, shared) }) }
  }

  private func isStraight(_ statement: CStatement) -> Bool {
    switch statement {
    case .declare(_, _, .some), .declareArray(_, _, _, nil), .assign, .expression: true
    default: false
    }
  }

  private func isSlow(_ statement: CStatement) -> Bool { statement.calls.contains(where: isSlow) }

  private func cut(_ statements: [CStatement]) -> [[CStatement]] {
    var parts: [[CStatement]] = [[]]
    for statement in statements {
      parts[parts.count - 1].append(statement)
      if isSlow(statement) { parts.append([]) }
    }
    return parts.filter { !$0.isEmpty }
  }

  private func names(declaredIn part: [CStatement], usedIn later: ArraySlice<[CStatement]>) -> Set<String> {
    Set(part.flatMap(\.declaredNames)).intersection(later.joined().flatMap(\.names))
  }

  /// Room for what a part computes and a later one uses.
  private func declarations(_ statements: [CStatement], _ shared: Set<String>) -> [CStatement] {
    statements.compactMap { statement in
      switch statement {
      case .declare(let type, let name, _) where shared.contains(name):
        .declareArray(type.variable, name, "EL_WAYS", nil)
      case .declareArray(let type, let name, let count, _) where shared.contains(name):
        .declareArray(type, name + "[EL_WAYS]", count, nil)
      default: nil
      }
    }
  }

  private func forWay(_ statement: CStatement, _ shared: Set<String>) -> CStatement? {
    func change(_ expression: CExpression) -> CExpression {
      guard case .name(let name) = expression else { return expression }
      if name == variable { return .binary(.plus, expression, Interleaving.way * "EL_LANES") }
      if totals.contains(name) { return .subscripted(expression, .binary(.modulo, Interleaving.way, "EL_PARTS")) }
      return shared.contains(name) ? .subscripted(expression, Interleaving.way) : expression
    }
    switch statement {
    case .declare(_, let name, .some(let value)) where shared.contains(name):
      return .assign(.subscripted(.name(name), Interleaving.way), .assign, value.rewritten(change))
    case .declareArray(_, let name, _, _) where shared.contains(name): return nil
    default: return statement.rewritten(change)
    }
  }
}
