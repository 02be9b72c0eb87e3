import ElbowArrays
import ElbowGraph
import ElbowSchedule

/// Knowledge of a kernel's values from how they are computed. All of them may be NaN.
extension [KernelInstruction] {
  /// The function of the vector library that computes a value: one for a narrower range, if the operand is known to be in it.
  func function(_ function: ScalarFunction, of index: Int) -> ScalarFunction {
    guard function.name == Log1p.name, self[index].dtype == .float32, isWithinUnit(self[index].operands[0]) else {
      return function
    }
    return ScalarFunction("log1p_unit", function.cost)
  }

  /// Whether a value lies from 0 to 1.
  private func isWithinUnit(_ index: Int) -> Bool {
    guard case .scalar(.function(let function)) = self[index].operation, function.name == Exp.name else { return false }
    return isAtMostZero(self[index].operands[0])
  }

  /// Whether a value is -|x|, written so or as a choice of x and -x.
  private func isAtMostZero(_ index: Int) -> Bool {
    let operands = self[index].operands
    switch self[index].operation {
    case .scalar(.negate): return self[operands[0]].operation == .scalar(.absolute)
    case .scalar(.select):
      let (condition, chosen, x) = (self[operands[0]], self[operands[1]], operands[2])
      return chosen.operation == .scalar(.negate) && chosen.operands == [x] && isNotNegative(x, where: condition)
    default: return false
    }
  }

  /// Whether a condition is that x >= 0.
  private func isNotNegative(_ x: Int, where condition: KernelInstruction) -> Bool {
    guard condition.operation == .scalar(.lessOrEqual), condition.operands[1] == x,
      case .scalar(.constant(let limit)) = self[condition.operands[0]].operation
    else { return false }
    return limit.value == 0
  }
}
