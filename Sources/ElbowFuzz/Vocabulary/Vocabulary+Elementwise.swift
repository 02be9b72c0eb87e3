import ElbowArrays
import ElbowGraph

/// Operations on each element.
extension Vocabulary {
  static let elementwise: [Operation] = [
    .one("arithmetic", weight: 10) { composer in
      guard let x = composer.number() else { return nil }
      guard let y = composer.partner(of: x) else { return nil }
      switch composer.random.below(6) {
      case 0, 1: return x + y
      case 2: return x - y
      case 3: return x * y
      case 4: return maximum(x, y)
      default: return minimum(x, y)
      }
    },
    .one("scalar arithmetic", weight: 5) { composer in
      guard let x = composer.number() else { return nil }
      let number = Double(composer.random.integer(in: x.dtype.isFloatingPoint ? -3...3 : 0...3))
      switch composer.random.below(6) {
      case 0: return x + number
      case 1: return x * number
      case 2: return number - x
      case 3: return maximum(x, number)
      case 4: return minimum(x, number)
      default: return x / composer.random.pick(1, 2, 4, 0.5)
      }
    },
    .one("clamp", weight: 6, modes: [.exact]) { composer in
      guard let x = composer.floating() else { return nil }
      let bound = composer.random.pick(1.0, 2, 3, 4)
      return minimum(maximum(x, -bound), bound)
    },
    .one("integral function", weight: 5) { composer in
      guard let x = composer.floating() else { return nil }
      switch composer.random.below(8) {
      case 0: return abs(x)
      case 1: return -x
      case 2: return sign(x)
      case 3: return floor(x)
      case 4: return ceil(x)
      case 5: return round(x)
      case 6: return stopGradient(x)
      default: return relu(x)
      }
    },
    .one("comparison", weight: 3) { composer in
      guard let x = composer.anyValue(), let y = composer.partner(of: x) else { return nil }
      switch composer.random.below(6) {
      case 0: return x < y
      case 1: return x <= y
      case 2: return x > y
      case 3: return x .== y
      case 4: return x >= y
      default: return x .!= y
      }
    },
    .one("select", weight: 5) { composer in
      guard let x = composer.anyValue(), let y = composer.partner(of: x) else { return nil }
      guard let condition = composer.tensor(TensorType(.bool, composer.narrowed(x.shape))) else { return nil }
      return select(condition, x, y)
    },
    .one("cast", weight: 3) { composer in
      guard let x = composer.anyValue() else { return nil }
      return composer.random.pick(from: DType.allCases).map { x.cast(to: $0) }
    },
    .one("bits", weight: 3) { composer in
      guard let x = composer.earlier(where: { $0.dtype.isInteger || $0.dtype == .bool }),
        let y = composer.partner(of: x)
      else { return nil }
      let isBool = x.dtype == .bool
      switch composer.random.below(isBool ? 4 : 7) {
      case 0: return x .& y
      case 1: return x .| y
      case 2: return x .^ y
      case 3 where isBool: return x.graph.apply(LogicalNot(), [x])
      case 4: return x % y
      case 5: return x / y
      default:
        return x.graph.apply(Bitwise(composer.random.pick(.shiftLeft, .shiftRight)), [x, y.broadcast(to: x.shape)])
      }
    },
    .one("function", weight: 10, modes: [.smooth]) { composer in
      guard let x = composer.floating() else { return nil }
      switch composer.random.below(14) {
      case 0: return tanh(x)
      case 1: return sigmoid(x)
      case 2: return softplus(x)
      case 3: return sin(x)
      case 4: return cos(x)
      case 5: return exp(minimum(x, 3))
      case 6: return expm1(minimum(x, 3))
      case 7: return log(abs(x) + 0.1)
      case 8: return log1p(abs(x))
      case 9: return sqrt(abs(x) + 0.01)
      case 10: return atan(x)
      case 11: return erf(x)
      case 12: return 1 / (abs(x) + 0.5)
      default: return pow(abs(x) + 0.2, composer.random.pick(2, 3, 0.5, -1, 1.7))
      }
    },
  ]
}

extension Composer {
  /// Any earlier value, or a new input of any dtype.
  mutating func anyValue() -> Tensor? {
    if random.chance(0.9), let found = earlier() { return found }
    let shape = shape(rank: 0...3)
    return random.pick(from: DType.allCases).flatMap { input($0, shape) }
  }

  /// Anything but booleans.
  mutating func number() -> Tensor? {
    random.chance(0.25) ? earlier { $0.dtype != .bool } : floating()
  }

  /// Something of the dtype of a tensor, whose shape is that shape, or broadcasts to it.
  mutating func partner(of x: Tensor) -> Tensor? {
    if random.chance(0.6) { return tensor(x.type) }
    if random.chance(0.5), let found = earlier(where: { $0.dtype == x.dtype && $0.shape.stretches(to: x.shape) }) {
      return found
    }
    return tensor(TensorType(x.dtype, narrowed(x.shape)))
  }

  /// A shape that broadcasts to another: with fewer axes, or some extents of 1.
  mutating func narrowed(_ shape: Shape) -> Shape {
    if random.chance(0.5) { return shape }
    let dimensions = shape.dimensions.map { random.chance(0.4) ? Dimension(1) : $0 }
    return Shape([Dimension](dimensions.dropFirst(random.chance(0.4) ? random.below(shape.rank + 1) : 0)))
  }
}

extension Shape {
  /// Whether broadcasting leads to another shape.
  func stretches(to other: Shape) -> Bool {
    rank <= other.rank && zip(dimensions.reversed(), other.dimensions.reversed()).allSatisfy { $0 == $1 || $0 == 1 }
  }
}
