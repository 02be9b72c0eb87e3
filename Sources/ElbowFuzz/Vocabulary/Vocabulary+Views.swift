import ElbowArrays
import ElbowGraph

/// Operations that move values and compute nothing.
extension Vocabulary {
  static let views: [Operation] = [
    .one("transpose", weight: 6) { composer in
      guard let x = composer.earlier(where: { $0.rank >= 2 }) else { return nil }
      return x.transposed(composer.random.shuffled([Int](0..<x.rank)))
    },
    .one("reshape", weight: 10) { composer in
      guard let x = composer.earlier(where: { $0.rank >= 1 }) else { return nil }
      return composer.reshaped(x)
    },
    .one("broadcast", weight: 3) { composer in
      guard let x = composer.earlier(where: { $0.rank <= 3 }) else { return nil }
      let stretched = x.shape.dimensions.map { $0 == 1 ? Dimension(composer.extent()) : $0 }
      let shape = Shape((composer.random.chance(0.6) ? [Dimension(composer.extent())] : []) + stretched)
      return composer.fits(shape) ? x.broadcast(to: shape) : nil
    },
    .one("slice", weight: 7) { composer in
      guard let x = composer.earlier(where: { $0.rank >= 1 }) else { return nil }
      return composer.sliced(x)
    },
    .one("reverse", weight: 2) { composer in
      guard let x = composer.earlier(where: { $0.rank >= 1 }) else { return nil }
      return x.reversed(axes: [composer.random.below(x.rank)])
    },
    .one("pad", weight: 10) { composer in
      guard let x = composer.earlier(where: { $0.rank >= 1 }) else { return nil }
      return composer.padded(x)
    },
    .one("concatenate", weight: 5) { composer in
      guard let x = composer.earlier(where: { $0.rank >= 1 }) else { return nil }
      let axis = composer.random.below(x.rank)
      let fits = { (y: Tensor) in
        y.dtype == x.dtype && y.rank == x.rank
          && (0..<x.rank).allSatisfy { $0 == axis || y.shape[$0] == x.shape[$0] }
      }
      var parts = [x]
      for _ in 0..<composer.random.pick(1, 1, 2) {
        guard let other = composer.random.chance(0.8) ? composer.earlier(where: fits) : composer.tensor(x.type) else {
          return nil
        }
        parts.append(other)
      }
      return concatenate(composer.random.shuffled(parts), axis: axis)
    },
    .one("stack", weight: 2) { composer in
      guard let x = composer.earlier(where: { $0.rank <= 3 }), let y = composer.tensor(x.type) else { return nil }
      return stack([x, y], axis: composer.random.below(x.rank + 1))
    },
    .one("interleave", weight: 4) { composer in
      guard let x = composer.earlier(where: { (1...3).contains($0.rank) }) else { return nil }
      var counts = [Int](repeating: 1, count: x.rank)
      counts[composer.random.below(x.rank)] = composer.random.pick(2, 2, 3)
      if x.rank > 1, composer.random.chance(0.3) { counts[composer.random.below(x.rank)] = 2 }
      var parts: [Tensor] = []
      for _ in 0..<counts.reduce(1, *) {
        guard let part = parts.isEmpty ? x : composer.tensor(x.type) else { return nil }
        parts.append(part)
      }
      return x.graph.apply(Interleave(counts: counts), parts)
    },
    .one("windows", weight: 4) { composer in
      guard
        let x = composer.earlier(where: { x in
          (1...3).contains(x.rank) && x.shape.dimensions.contains { $0.value != nil }
        })
      else { return nil }
      let fixed = x.shape.dimensions.indices.filter { x.shape.dimensions[$0].value ?? 0 >= 1 }
      guard let axis = composer.random.pick(from: fixed), let extent = x.shape[axis].value else { return nil }
      let dilation = composer.random.pick(1, 1, 2)
      let size = composer.random.integer(in: 1...max(1, min(4, (extent - 1) / dilation + 1)))
      let rule = Windows(
        axes: [axis], sizes: [size], strides: [composer.random.pick(1, 1, 2, 3)], dilations: [dilation])
      return x.graph.apply(rule, [x])
    },
  ]
}

extension Composer {
  /// The same elements in another shape: an axis split, neighbours merged, unit axes put in or taken out, all flat.
  mutating func reshaped(_ x: Tensor) -> Tensor? {
    var dimensions = x.shape.dimensions
    switch random.below(5) {
    case 0:
      let unit = dimensions.indices.filter { dimensions[$0] == 1 }
      if let axis = random.pick(from: unit) {
        dimensions.remove(at: axis)
      } else {
        dimensions.insert(1, at: random.below(dimensions.count + 1))
      }
    case 1 where dimensions.count >= 2:
      let axis = random.below(dimensions.count - 1)
      dimensions[axis] = dimensions[axis] * dimensions[axis + 1]
      dimensions.remove(at: axis + 1)
    case 2:
      dimensions = [dimensions.reduce(1) { $0 * $1 }]
    case 3:
      // Two axes of fixed extents by other factors.
      let fixed = dimensions.indices.dropLast().filter {
        dimensions[$0].value != nil && dimensions[$0 + 1].value != nil
      }
      guard let axis = random.pick(from: [Int](fixed)), let product = (dimensions[axis] * dimensions[axis + 1]).value,
        let factor = random.pick(from: (1...max(1, product)).filter { product % $0 == 0 })
      else { return nil }
      dimensions[axis] = Dimension(factor)
      dimensions[axis + 1] = Dimension(product / factor)
    default:
      let fixed = dimensions.indices.filter { dimensions[$0].value ?? 0 >= 1 }
      guard let axis = random.pick(from: [Int](fixed)), let extent = dimensions[axis].value,
        let factor = random.pick(from: (1...extent).filter { extent % $0 == 0 })
      else { return nil }
      dimensions[axis] = Dimension(factor)
      dimensions.insert(Dimension(extent / factor), at: axis + random.below(2))
    }
    return dimensions.count <= 5 ? x.reshaped(to: Shape(dimensions)) : nil
  }

  /// Part of each axis, forwards or backwards, and rarely nothing of it.
  mutating func sliced(_ x: Tensor) -> Tensor? {
    var (starts, sizes, strides) = ([Dimension](), [Dimension](), [Int]())
    for dimension in x.shape.dimensions {
      guard let extent = dimension.value, extent > 0, random.chance(0.6) else {
        let isBackwards = random.chance(0.1)
        starts.append(isBackwards ? dimension - 1 : 0)
        sizes.append(dimension)
        strides.append(isBackwards ? -1 : 1)
        continue
      }
      let stride = random.pick(1, 1, 1, 2, 3)
      let size = random.integer(in: 1...max(1, (extent - 1) / stride + 1))
      let span = (size - 1) * stride
      let first = random.integer(in: 0...max(0, extent - 1 - span))
      let isBackwards = random.chance(0.2)
      starts.append(Dimension(isBackwards ? first + span : first))
      sizes.append(Dimension(size))
      strides.append(isBackwards ? -stride : stride)
    }
    return x.sliced(starts: starts, sizes: sizes, strides: strides)
  }

  /// Values around some axes, and between their elements.
  mutating func padded(_ x: Tensor) -> Tensor? {
    func amounts(_ choices: [Int]) -> [Int] { x.shape.dimensions.map { _ in random.pick(from: choices) ?? 0 } }
    let (low, high) = (amounts([0, 0, 0, 1, 2]), amounts([0, 0, 0, 1, 3]))
    let interior = random.chance(0.3) ? amounts([0, 0, 1, 2]) : amounts([0])
    let value = x.dtype.isFloatingPoint ? random.pick(0, 0, 0.5, 1, -2) : random.pick(0, 0, 1)
    let result = x.padded(
      low: low.map { Dimension($0) }, high: high.map { Dimension($0) }, interior: interior, value: value)
    return result.isValid && fits(result.shape) ? result : nil
  }
}
