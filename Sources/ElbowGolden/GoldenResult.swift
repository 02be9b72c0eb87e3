import ElbowArrays
import ElbowGraph

/// A tensor and what it should be.
struct GoldenResult {
  let name: String
  let tensor: Tensor
  /// Stretched to the tensor's shape before it is compared; zeros if it has no values.
  let expected: GoldenTensor
  let tolerance: Tolerance
  var skipped: [Int] = []
  /// See ``GoldenException/isWithinSimplex``.
  var isWithinSimplex = false

  /// The difference, in words.
  func difference(_ actual: HostArray?, tolerance override: Tolerance?) -> String? {
    guard let actual else { return "there is no such result" }
    guard var expected = stretched(to: actual.shape) else {
      return "the shape is \(actual.shape), expected \(expected.shape)"
    }
    if isWithinSimplex { expected = expected.alignedWithinSimplex(with: actual) }
    // TFP's NaN are at the ends of ranges, where the truth is infinite or undefined.
    let positions = expected.values.indices.filter { !skipped.contains($0) && !expected.values[$0].isNaN }
    return ElbowGolden.difference(actual, expected, override ?? tolerance, at: positions)
  }

  private func stretched(to shape: [Int]) -> GoldenTensor? {
    let count = shape.reduce(1, *)
    guard !expected.values.isEmpty else {
      return GoldenTensor(shape: shape, values: [Double](repeating: 0, count: count))
    }
    let missing = shape.count - expected.shape.count
    guard missing >= 0, zip(expected.shape, shape.dropFirst(missing)).allSatisfy({ $0 == $1 || $0 == 1 }) else {
      return nil
    }
    var values: [Double] = []
    for flat in 0..<count {
      var (rest, source, stride) = (flat, 0, 1)
      for axis in shape.indices.reversed() {
        let (position, own) = (rest % shape[axis], axis - missing)
        rest /= shape[axis]
        guard own >= 0 else { continue }
        if expected.shape[own] != 1 { source += position * stride }
        stride *= expected.shape[own]
      }
      values.append(expected.values[source])
    }
    return GoldenTensor(shape: shape, values: values)
  }
}

extension GoldenTensor {
  /// With a constant added to each vector of the last axis: that by which its first element differs from another's.
  func alignedWithinSimplex(with actual: HostArray) -> GoldenTensor {
    guard let size = shape.last, actual.shape == shape else { return self }
    var result = self
    let values = actual.doubles
    for flat in result.values.indices {
      let first = flat / size * size
      result.values[flat] += values[first] - self.values[first]
    }
    return result
  }
}
