extension CExpression {
  /// The expression with each of its parts replaced, inner ones first.
  package func rewritten(_ change: (CExpression) -> CExpression) -> CExpression {
    func inner(_ expression: CExpression) -> CExpression { expression.rewritten(change) }
    let result: CExpression =
      switch self {
      case .name, .integer, .unsigned, .unsigned64, .literal, .string, .type: self
      case .call(let name, let arguments): .call(name, arguments.map(inner))
      case .binary(let sign, let left, let right): .binary(sign, inner(left), inner(right))
      case .unary(let sign, let value): .unary(sign, inner(value))
      case .conditional(let condition, let a, let b): .conditional(inner(condition), inner(a), inner(b))
      case .subscripted(let array, let index): .subscripted(inner(array), inner(index))
      case .member(let value, let name): .member(inner(value), name)
      case .field(let value, let name): .field(inner(value), name)
      case .cast(let type, let value): .cast(type, inner(value))
      case .list(let values): .list(values.map(inner))
      case .structure(let fields): .structure(fields.map { Field(name: $0.name, value: inner($0.value)) })
      }
    return change(result)
  }
}

extension CStatement {
  /// The statement with each part of its expressions replaced, and each name that it declares, given as an expression.
  /// Lengths of arrays stay as they are.
  package func rewritten(_ change: (CExpression) -> CExpression) -> CStatement {
    func inner(_ expression: CExpression) -> CExpression { expression.rewritten(change) }
    func body(_ statements: [CStatement]) -> [CStatement] { statements.map { $0.rewritten(change) } }
    func declared(_ name: String) -> String { if case .name(let new) = change(.name(name)) { new } else { name } }
    switch self {
    case .declare(let type, let name, let value): return .declare(type, declared(name), value.map(inner))
    case .declareArray(let type, let name, let count, let value):
      return .declareArray(type, declared(name), count, value.map(inner))
    case .assign(let left, let sign, let right): return .assign(inner(left), sign, inner(right))
    case .expression(let expression): return .expression(inner(expression))
    case .loop(let variable, let from, let condition, let step, let statements):
      return .loop(
        variable: declared(variable), from: inner(from), condition: inner(condition), step: inner(step),
        body(statements))
    case .whileLoop(let condition, let advance, let statements):
      return .whileLoop(condition: inner(condition), advance: inner(advance), body(statements))
    case .conditional(let condition, let then, let otherwise):
      return .conditional(inner(condition), body(then), body(otherwise))
    case .returned(let value): return .returned(value.map(inner))
    case .comment: return self
    case .each(let group, let statements): return .each(group, body(statements))
    case .block(let statements): return .block(body(statements))
    }
  }

  /// The names that the statement and those in it declare, in order.
  package var declaredNames: [String] {
    switch self {
    case .declare(_, let name, _), .declareArray(_, let name, _, _): [name]
    case .loop(let variable, _, _, _, let body): [variable] + body.flatMap(\.declaredNames)
    case .whileLoop(_, _, let body), .block(let body): body.flatMap(\.declaredNames)
    case .each(let group, let body): [group.counter] + body.flatMap(\.declaredNames)
    case .conditional(_, let then, let otherwise): (then + otherwise).flatMap(\.declaredNames)
    case .assign, .expression, .returned, .comment: []
    }
  }

  /// The names in it, those that it declares included.
  package var names: Set<String> { collected { if case .name(let name) = $0 { name } else { nil } } }
  /// The functions that it calls.
  package var calls: Set<String> { collected { if case .call(let name, _) = $0 { name } else { nil } } }

  private func collected(_ pick: (CExpression) -> String?) -> Set<String> {
    var found: Set<String> = []
    _ = rewritten { expression in
      if let name = pick(expression) { found.insert(name) }
      return expression
    }
    return found
  }
}

extension CFunction {
  /// The functions that it calls.
  package var calls: Set<String> { Set(body.flatMap(\.calls)) }
}
