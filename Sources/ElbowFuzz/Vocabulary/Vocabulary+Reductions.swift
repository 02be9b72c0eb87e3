import ElbowArrays
import ElbowGraph

/// Operations along axes, and the positions on them.
extension Vocabulary {
  static let reductions: [Operation] = [
    .one("reduce", weight: 8) { composer in
      guard let x = composer.earlier(where: { $0.dtype != .bool && $0.rank >= 1 }) else { return nil }
      let axes = (0..<x.rank).filter { _ in composer.random.chance(0.4) }
      guard !axes.isEmpty else { return nil }
      let keepDims = composer.random.chance(0.4)
      switch composer.random.below(5) {
      case 0: return x.max(axes: axes, keepDims: keepDims)
      case 1: return x.min(axes: axes, keepDims: keepDims)
      case 2 where x.dtype.isFloatingPoint: return x.mean(axes: axes, keepDims: keepDims)
      default: return x.sum(axes: axes, keepDims: keepDims)
      }
    },
    .one("cumulative sum", weight: 3) { composer in
      guard let x = composer.earlier(where: { $0.dtype != .bool && $0.rank >= 1 }) else { return nil }
      return cumsum(
        x, axis: composer.random.below(x.rank), reverse: composer.random.chance(0.3),
        exclusive: composer.random.chance(0.3))
    },
    .one("position of an extreme", weight: 2) { composer in
      guard let x = composer.earlier(where: { $0.dtype != .bool && $0.rank >= 1 }) else { return nil }
      let axis = composer.random.below(x.rank)
      return composer.random.chance(0.5) ? argMax(x, axis: axis) : argMin(x, axis: axis)
    },
    .one("gather", weight: 4) { composer in
      guard let x = composer.earlier(where: { $0.rank >= 1 }) else { return nil }
      guard let indices = composer.indices() else { return nil }
      let axis = composer.random.below(x.rank)
      let shape = x.shape[0..<axis] + indices.shape + x.shape[axis + 1..<x.rank]
      return shape.rank <= 5 && composer.fits(shape) ? take(x, indices, axis: axis) : nil
    },
    .one("scatter", weight: 3) { composer in
      guard let x = composer.earlier(where: { $0.dtype != .bool && $0.rank >= 1 }) else { return nil }
      let axis = composer.random.below(x.rank)
      let shape = x.shape[axis..<axis + 1 + composer.random.below(x.rank - axis)]
      let dtype = composer.random.pick(DType.int32, .int64)
      guard let indices = composer.tensor(TensorType(dtype, shape)) else { return nil }
      return x.graph.apply(ScatterAdd(axis: axis, extent: Dimension(composer.extent())), [x, indices])
    },
    .one("one hot", weight: 2) { composer in
      guard let indices = composer.indices(), indices.rank <= 3 else { return nil }
      return oneHot(indices, depth: composer.extent(), dtype: composer.floatType)
    },
    .one("iota", weight: 2) { composer in
      let shape = composer.shape(rank: 1...3)
      let dtype = composer.random.pick(DType.float32, .int32, .int64, .float64, .uint8)
      return composer.graph.iota(shape, axis: composer.random.below(shape.rank), dtype: dtype)
    },
    .one("extent", weight: 1) { composer in
      guard let x = composer.earlier(where: { $0.rank >= 1 }) else { return nil }
      return composer.graph.extent(
        x.shape[composer.random.below(x.rank)], dtype: composer.random.pick(.float32, .int32))
    },
  ]
}

extension Composer {
  /// Integers that can be positions.
  mutating func indices() -> Tensor? {
    if random.chance(0.6), let found = earlier(where: { $0.dtype == .int32 || $0.dtype == .int64 }) { return found }
    let shape = shape(rank: 0...2)
    return input(random.pick(.int32, .int64), shape)
  }
}
