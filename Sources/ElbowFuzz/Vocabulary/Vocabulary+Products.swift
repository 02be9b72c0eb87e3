import ElbowArrays
import ElbowGraph

/// Contractions.
extension Vocabulary {
  static let products: [Operation] = [
    .one("dense", weight: 16) { composer in
      guard let x = composer.floating(rank: 1...4) else { return nil }
      guard let depth = x.shape[-1].value, depth > 0 else { return nil }
      let width = composer.random.chance(0.2) ? 1 : composer.extent()
      guard composer.elementCount(x.shape) * width <= Composer.workLimit else { return nil }
      let isTransposed = composer.random.chance(0.3)
      let shape: Shape = isTransposed ? [Dimension(width), Dimension(depth)] : [Dimension(depth), Dimension(width)]
      guard let weight = composer.tensor(TensorType(x.dtype, shape)),
        composer.fits(x.shape.dropLast(1) + [Dimension(width)])
      else { return nil }
      return matmul(x, weight, transposeB: isTransposed)
    },
    .one("contraction", weight: 10) { composer in composer.contraction() },
    .one("product of matrices", weight: 3) { composer in
      guard let x = composer.floating(rank: 2...3), let y = composer.tensor(x.type) else { return nil }
      let isFirst = composer.random.chance(0.5)
      guard composer.elementCount(x.shape) * composer.extent(x.shape[isFirst ? -1 : -2]) <= Composer.workLimit else {
        return nil
      }
      return matmul(x, y, transposeA: isFirst, transposeB: !isFirst)
    },
  ]
}

extension Composer {
  /// A contraction over any pairs of axes, with any others in common.
  mutating func contraction() -> Tensor? {
    guard let x = floating(rank: 1...4) else { return nil }
    if random.chance(0.5), let y = earlier(where: { $0.dtype == x.dtype && $0.rank >= 1 && $0.rank <= 4 }) {
      return contraction(x, y, pairs(x.shape, y.shape))
    }
    // An operand that fits: some of x's axes, and some of its own, in any order.
    let shared = random.shuffled([Int](0..<x.rank)).filter { _ in random.chance(0.5) }.prefix(3)
    var roles: [(axis: Int?, extent: Dimension)] = shared.map { ($0, x.shape[$0]) }
    for _ in 0..<random.pick(0, 1, 1, 2) where roles.count < 4 {
      roles.append((nil, Dimension(random.chance(0.2) ? 1 : extent())))
    }
    roles = random.shuffled(roles)
    guard !roles.isEmpty, let y = tensor(TensorType(x.dtype, Shape(roles.map(\.extent)))) else { return nil }
    let pairs = roles.indices.compactMap { index in roles[index].axis.map { (left: $0, right: index) } }
    return contraction(x, y, pairs)
  }

  /// Pairs of axes of equal extents.
  private mutating func pairs(_ x: Shape, _ y: Shape) -> [(left: Int, right: Int)] {
    var pairs: [(left: Int, right: Int)] = []
    for left in random.shuffled([Int](0..<x.rank)) {
      let fitting = (0..<y.rank).filter { right in y[right] == x[left] && !pairs.contains { $0.right == right } }
      if random.chance(0.7), let right = random.pick(from: fitting) { pairs.append((left, right)) }
    }
    return pairs
  }

  private mutating func contraction(_ x: Tensor, _ y: Tensor, _ pairs: [(left: Int, right: Int)]) -> Tensor? {
    let isBatch = pairs.map { _ in random.chance(0.3) }
    let batch = zip(pairs, isBatch).filter { $1 }.map(\.0)
    let contracted = zip(pairs, isBatch).filter { !$1 }.map(\.0)
    let rule = Contraction(
      leftBatch: batch.map(\.left), rightBatch: batch.map(\.right), leftContracted: contracted.map(\.left),
      rightContracted: contracted.map(\.right))
    guard let type = try? rule.resultType(of: [x.type, y.type]), type.shape.rank <= 5, fits(type.shape) else {
      return nil
    }
    let depth = contracted.reduce(1) { $0 * max(1, extent(x.shape[$1.left])) }
    guard elementCount(type.shape) * depth <= Composer.workLimit else { return nil }
    return graph.apply(rule, [x, y])
  }
}
