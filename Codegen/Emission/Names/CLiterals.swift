import ElbowArrays
import ElbowCTree

/// Literals of C for the elements of an array.
enum CLiterals {
  static func values(_ array: HostArray) -> [CExpression] {
    switch array.dtype {
    case .float32, .float64:
      let values = array.doubles.map { CExpression.floating($0, isDouble: array.dtype == .float64) }
      return values
    case .uint32: return array.doubles.map { .unsigned(UInt32($0)) }
    case .int64: return ((try? array.values(as: Int64.self)) ?? []).map { .integer(Int($0)) }
    default: return array.doubles.map { .integer(Int($0)) }
    }
  }
}
