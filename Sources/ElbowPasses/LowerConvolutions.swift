import ElbowGraph

/// Writes convolutions as contractions of a kernel with a view of the padded input's windows. Forward, by the input and by
/// the kernel they thereby use the one building block for products; nothing is copied but into padding.
///
/// A transposed convolution of stride s, like the gradient of a strided one by its input, becomes one dense convolution for
/// each of the s positions that a result can have between two elements of its input, woven together.
package struct LowerConvolutions: Pass {
  package let name = "lower-convolutions"

  package init() {}

  package func run(_ program: Program) throws -> Program {
    var rewriter = ProgramRewriter(program)
    return rewriter.rewrite { rewriter, node in
      guard let convolution = node.primitive as? Convolution else { return nil }
      let lowering = ConvolutionLowering(rewriter: rewriter, node: node)
      guard let (result, changed) = lowering.lowered(convolution, node.inputs[0], node.inputs[1]) else { return nil }
      rewriter = changed
      return result
    }
  }
}

/// The rewriting of one convolution. Shapes have been checked, and all spatial extents are fixed.
private struct ConvolutionLowering {
  var rewriter: ProgramRewriter
  let node: Node

  func lowered(_ rule: Convolution, _ x: Int, _ w: Int) -> (Int, ProgramRewriter)? {
    var copy = self
    return copy.lower(rule, x, w).map { ($0, copy.rewriter) }
  }

  /// - Parameter isExchanged: Whether input and kernel have changed places already: they do so once.
  private mutating func lower(_ rule: Convolution, _ x: Int, _ w: Int, isExchanged: Bool = false) -> Int? {
    if isSpread(rule, x, w) { return spread(rule, x, w) }
    guard rule.window.contains(where: { $0.inputDilation > 1 }) else { return dense(rule, x, w) }
    let kernel = extents(w, rule.kernel.spatial)
    let output = rule.window.indices.map { axis in
      (try? rule.window[axis].resultExtent(
        input: shape(x).dimensions[rule.input.spatial[axis]], kernel: Dimension(kernel[axis]))) ?? 1
    }
    if !isExchanged && rule.groups == 1 && rule.window.allSatisfy({ $0.stride == 1 })
      && kernel.reduce(1, *) > output.reduce(1, *)
    {
      return exchanged(rule, x, w, output)
    }
    if rule.window.allSatisfy({ $0.inputDilation == 1 || $0.stride == 1 }) { return phases(rule, x, w, output) }
    return dense(rule, x, w)
  }

  // MARK: Shapes

  private func shape(_ node: Int) -> Shape { rewriter.result.nodes[node].type.shape }
  private func extents(_ node: Int, _ axes: [Int]) -> [Int] { axes.map { shape(node).dimensions[$0].value ?? 1 } }

  private mutating func emit(_ primitive: some Primitive, _ inputs: [Int]) -> Int? {
    rewriter.emit(primitive, inputs, like: node)
  }

  private mutating func sliced(_ x: Int, starts: [Int], sizes: [Dimension], strides: [Int]) -> Int? {
    if strides.allSatisfy({ $0 == 1 }) && sizes == shape(x).dimensions { return x }
    return emit(Slice(starts: starts.map { Dimension($0) }, sizes: sizes, strides: strides), [x])
  }

  private mutating func transposed(_ x: Int, _ permutation: [Int]) -> Int? {
    permutation == [Int](permutation.indices) ? x : emit(Transpose(permutation), [x])
  }

  private mutating func reshaped(_ x: Int, _ dimensions: [Dimension]) -> Int? {
    shape(x).dimensions == dimensions ? x : emit(Reshape(to: Shape(dimensions)), [x])
  }

  // MARK: Without holes in the input

  /// The kernel times the windows of the padded input.
  private mutating func dense(_ rule: Convolution, _ x: Int, _ w: Int) -> Int? {
    guard let padded = padded(rule, x) else { return nil }
    let windows = Windows(
      axes: rule.input.spatial, sizes: extents(w, rule.kernel.spatial), strides: rule.window.map(\.stride),
      dilations: rule.window.map(\.kernelDilation))
    guard let view = emit(windows, [padded]) else { return nil }
    if rule.groups == 1 { return product(rule, view, w) }
    let inputs = shape(w).dimensions[rule.kernel.feature]
    let outputs = shape(w).dimensions[rule.kernel.outer]
    return inputs == 1 && outputs == Dimension(rule.groups) ? depthwise(rule, view, w) : grouped(rule, view, w)
  }

  /// The input with zeros around it, and between its elements if it is dilated; without what negative padding takes away.
  private mutating func padded(_ rule: Convolution, _ x: Int) -> Int? {
    let rank = shape(x).rank
    var (starts, sizes) = ([Int](repeating: 0, count: rank), shape(x).dimensions)
    var (low, high) = ([Dimension](repeating: 0, count: rank), [Dimension](repeating: 0, count: rank))
    var interior = [Int](repeating: 0, count: rank)
    var isDilated = false
    for (axis, window) in zip(rule.input.spatial, rule.window) {
      interior[axis] = window.inputDilation - 1
      isDilated = isDilated || window.inputDilation > 1
      low[axis] = Dimension(max(0, window.low))
      high[axis] = Dimension(max(0, window.high))
    }
    var padded: Int? = x
    if isDilated || (low + high).contains(where: { $0 != 0 }) {
      padded = emit(Pad(low: low, high: high, interior: interior, value: 0), [x])
    }
    guard let padded else { return nil }
    sizes = shape(padded).dimensions
    for (axis, window) in zip(rule.input.spatial, rule.window) {
      starts[axis] = max(0, -window.low)
      sizes[axis] = sizes[axis] - Dimension(starts[axis] + max(0, -window.high))
    }
    return sliced(padded, starts: starts, sizes: sizes, strides: [Int](repeating: 1, count: rank))
  }

  /// The axes of the windows and of the kernel that are summed over, in the order in which they lie in the input's memory.
  private func contracted(_ rule: Convolution) -> (left: [Int], right: [Int]) {
    let rank = rule.window.count + 2
    let places = rule.window.indices.map { rank + $0 }
    return rule.input.feature < (rule.input.spatial.first ?? 0)
      ? ([rule.input.feature] + places, [rule.kernel.feature] + rule.kernel.spatial)
      : (places + [rule.input.feature], rule.kernel.spatial + [rule.kernel.feature])
  }

  private mutating func product(_ rule: Convolution, _ view: Int, _ w: Int) -> Int? {
    let (left, right) = contracted(rule)
    let contraction = Contraction(leftBatch: [], rightBatch: [], leftContracted: left, rightContracted: right)
    guard let result = emit(contraction, [view, w]) else { return nil }
    let free = (0..<rule.window.count + 2).filter { $0 != rule.input.feature }
    var order = [Int](repeating: rule.window.count + 1, count: rule.window.count + 2)
    order[rule.output.outer] = free.firstIndex(of: rule.input.outer) ?? 0
    for (to, from) in zip(rule.output.spatial, rule.input.spatial) { order[to] = free.firstIndex(of: from) ?? 0 }
    return transposed(result, order)
  }

  /// Every channel has a kernel of its own: no contraction, but sums of products with the channels last.
  private mutating func depthwise(_ rule: Convolution, _ view: Int, _ w: Int) -> Int? {
    let rank = rule.window.count + 2
    var order = [Int](repeating: 0, count: rank)
    order[rule.output.outer] = rule.input.outer
    order[rule.output.feature] = rule.input.feature
    for (to, from) in zip(rule.output.spatial, rule.input.spatial) { order[to] = from }
    let places = rule.window.indices.map { rank + $0 }
    guard let windows = transposed(view, order + places),
      let flat = transposed(w, [rule.kernel.feature, rule.kernel.outer] + rule.kernel.spatial)
    else { return nil }
    let full = shape(windows).dimensions
    var stretched = [Dimension](repeating: 1, count: rank) + [Dimension](full[rank...])
    stretched[rule.output.feature] = full[rule.output.feature]
    guard let kernels = reshaped(flat, stretched), let same = emit(Broadcast(to: Shape(full)), [kernels]),
      let product = emit(Multiply(), [windows, same])
    else { return nil }
    return emit(Reduce(.sum, axes: places), [product])
  }

  /// Each group of features is a product of its own: the groups become an axis that both operands share.
  private mutating func grouped(_ rule: Convolution, _ view: Int, _ w: Int) -> Int? {
    let groups = Dimension(rule.groups)
    let spatial = rule.window.count
    guard let outputs = shape(w).dimensions[rule.kernel.outer].dividedExactly(by: groups) else { return nil }
    func split(_ node: Int, _ axis: Int, _ inner: Dimension) -> [Dimension] {
      var dimensions = shape(node).dimensions
      dimensions.replaceSubrange(axis...axis, with: [groups, inner])
      return dimensions
    }
    // Batch, positions, groups, features of a group, places; and places, groups, features, outputs of a group.
    let places = rule.window.indices.map { spatial + 2 + $0 }
    guard let ordered = transposed(view, [rule.input.outer] + rule.input.spatial + [rule.input.feature] + places),
      let left = reshaped(ordered, split(ordered, spatial + 1, shape(w).dimensions[rule.kernel.feature])),
      let arranged = transposed(w, rule.kernel.spatial + [rule.kernel.outer, rule.kernel.feature]),
      let right = reshaped(arranged, split(arranged, spatial, outputs))
    else { return nil }
    let contraction = Contraction(
      leftBatch: [spatial + 1], rightBatch: [spatial],
      leftContracted: rule.window.indices.map { spatial + 3 + $0 } + [spatial + 2],
      rightContracted: [Int](0..<spatial) + [spatial + 2])
    // Groups, batch, positions, outputs of a group.
    guard let result = emit(contraction, [left, right]),
      let back = transposed(result, [Int](1...spatial + 1) + [0, spatial + 2])
    else { return nil }
    let dimensions = shape(back).dimensions
    guard let merged = reshaped(back, [Dimension](dimensions[...spatial]) + [groups * outputs]) else { return nil }
    var order = [Int](repeating: 0, count: spatial + 2)
    order[rule.output.feature] = spatial + 1
    for (position, axis) in rule.output.spatial.enumerated() { order[axis] = position + 1 }
    return transposed(merged, order)
  }

  // MARK: A single position

  /// Whether every element of the kernel meets the input's only position in exactly one place of the result.
  private func isSpread(_ rule: Convolution, _ x: Int, _ w: Int) -> Bool {
    let kernel = extents(w, rule.kernel.spatial)
    return rule.groups == 1 && kernel.contains { $0 > 1 }
      && extents(x, rule.input.spatial).allSatisfy { $0 == 1 }
      && zip(rule.window, kernel).allSatisfy { window, extent in
        window.stride == 1 && window.kernelDilation == 1 && window.low == extent - 1 && window.high == extent - 1
      }
  }

  /// The features of that position times the kernel, run through backwards.
  private mutating func spread(_ rule: Convolution, _ x: Int, _ w: Int) -> Int? {
    let isBatchFirst = rule.input.outer < rule.input.feature
    let rows = [shape(x).dimensions[rule.input.outer], shape(x).dimensions[rule.input.feature]]
    let reversed = reversed(w, rule.kernel.spatial)
    guard let flat = reshaped(x, isBatchFirst ? rows : rows.reversed()), let reversed,
      let result = emit(
        Contraction(
          leftBatch: [], rightBatch: [], leftContracted: [isBatchFirst ? 1 : 0], rightContracted: [rule.kernel.feature]),
        [flat, reversed])
    else { return nil }
    let free = (0..<rule.window.count + 2).filter { $0 != rule.kernel.feature }
    var order = [Int](repeating: 0, count: rule.window.count + 2)
    order[rule.output.feature] = 1 + (free.firstIndex(of: rule.kernel.outer) ?? 0)
    for (to, from) in zip(rule.output.spatial, rule.kernel.spatial) { order[to] = 1 + (free.firstIndex(of: from) ?? 0) }
    return transposed(result, order)
  }

  private mutating func reversed(_ x: Int, _ axes: [Int]) -> Int? {
    let rank = shape(x).rank
    var (starts, strides) = ([Int](repeating: 0, count: rank), [Int](repeating: 1, count: rank))
    for axis in axes {
      starts[axis] = (shape(x).dimensions[axis].value ?? 1) - 1
      strides[axis] = -1
    }
    return sliced(x, starts: starts, sizes: shape(x).dimensions, strides: strides)
  }

  // MARK: With holes in the input

  /// A large kernel that slides over few positions of a dilated input, as in the gradient of a transposed convolution by its
  /// kernel: the kernel's windows meet the input instead, and the positions run backwards.
  private mutating func exchanged(_ rule: Convolution, _ x: Int, _ w: Int, _ output: [Int]) -> Int? {
    let (inputs, kernel) = (extents(x, rule.input.spatial), extents(w, rule.kernel.spatial))
    let windows = rule.window.indices.map { axis in
      let window = rule.window[axis]
      let low = output[axis] - 1 - window.low
      let span = (inputs[axis] - 1) * window.inputDilation + 1
      let dilated = (kernel[axis] - 1) * window.kernelDilation + 1
      return WindowAxis(
        low: low, high: output[axis] - 1 + span - dilated - low, inputDilation: window.kernelDilation,
        kernelDilation: window.inputDilation)
    }
    let output = ConvolutionAxes(outer: rule.output.feature, feature: rule.output.outer, spatial: rule.output.spatial)
    let swapped = Convolution(input: rule.kernel, kernel: rule.input, output: output, window: windows)
    guard let result = lower(swapped, w, x, isExchanged: true) else { return nil }
    return reversed(result, rule.output.spatial)
  }

  /// One phase along one axis: which elements of the kernel ever meet elements of the input there.
  private struct Phase {
    var taps: [Int]
    var window: WindowAxis
    var step: Int
    var extent: Int
  }

  private func phase(_ window: WindowAxis, at offset: Int, kernel: Int, input: Int, output: Int) -> Phase {
    let stride = window.inputDilation
    let taps = (0..<kernel).filter { (offset + $0 * window.kernelDilation - window.low) % stride == 0 }
    let extent = (output - offset + stride - 1) / stride
    let step = taps.count > 1 ? taps[1] - taps[0] : 1
    var phase = Phase(taps: taps, window: WindowAxis(), step: step, extent: extent)
    guard let first = taps.first else { return phase }
    phase.window.kernelDilation = max(1, step * window.kernelDilation / stride)
    phase.window.low = -((offset + first * window.kernelDilation - window.low) / stride)
    let span = (taps.count - 1) * phase.window.kernelDilation + 1
    phase.window.high = extent - 1 + span - input - phase.window.low
    return phase
  }

  private mutating func phases(_ rule: Convolution, _ x: Int, _ w: Int, _ output: [Int]) -> Int? {
    let (inputs, kernel) = (extents(x, rule.input.spatial), extents(w, rule.kernel.spatial))
    // An axis without holes has one phase; where a result is shorter than the stride, the rest have none.
    let counts = rule.window.indices.map { min(rule.window[$0].inputDilation, output[$0]) }
    var parts: [Int] = []
    for index in 0..<counts.reduce(1, *) {
      var (rest, offsets) = (index, counts)
      // `Interleave` counts in the order of the result's axes, which need not be that of the window's.
      for axis in counts.indices.sorted(by: { rule.output.spatial[$0] > rule.output.spatial[$1] }) {
        (rest, offsets[axis]) = rest.quotientAndRemainder(dividingBy: counts[axis])
      }
      let chosen = rule.window.indices.map { axis in
        rule.window[axis].inputDilation == 1
          ? Phase(taps: [Int](0..<kernel[axis]), window: rule.window[axis], step: 1, extent: output[axis])
          : phase(rule.window[axis], at: offsets[axis], kernel: kernel[axis], input: inputs[axis], output: output[axis])
      }
      guard let part = part(rule, x, w, chosen) else { return nil }
      parts.append(part)
    }
    var all = [Int](repeating: 1, count: rule.window.count + 2)
    for (axis, count) in zip(rule.output.spatial, counts) { all[axis] = count }
    return parts.count == 1 ? parts[0] : emit(Interleave(counts: all), parts)
  }

  private mutating func part(_ rule: Convolution, _ x: Int, _ w: Int, _ phases: [Phase]) -> Int? {
    guard phases.allSatisfy({ !$0.taps.isEmpty }) else {
      let extents = rule.output.arranged(
        outer: shape(x).dimensions[rule.input.outer], feature: shape(w).dimensions[rule.kernel.outer],
        spatial: phases.map { Dimension($0.extent) })
      guard let zero = rewriter.emitConstant(0, node.type.dtype, like: node) else { return nil }
      return emit(Broadcast(to: Shape(extents)), [zero])
    }
    var (starts, sizes) = ([Int](repeating: 0, count: shape(w).rank), shape(w).dimensions)
    var strides = [Int](repeating: 1, count: shape(w).rank)
    for (axis, phase) in zip(rule.kernel.spatial, phases) {
      starts[axis] = phase.taps[0]
      sizes[axis] = Dimension(phase.taps.count)
      strides[axis] = phase.step
    }
    guard let taps = sliced(w, starts: starts, sizes: sizes, strides: strides) else { return nil }
    let sub = Convolution(
      input: rule.input, kernel: rule.kernel, output: rule.output, window: phases.map(\.window), groups: rule.groups)
    return dense(sub, x, taps)
  }
}
