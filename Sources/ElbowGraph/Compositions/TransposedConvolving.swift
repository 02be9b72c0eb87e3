import ElbowArrays

/// The gradient of a one-dimensional convolution by its input, as a layer: it lengthens series `[n, steps, in]` by the stride,
/// with a kernel `[steps, out, in]`.
///
/// - Parameters:
///   - padding: That of the convolution that would lead back.
///   - outputPadding: Steps to add at the end; only what the stride leaves open is possible.
///   - outputSize: The result's number of steps instead; by default as for ``conv2DTranspose(_:_:strides:padding:outputPadding:outputSize:)``.
public func conv1DTranspose(
  _ x: Tensor, _ kernel: Tensor, strides: Int = 1, padding: ConvolutionPadding = .valid, outputPadding: Int? = nil,
  outputSize: Int? = nil
) -> Tensor {
  transposedConvolution(
    .one, x, kernel, strides: [strides], padding: padding, outputPadding: outputPadding.map { [$0] },
    outputSize: outputSize.map { [$0] })
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
  transposedConvolution(
    .two, x, kernel, strides: strides, padding: padding, outputPadding: outputPadding, outputSize: outputSize)
}

/// The gradient of a three-dimensional convolution by its input, as a layer: it enlarges volumes
/// `[n, depth, height, width, in]` by the strides, with a kernel `[depth, height, width, out, in]`.
///
/// - Parameters:
///   - padding: That of the convolution that would lead back.
///   - outputPadding: What to add at the end of each axis; only what the strides leave open is possible.
///   - outputSize: The result's extents instead; by default as for ``conv2DTranspose(_:_:strides:padding:outputPadding:outputSize:)``.
public func conv3DTranspose(
  _ x: Tensor, _ kernel: Tensor, strides: [Int] = [1, 1, 1], padding: ConvolutionPadding = .valid,
  outputPadding: [Int]? = nil, outputSize: [Int]? = nil
) -> Tensor {
  transposedConvolution(
    .three, x, kernel, strides: strides, padding: padding, outputPadding: outputPadding, outputSize: outputSize)
}

/// A transposed convolution along one, two or three axes: `[n, spatial..., in]` with a kernel `[spatial..., out, in]`.
package func transposedConvolution(
  _ axes: SpatialAxes, _ x: Tensor, _ kernel: Tensor, strides: [Int], padding: ConvolutionPadding,
  outputPadding: [Int]?, outputSize: [Int]? = nil
) -> Tensor {
  let (name, count) = ("conv\(axes.count)DTranspose", axes.count)
  return x.graph.located {
    guard x.isValid, kernel.isValid else { return x.graph.invalid(nil) }
    guard
      let (inputs, windows) = spatialExtents(name, axes, x, kernel, strides, [Int](repeating: 1, count: count))
    else { return x.graph.invalid(nil) }
    guard outputPadding?.count ?? count == count, outputSize?.count ?? count == count else {
      return x.graph.invalid(
        .invalidArgument, "'\(name)' takes \(axes.counted("output padding")) or \(axes.counted("output size")).")
    }
    var window: [WindowAxis] = []
    for axis in 0..<count {
      let (input, span, stride) = (inputs[axis], windows[axis], strides[axis])
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
    let places = ConvolutionAxes.channelsLast(spatial: count)
    let rule = Convolution(
      input: places, kernel: ConvolutionAxes.kernel(spatial: count).exchanged, output: places, window: window)
    return x.graph.apply(rule, [x, kernel.reversed(axes: [Int](0..<count))])
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
