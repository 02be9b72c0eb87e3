import ElbowArrays

/// The largest element of each window of series `[n, steps, channels]`.
public func maxPool1D(_ x: Tensor, size: Int = 2, strides: Int? = nil, padding: ConvolutionPadding = .valid) -> Tensor {
  pooling(.one, .maximum, x, size: [size], strides: [strides ?? size], padding: padding)
}

/// The largest element of each window of images `[n, height, width, channels]`.
public func maxPool2D(
  _ x: Tensor, size: [Int] = [2, 2], strides: [Int]? = nil, padding: ConvolutionPadding = .valid
) -> Tensor {
  pooling(.two, .maximum, x, size: size, strides: strides ?? size, padding: padding)
}

/// The largest element of each window of volumes `[n, depth, height, width, channels]`.
public func maxPool3D(
  _ x: Tensor, size: [Int] = [2, 2, 2], strides: [Int]? = nil, padding: ConvolutionPadding = .valid
) -> Tensor {
  pooling(.three, .maximum, x, size: size, strides: strides ?? size, padding: padding)
}

/// The mean of each window of series `[n, steps, channels]`; places outside the series do not count.
public func avgPool1D(_ x: Tensor, size: Int = 2, strides: Int? = nil, padding: ConvolutionPadding = .valid) -> Tensor {
  pooling(.one, .mean, x, size: [size], strides: [strides ?? size], padding: padding)
}

/// The mean of each window of images `[n, height, width, channels]`; places outside the image do not count.
public func avgPool2D(
  _ x: Tensor, size: [Int] = [2, 2], strides: [Int]? = nil, padding: ConvolutionPadding = .valid
) -> Tensor {
  pooling(.two, .mean, x, size: size, strides: strides ?? size, padding: padding)
}

/// The mean of each window of volumes `[n, depth, height, width, channels]`; places outside the volume do not count.
public func avgPool3D(
  _ x: Tensor, size: [Int] = [2, 2, 2], strides: [Int]? = nil, padding: ConvolutionPadding = .valid
) -> Tensor {
  pooling(.three, .mean, x, size: size, strides: strides ?? size, padding: padding)
}

/// The figure that pooling keeps of each window.
package enum PoolingOperation: Sendable {
  case maximum, mean
}

/// Pooling along one, two or three axes of `[n, spatial..., channels]`.
package func pooling(
  _ axes: SpatialAxes, _ operation: PoolingOperation, _ x: Tensor, size: [Int], strides: [Int],
  padding: ConvolutionPadding
) -> Tensor {
  let name = "\(operation == .maximum ? "max" : "avg")Pool\(axes.count)D"
  return x.graph.located {
    guard x.isValid else { return x.graph.invalid(nil) }
    guard let (low, high) = paddings(axes, x, size, strides, padding) else {
      return x.graph.invalid(
        .shape,
        "'\(name)' of \(x.type) with windows \(size) and strides \(strides): it takes \(axes.things) \(axes.shape()) "
          + "\(axes.fixed), and a size, a stride and a padding for each axis of the window.")
    }
    let rule = ReduceWindow(
      operation == .maximum ? .maximum : .sum, sizes: [1] + size + [1], strides: [1] + strides + [1],
      low: [0] + low + [0], high: [0] + high + [0])
    let reduced = x.graph.apply(rule, [x])
    guard operation == .mean, reduced.isValid else { return reduced }
    if (low + high).allSatisfy({ $0 == 0 }) { return reduced / Double(size.reduce(1, *)) }
    let ones = x.graph.ones([1] + x.shape[1..<axes.count + 1] + [1], dtype: x.dtype)
    return reduced / x.graph.apply(rule, [ones])
  }
}

/// The places around each axis that windows cover; nil if the arguments do not fit.
private func paddings(
  _ axes: SpatialAxes, _ x: Tensor, _ size: [Int], _ strides: [Int], _ padding: ConvolutionPadding
) -> (low: [Int], high: [Int])? {
  guard x.rank == axes.count + 2, let extents = x.shape[1..<axes.count + 1].extents, size.count == axes.count,
    strides.count == axes.count, (size + strides).allSatisfy({ (1...1 << 20).contains($0) })
  else { return nil }
  let amounts = extents.indices.compactMap {
    padding.amounts($0, input: extents[$0], span: size[$0], stride: strides[$0])
  }
  return amounts.count == axes.count ? (amounts.map(\.low), amounts.map(\.high)) : nil
}
