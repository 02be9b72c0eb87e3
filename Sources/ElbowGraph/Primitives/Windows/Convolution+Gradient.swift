import ElbowArrays

// Both gradients of a convolution are convolutions again, so they can be differentiated in turn.

extension Convolution {
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    let (x, w) = (context.inputs[0], context.inputs[1])
    let extents = try context.spatialExtents(self)
    return [byInput(context.upstream, w, extents), byKernel(x, context.upstream, w.shape, extents)]
  }

  /// The upstream, its elements `stride` apart, convolved with the reversed kernel whose features have changed roles.
  private func byInput(_ upstream: Tensor, _ w: Tensor, _ extents: [SpatialExtents]) -> Tensor {
    let windows = zip(window, extents).map { window, extent in
      let low = window.span(extent.kernel) - 1 - window.low
      let high =
        WindowAxis.dilated(extent.input, by: window.inputDilation) + window.span(extent.kernel) - 1
        - WindowAxis.dilated(extent.output, by: window.stride) - low
      return WindowAxis(
        stride: window.inputDilation, low: low, high: high, inputDilation: window.stride,
        kernelDilation: window.kernelDilation)
    }
    let reversed = w.reversed(axes: kernel.spatial)
    let exchanged = reversed.movingGroups(groups, from: kernel.outer, to: kernel.feature)
    let rule = Convolution(input: output, kernel: kernel.exchanged, output: input, window: windows, groups: groups)
    return upstream.graph.apply(rule, [upstream, exchanged])
  }

  /// The input convolved with the upstream, which takes the kernel's place: what was the batch is summed over like features.
  private func byKernel(_ x: Tensor, _ upstream: Tensor, _ shape: Shape, _ extents: [SpatialExtents]) -> Tensor {
    let windows = zip(window, extents).map { window, extent in
      let high =
        WindowAxis.dilated(extent.kernel, by: window.kernelDilation)
        + WindowAxis.dilated(extent.output, by: window.stride) - 1
        - WindowAxis.dilated(extent.input, by: window.inputDilation) - window.low
      return WindowAxis(
        stride: window.kernelDilation, low: window.low, high: high, inputDilation: window.inputDilation,
        kernelDilation: window.stride)
    }
    let grouped = x.movingGroups(groups, from: input.feature, to: input.outer)
    let rule = Convolution(
      input: input.exchanged, kernel: output.exchanged, output: kernel.exchanged, window: windows, groups: groups)
    return x.graph.apply(rule, [grouped, upstream])
  }

  struct SpatialExtents {
    let input: Int
    let kernel: Int
    let output: Int
  }
}

extension GradientContext {
  fileprivate func spatialExtents(_ rule: Convolution) throws(OperandError) -> [Convolution.SpatialExtents] {
    var extents: [Convolution.SpatialExtents] = []
    for axis in rule.window.indices {
      guard let input = inputs[0].shape[rule.input.spatial[axis]].value,
        let kernel = inputs[1].shape[rule.kernel.spatial[axis]].value,
        let output = output.shape[rule.output.spatial[axis]].value
      else { throw OperandError(.gradient, "spatial axes have fixed extents") }
      extents.append(.init(input: input, kernel: kernel, output: output))
    }
    return extents
  }
}

extension Tensor {
  /// Splits groups off one axis and puts them before another: `[g a, b]` becomes `[a, g b]`.
  fileprivate func movingGroups(_ groups: Int, from: Int, to: Int) -> Tensor {
    guard groups > 1, isValid, let inner = shape.dimensions[from].dividedExactly(by: Dimension(groups)) else {
      return self
    }
    var split = shape.dimensions
    split.replaceSubrange(from...from, with: [Dimension(groups), inner])
    // In the split tensor the groups are axis `from`, and every later axis has moved by one.
    var order = [Int](0...rank).filter { $0 != from }
    let target = to < from ? to : to + 1
    order.insert(from, at: order.firstIndex(of: target) ?? 0)
    var merged = shape.dimensions
    merged[from] = inner
    merged[to] = merged[to] * Dimension(groups)
    return reshaped(to: Shape(split)).transposed(order).reshaped(to: Shape(merged))
  }
}
