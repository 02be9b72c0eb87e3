import ElbowArrays
import ElbowGraph

/// Whether a value follows exactly from its operands in whatever order it is computed: all numbers that can occur on the way
/// are multiples of 1/256 of at most 24 bits.
enum Exactness {
  /// Values are multiples of 1/16 up to this, so that products are multiples of 1/256.
  private static let limit = 65536.0

  /// Operations that compute the same numbers whether or not products and sums are fused, moved or put in another order.
  private static let operations: Set<String> = [
    Absolute.name, Add.name, ArgReduce.name, Bitwise.name, Broadcast.name, Cast.name, Ceil.name, Compare.name,
    Concatenate.name, Constant.name, Contraction.name, Convolution.name, CumulativeSum.name, Divide.name,
    ExtentOf.name, Floor.name, Gather.name, Interleave.name, Iota.name, LogicalNot.name, Maximum.name, Minimum.name,
    Multiply.name, Negate.name, Pad.name, Placeholder.name, Power.name, RandomBits.name, ReadVariable.name,
    Reduce.name, ReduceWindow.name, Remainder.name, Reshape.name, Round.name, Scan.name, ScatterAdd.name,
    Select.name, Sign.name, Slice.name, StopGradient.name, Subtract.name, Transpose.name, Windows.name,
  ]

  /// Operations that add up, so that the sum of magnitudes counts, not the sum.
  private static let sums: Set<String> = [
    Contraction.name, Convolution.name, CumulativeSum.name, Reduce.name, ReduceWindow.name, ScatterAdd.name,
  ]

  static func holds(_ node: Node, _ operands: [HostArray], _ value: HostArray) throws -> Bool {
    let name = type(of: node.primitive).name
    guard operations.contains(name) else { return false }
    if let scan = node.primitive as? Scan {
      guard scan.body.program.nodes.allSatisfy({ operations.contains(type(of: $0.primitive).name) }) else {
        return false
      }
    }
    guard value.dtype.isFloatingPoint else { return true }
    if name == Power.name { return false }
    if name == Divide.name || name == Remainder.name {
      guard operands[1].doubles.allSatisfy({ $0 != 0 && $0.magnitude.significand == 1 }) else { return false }
    }
    guard value.doubles.allSatisfy({ $0.magnitude <= limit && $0 * 16 == ($0 * 16).rounded() }) else { return false }
    guard sums.contains(name), (node.primitive as? Reduce)?.operation ?? .sum == .sum else { return true }
    let total = try NodeEvaluation.value(
      of: node, operands.map { try $0.magnitudes() }, feeds: [:], state: [:], random: RandomState(seed: 0))
    return total.doubles.allSatisfy { $0 <= limit }
  }
}

extension HostArray {
  /// The absolute values of floating-point numbers; other arrays as they are.
  func magnitudes() throws -> HostArray {
    switch dtype {
    case .float32: try HostArray(values(as: Float.self).map(\.magnitude), shape: shape)
    case .float64: try HostArray(values(as: Double.self).map(\.magnitude), shape: shape)
    default: self
    }
  }
}
