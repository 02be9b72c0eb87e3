import ElbowArrays

/// The values between the elements of what is enlarged.
public enum UpSamplingInterpolation: String, Sendable, CaseIterable {
  /// Those of the nearest element: each is repeated.
  case nearest
  /// Those on the line between the two nearest elements of each axis; beyond the outermost, theirs.
  case bilinear
}

/// Series `[n, steps, channels]` with each step repeated.
public func upSample1D(_ x: Tensor, size: Int = 2) -> Tensor { upSampling(.one, x, size: [size]) }

/// Images `[n, height, width, channels]` enlarged by whole factors.
///
/// Elements lie in the middle of the places that they take, as Keras and PyTorch (`align_corners=False`) have it: element i of
/// the result is found at `(i + 1/2) / factor - 1/2` of the input.
///
/// - Parameters:
///   - size: The factors of height and width, at least 1.
///   - interpolation: The values between the elements.
public func upSample2D(
  _ x: Tensor, size: [Int] = [2, 2], interpolation: UpSamplingInterpolation = .nearest
) -> Tensor {
  upSampling(.two, x, size: size, interpolation: interpolation)
}

/// Volumes `[n, depth, height, width, channels]` with each element repeated.
public func upSample3D(_ x: Tensor, size: [Int] = [2, 2, 2]) -> Tensor { upSampling(.three, x, size: size) }

private func upSampling(
  _ axes: SpatialAxes, _ x: Tensor, size: [Int], interpolation: UpSamplingInterpolation = .nearest
) -> Tensor {
  let name = "upSample\(axes.count)D"
  return x.graph.located {
    guard x.isValid else { return x }
    guard x.rank == axes.count + 2, size.count == axes.count, size.allSatisfy({ (1...1 << 20).contains($0) }) else {
      return x.graph.invalid(
        .shape,
        "'\(name)' of \(x.type) by \(size): it takes \(axes.things) \(axes.shape()), and \(axes.counted("factor")) of at "
          + "least 1.")
    }
    switch interpolation {
    case .nearest: return repeated(x, size)
    case .bilinear:
      guard x.dtype.isFloatingPoint else {
        return x.graph.invalid(
          .dtype,
          "'\(name)' of \(x.type): values between its elements are floating point; convert it with cast(to: .float32).")
      }
      return zip(axes.positions, size).reduce(x) { $1.1 == 1 ? $0 : onLines($0, axis: $1.0, factor: $1.1) }
    }
  }
}

/// Every element as often as the factors say, side by side.
private func repeated(_ x: Tensor, _ size: [Int]) -> Tensor {
  var (narrow, wide, merged) = ([x.shape[0]], [x.shape[0]], [x.shape[0]])
  for (axis, factor) in size.enumerated() {
    let extent = x.shape[axis + 1]
    narrow += [extent, 1]
    wide += [extent, Dimension(factor)]
    merged.append(extent * Dimension(factor))
  }
  let channels = [x.shape[-1]]
  return x.reshaped(to: Shape(narrow + channels)).broadcast(to: Shape(wide + channels))
    .reshaped(to: Shape(merged + channels))
}

/// One axis enlarged. Each element has `factor` places at distances between -1/2 and 1/2 from it; the neighbour on that side
/// has the distance as its weight.
private func onLines(_ x: Tensor, axis: Int, factor: Int) -> Tensor {
  let extent = x.shape[axis]
  func part(_ tensor: Tensor, _ start: Dimension, _ size: Dimension) -> Tensor {
    var (starts, sizes) = ([Dimension](repeating: 0, count: tensor.rank), tensor.shape.dimensions)
    (starts[axis], sizes[axis]) = (start, size)
    return tensor.sliced(starts: starts, sizes: sizes, strides: [Int](repeating: 1, count: tensor.rank))
  }
  // The outermost elements are their own neighbours.
  let extended = concatenate([part(x, 0, 1), x, part(x, extent - 1, 1)], axis: axis)
  let distances = (0..<factor).map { (Double($0) + 0.5) / Double(factor) - 0.5 }
  let distance = x.graph.constant(distances, dtype: x.dtype)
    .reshaped([factor] + [Int](repeating: 1, count: x.rank - axis - 1))
  let neighbour = select(
    distance < 0, part(extended, 0, extent).expandedDims(axis + 1), part(extended, 2, extent).expandedDims(axis + 1))
  let weight = abs(distance)
  let result = x.expandedDims(axis + 1) * (1 - weight) + neighbour * weight
  guard result.isValid else { return result }
  var merged = x.shape.dimensions
  merged[axis] = extent * Dimension(factor)
  return result.reshaped(to: Shape(merged))
}
