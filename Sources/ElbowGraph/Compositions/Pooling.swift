import ElbowArrays

/// The largest element of each window of images `[n, height, width, channels]`.
public func maxPool2D(
  _ x: Tensor, size: [Int] = [2, 2], strides: [Int]? = nil, padding: ConvolutionPadding = .valid
) -> Tensor {
  x.graph.located { pool("maxPool2D", x, .maximum, size, strides ?? size, padding)?.tensor ?? x.graph.invalid(nil) }
}

/// The mean of each window of images `[n, height, width, channels]`; places outside the image do not count.
public func avgPool2D(
  _ x: Tensor, size: [Int] = [2, 2], strides: [Int]? = nil, padding: ConvolutionPadding = .valid
) -> Tensor {
  x.graph.located {
    guard let (total, rule) = pool("avgPool2D", x, .sum, size, strides ?? size, padding), total.isValid else {
      return x.graph.invalid(nil)
    }
    guard rule.low + rule.high != [Int](repeating: 0, count: 8) else { return total / Double(size[0] * size[1]) }
    let ones = x.graph.ones([1] + x.shape[1..<3] + [1], dtype: x.dtype)
    return total / x.graph.apply(rule, [ones])
  }
}

private func pool(
  _ name: String, _ x: Tensor, _ operation: ReduceWindow.Operation, _ size: [Int], _ strides: [Int],
  _ padding: ConvolutionPadding
) -> (tensor: Tensor, rule: ReduceWindow)? {
  guard x.isValid else { return nil }
  guard x.rank == 4, let images = x.shape[1..<3].extents, size.count == 2, strides.count == 2,
    (size + strides).allSatisfy({ (1...1 << 20).contains($0) }),
    let rows = padding.amounts(0, input: images[0], span: size[0], stride: strides[0]),
    let columns = padding.amounts(1, input: images[1], span: size[1], stride: strides[1])
  else {
    _ = x.graph.invalid(
      .shape,
      "'\(name)' of \(x.type) with windows \(size) and strides \(strides): it takes images [n, height, width, channels] "
        + "of fixed height and width, and two sizes, strides and paddings.")
    return nil
  }
  let rule = ReduceWindow(
    operation, sizes: [1] + size + [1], strides: [1] + strides + [1], low: [0, rows.low, columns.low, 0],
    high: [0, rows.high, columns.high, 0])
  return (x.graph.apply(rule, [x]), rule)
}
