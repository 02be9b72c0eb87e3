/// An operator between two operands.
package enum COperator: String, Sendable {
  case times = "*", over = "/", modulo = "%"
  case plus = "+", minus = "-"
  case shiftLeft = "<<", shiftRight = ">>"
  case less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
  case equal = "==", notEqual = "!="
  case bitAnd = "&", bitXor = "^", bitOr = "|"
  case and = "&&", or = "||"
  case assign = "=", assignSum = "+="

  /// How tightly it binds, as C has it: the higher, the tighter.
  var precedence: Int {
    switch self {
    case .times, .over, .modulo: 10
    case .plus, .minus: 9
    case .shiftLeft, .shiftRight: 8
    case .less, .lessOrEqual, .greater, .greaterOrEqual: 7
    case .equal, .notEqual: 6
    case .bitAnd: 5
    case .bitXor: 4
    case .bitOr: 3
    case .and: 2
    case .or: 1
    case .assign, .assignSum: 0
    }
  }
}

/// An operator before its operand.
package enum CPrefix: String, Sendable {
  case minus = "-", not = "!", address = "&", content = "*"
}
