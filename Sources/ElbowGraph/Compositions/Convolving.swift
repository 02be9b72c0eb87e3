import ElbowArrays

/// The padding around the image that a window slides over.
public enum ConvolutionPadding: Sendable, Hashable {
  /// As many zeros as make the result's extent that of the image divided by the stride, rounded up; an odd one comes last.
  case same
  /// None.
  case valid
  /// Zeros before and after, for each spatial axis.
  case explicit([(low: Int, high: Int)])

  /// Whether two paddings are the same, with the same numbers where these are explicit.
  public static func == (a: ConvolutionPadding, b: ConvolutionPadding) -> Bool { a.key == b.key }
  public func hash(into hasher: inout Hasher) { hasher.combine(key) }
  private var key: [Int] {
    switch self {
    case .same: [-1]
    case .valid: [-2]
    case .explicit(let pairs): pairs.flatMap { [$0.low, $0.high] }
    }
  }

  /// The zeros before and after an axis of which windows that span `span` elements are taken.
  func amounts(_ axis: Int, input: Int, span: Int, stride: Int) -> (low: Int, high: Int)? {
    switch self {
    case .valid: return (0, 0)
    case .explicit(let pairs): return pairs.indices.contains(axis) ? pairs[axis] : nil
    case .same:
      guard stride > 0, stride < 1 << 30, span < 1 << 30, input < 1 << 30 else { return nil }
      let total = max(((input + stride - 1) / stride - 1) * stride + span - input, 0)
      return (total / 2, total - total / 2)
    }
  }
}

/// Two-dimensional convolution of images `[n, height, width, in]` with a kernel `[height, width, in, out]`.
public func conv2D(
  _ x: Tensor, _ kernel: Tensor, strides: [Int] = [1, 1], padding: ConvolutionPadding = .valid,
  dilations: [Int] = [1, 1]
) -> Tensor {
  convolution("conv2D", x, kernel, groups: 1, strides, padding, dilations)
}

/// A convolution of every channel with kernels of its own: images `[n, height, width, c]`, a kernel
/// `[height, width, c, multiplier]`, results `[n, height, width, c multiplier]`.
public func depthwiseConv2D(
  _ x: Tensor, _ kernel: Tensor, strides: [Int] = [1, 1], padding: ConvolutionPadding = .valid,
  dilations: [Int] = [1, 1]
) -> Tensor {
  x.graph.located {
    guard x.isValid, kernel.isValid, kernel.rank == 4, let channels = kernel.shape[2].value, channels > 0 else {
      return convolution("depthwiseConv2D", x, kernel, groups: 1, strides, padding, dilations)
    }
    let shape = kernel.shape[0..<2] + [1, kernel.shape[2] * kernel.shape[3]]
    return convolution("depthwiseConv2D", x, kernel.reshaped(to: shape), groups: channels, strides, padding, dilations)
  }
}

private func convolution(
  _ name: String, _ x: Tensor, _ kernel: Tensor, groups: Int, _ strides: [Int], _ padding: ConvolutionPadding,
  _ dilations: [Int]
) -> Tensor {
  x.graph.located {
    guard x.isValid, kernel.isValid else { return x.graph.invalid(nil) }
    guard let (images, windows) = spatialExtents(name, x, kernel, strides, dilations) else {
      return x.graph.invalid(nil)
    }
    var window: [WindowAxis] = []
    for axis in 0..<2 {
      var one = WindowAxis(stride: strides[axis], kernelDilation: dilations[axis])
      guard
        let (low, high) = padding.amounts(axis, input: images[axis], span: one.span(windows[axis]), stride: one.stride)
      else { return x.graph.invalid(.invalidArgument, "'\(name)' needs a padding for each of its two spatial axes.") }
      (one.low, one.high) = (low, high)
      window.append(one)
    }
    return x.graph.apply(Convolution(window: window, groups: groups), [x, kernel])
  }
}

/// The spatial extents of images and kernel, both fixed; records a mistake if they are not.
private func spatialExtents(
  _ name: String, _ x: Tensor, _ kernel: Tensor, _ strides: [Int], _ dilations: [Int]
) -> (images: [Int], windows: [Int])? {
  let numbers = strides + dilations
  guard x.rank == 4, kernel.rank == 4, let images = x.shape[1..<3].extents, let windows = kernel.shape[0..<2].extents
  else {
    _ = x.graph.invalid(
      .shape,
      "'\(name)' of \(x.type) and the kernel \(kernel.type): images are [n, height, width, channels] and kernels have "
        + "four axes, with fixed heights and widths.")
    return nil
  }
  guard strides.count == 2, dilations.count == 2, numbers.allSatisfy({ (1...1 << 20).contains($0) }) else {
    _ = x.graph.invalid(
      .invalidArgument,
      "'\(name)' with strides \(strides) and dilations \(dilations): both are two numbers of at least 1.")
    return nil
  }
  return (images, windows)
}

/// The gradient of a two-dimensional convolution by its images, as a layer: it enlarges images `[n, height, width, in]` by
/// the strides, with a kernel `[height, width, out, in]`.
///
/// - Parameters:
///   - padding: That of the convolution that would lead back.
///   - outputPadding: Rows and columns to add at the end; only what the strides leave open is possible.
///   - outputSize: The result's height and width instead. By default `same` gives the image's times the stride, and `valid`
///     what the last window reaches, `(extent - 1) stride + max(kernel, stride)`.
public func conv2DTranspose(
  _ x: Tensor, _ kernel: Tensor, strides: [Int] = [1, 1], padding: ConvolutionPadding = .valid,
  outputPadding: [Int]? = nil, outputSize: [Int]? = nil
) -> Tensor {
  let name = "conv2DTranspose"
  return x.graph.located {
    guard x.isValid, kernel.isValid else { return x.graph.invalid(nil) }
    guard let (images, windows) = spatialExtents(name, x, kernel, strides, [1, 1]) else { return x.graph.invalid(nil) }
    guard outputPadding?.count ?? 2 == 2, outputSize?.count ?? 2 == 2 else {
      return x.graph.invalid(.invalidArgument, "'\(name)' takes two output paddings or two output sizes.")
    }
    var window: [WindowAxis] = []
    for axis in 0..<2 {
      let (input, span, stride) = (images[axis], windows[axis], strides[axis])
      let extent = transposedExtent(
        input, span, stride, padding, axis, outputPadding: outputPadding?[axis], outputSize: outputSize?[axis])
      guard (1...1 << 30).contains(extent),
        let (low, high) = padding.amounts(axis, input: extent, span: span, stride: stride)
      else { return x.graph.invalid(.shape, "'\(name)' of \(x.type) cannot have the extent \(extent).") }
      let (back, overflow) = (extent - span).addingReportingOverflow(low)
      guard !overflow, high < 1 << 30, back + high >= 0, (back + high) / stride + 1 == input else {
        return x.graph.invalid(
          .shape,
          "'\(name)' of \(x.type) cannot have the extent \(extent) in axis \(axis + 1): a convolution of that with the "
            + "kernel \(kernel.type), strides \(strides) and the same padding does not lead back to \(input).")
      }
      let before = span - 1 - low
      let after = extent + span - 1 - WindowAxis.dilated(input, by: stride) - before
      window.append(WindowAxis(low: before, high: after, inputDilation: stride))
    }
    let axes = ConvolutionAxes.channelsLast(spatial: 2)
    let rule = Convolution(
      input: axes, kernel: ConvolutionAxes.kernel(spatial: 2).exchanged, output: axes, window: window)
    return x.graph.apply(rule, [x, kernel.reversed(axes: [0, 1])])
  }
}

private func transposedExtent(
  _ input: Int, _ span: Int, _ stride: Int, _ padding: ConvolutionPadding, _ axis: Int, outputPadding: Int?,
  outputSize: Int?
) -> Int {
  if let outputSize { return outputSize }
  guard input < 1 << 30, span < 1 << 30, abs(outputPadding ?? 0) < 1 << 30 else { return -1 }
  let reached = (input - 1) * stride + span
  switch padding {
  case .same:
    return outputPadding.map { reached - span / 2 * 2 + $0 } ?? input * stride
  case .valid:
    return outputPadding.map { reached + $0 } ?? (input - 1) * stride + max(span, stride)
  case .explicit(let pairs):
    guard pairs.indices.contains(axis), abs(pairs[axis].low) < 1 << 30, abs(pairs[axis].high) < 1 << 30 else {
      return -1
    }
    return reached - pairs[axis].low - pairs[axis].high + (outputPadding ?? 0)
  }
}
