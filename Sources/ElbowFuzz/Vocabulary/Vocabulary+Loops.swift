import ElbowArrays
import ElbowGraph

/// Loops.
extension Vocabulary {
  static let loops: [Operation] = [
    Operation("scan", weight: 5) { composer in composer.scan() }
  ]
}

extension Composer {
  /// A loop whose carries are earlier values, over sequences that are earlier values.
  fileprivate mutating func scan() -> [Tensor] {
    let count = random.integer(in: 1...5)
    var initial: [Tensor] = []
    for _ in 0..<random.pick(1, 1, 2) { if let x = floating(rank: 0...3) { initial.append(x) } }
    var sequences: [Tensor] = []
    for _ in 0..<random.below(3) {
      let carry = initial.isEmpty ? Shape([Dimension]()) : initial[0].shape
      let row = narrowed(carry)
      let type = TensorType(initial.first?.dtype ?? .float32, [Dimension(count)] + row)
      if let sequence = tensor(type) { sequences.append(sequence) }
    }
    guard !initial.isEmpty, let captured = tensor(initial[0].type) else { return [] }
    let isReversed = random.chance(0.3)
    let graph = graph
    var choices = random
    let mode = mode
    let loop = graph.scan(from: initial, over: sequences, count: count, isReversed: isReversed) { step, carries, rows in
      var values = carries + rows + [captured]
      if choices.chance(0.3) { values.append(step.cast(to: carries[0].dtype)) }
      let next = carries.map { carry in
        var value = carry
        for _ in 0..<choices.integer(in: 1...3) {
          let others = values.filter { $0.dtype == carry.dtype && $0.shape.stretches(to: carry.shape) }
          value = LoopStep.write(value, choices.pick(from: others) ?? carry, mode, &choices)
          values.append(value)
        }
        return value
      }
      let outputs = choices.chance(0.6) ? [choices.pick(from: values) ?? carries[0]] : []
      return (carries: next, outputs: outputs)
    }
    return loop.last + loop.outputs
  }
}

/// An operation in a loop's body that keeps the type of its first operand.
private enum LoopStep {
  static func write(_ x: Tensor, _ y: Tensor, _ mode: FuzzMode, _ random: inout RandomChoices) -> Tensor {
    let isSquare = x.rank >= 2 && x.shape[-1] == x.shape[-2]
    switch random.below(7) {
    case 0: return clamped(x + y, mode)
    case 1: return clamped(x * y, mode)
    case 2: return maximum(x - y, -3)
    case 3: return select(x < y, x, -x)
    case 4 where isSquare && y.type == x.type: return clamped(matmul(x, y), mode)
    case 5 where x.rank >= 1: return clamped(cumsum(x, axis: x.rank - 1), mode)
    case 6 where x.rank >= 1: return clamped(x - x.sum(axes: [x.rank - 1], keepDims: true), mode)
    default: return clamped(y - x, mode)
    }
  }

  private static func clamped(_ x: Tensor, _ mode: FuzzMode) -> Tensor {
    mode == .exact ? minimum(maximum(x, -4), 4) : tanh(x)
  }
}
