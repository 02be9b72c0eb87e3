import ElbowArrays
import ElbowGraph

/// The cut of a batch into slices of which each leaves its own part of every sum over the batch. Where to cut depends on
/// the batch's size alone, so results are the same to the bit however many threads share the slices.
package struct BatchSlices: Sendable {
  /// The batch.
  package var extent: Dimension
  /// How many slices there are, a symbol that compiled code computes from the extent.
  package var count: Dimension
  /// The most slices there may be.
  package var limit: Int

  /// Slices have no fewer rows than this unless the batch has.
  package static let leastRows = 4

  /// How many slices a batch of so many rows has.
  package func count(rows: Int) -> Int {
    max(1, min(limit, (rows + BatchSlices.leastRows - 1) / BatchSlices.leastRows))
  }
}

/// Decides which sums over a batch are computed slice by slice, where the rows they need are still in cache, instead of
/// over whole arrays in a stage of their own.
///
/// The gradient of a dense layer's weights reads little for every example; the whole batch of it is quickly gone through
/// afterwards. That of a convolution's kernel reads whole images, which would first go to memory and then come back.
package struct SliceAssignment {
  private let program: Program
  private var buffers: [Buffer]
  private var kernels: [Kernel]
  private var slices: [BatchSlices] = []

  /// From so many bytes an example on, operands are better used while they are in cache.
  package static let largeRowBytes = 8192
  /// Up to so many times the bytes of an example's operands, a result is worth keeping for each slice.
  package static let resultFactor = 16
  /// About what the parts of all slices may take together.
  package static let partialBytes = 16 << 20

  package init(_ schedule: Schedule) {
    (program, buffers, kernels) = (schedule.program, schedule.buffers, schedule.kernels)
  }

  package func assigned() -> Schedule {
    var copy = self
    for extent in Set(kernels.indices.compactMap { candidate($0)?.extent }).sorted(by: { "\($0)" < "\($1)" }) {
      copy.slice(extent)
    }
    return Schedule(
      program: program, buffers: copy.buffers, kernels: copy.kernels, stages: [], gangs: [], slices: copy.slices)
  }

  /// How many slices there may be if the parts of one take so many bytes: a number that threads divide evenly, for those with
  /// a slice less wait for the others. Of 7 slices, one of two threads has 4 and the other waits for a quarter of the time.
  package static func limit(partBytes: Int) -> Int {
    // The nearer one.
    [16, 8].first { partBytes <= partialBytes / ($0 * 3 / 4) } ?? 4
  }

  private mutating func slice(_ extent: Dimension) {
    let members = kernels.indices.filter { candidate($0)?.extent == extent }
    guard members.contains(where: { rowBytes($0, extent) >= SliceAssignment.largeRowBytes }) else { return }
    let chosen = members.filter { resultBytes($0) <= SliceAssignment.resultFactor * rowBytes($0, extent) }
    let bytes = chosen.map(resultBytes).reduce(0, +)
    let count = Dimension(symbol: "slices:\(slices.count + 1)")
    slices.append(BatchSlices(extent: extent, count: count, limit: SliceAssignment.limit(partBytes: bytes)))
    for index in chosen { divide(index, count) }
  }

  /// The loop over a batch that a kernel combines its results over, if it goes through the rows of its operands in step.
  private func candidate(_ index: Int) -> Loop? {
    let kernel = kernels[index]
    switch kernel.body {
    case .map(_, let outputs): guard outputs.allSatisfy({ $0.reduction != nil }) else { return nil }
    case .contraction: break
    case .nest, .scan: return nil
    }
    guard resultBytes(index) < Int.max else { return nil }
    return kernel.loops.first { loop in
      loop.isReduction && loop.extent.isSymbolic
        && kernel.accesses.allSatisfy { access in
          let buffer = buffers[access.buffer]
          let factor = access.index.coefficients[loop.id]
          return factor == nil
            ? !kernel.reads.contains(access.buffer) || buffer.shape.dimensions.first != loop.extent
            : buffer.shape.dimensions.first == loop.extent && factor == buffer.strides[0]
        }
    }
  }

  private func rowBytes(_ index: Int, _ extent: Dimension) -> Int {
    kernels[index].reads.map { buffers[$0] }.filter { $0.shape.dimensions.first == extent }
      .map { ($0.strides[0].value ?? 1 << 20) * $0.dtype.byteCount }.reduce(0, +)
  }

  private func resultBytes(_ index: Int) -> Int {
    var total = 0
    for buffer in kernels[index].writes.map({ buffers[$0] }) {
      guard let count = buffer.shape.elementCount.value else { return Int.max }
      total += count * buffer.dtype.byteCount
    }
    return total
  }

  /// Makes the kernel leave parts, and adds kernels that add them up.
  private mutating func divide(_ index: Int, _ count: Dimension) {
    guard let batch = candidate(index), let at = kernels[index].loops.firstIndex(where: { $0.id == batch.id }) else {
      return
    }
    kernels[index].loops.insert(kernels[index].loops.remove(at: at), at: 0)
    kernels[index].isPartial = true
    switch kernels[index].body {
    case .contraction(var body):
      // The loop over the batch is the outermost of those that are summed over, too.
      body.contracted = body.contracted.filter { $0 == batch.id } + body.contracted.filter { $0 != batch.id }
      let whole = body.result.buffer
      body.result.buffer = partial(whole, count)
      kernels[index].body = .contraction(body)
      kernels.append(sum(body.result.buffer, into: whole, count, .sum))
    case .map(let instructions, var outputs):
      for position in outputs.indices {
        let whole = outputs[position].access.buffer
        outputs[position].access.buffer = partial(whole, count)
        kernels.append(sum(outputs[position].access.buffer, into: whole, count, outputs[position].reduction ?? .sum))
      }
      kernels[index].body = .map(instructions: instructions, outputs: outputs)
    case .nest, .scan: break
    }
  }

  private mutating func partial(_ whole: Int, _ count: Dimension) -> Int {
    var buffer = buffers[whole]
    buffer.shape = Shape([count] + buffer.shape.dimensions)
    buffer.storage = .slices
    buffers.append(buffer)
    return buffers.count - 1
  }

  private func sum(_ parts: Int, into whole: Int, _ count: Dimension, _ operation: Reduce.Operation) -> Kernel {
    let buffer = buffers[whole]
    let extent = buffer.shape.elementCount
    let position = extent == 1 ? LinearIndex() : LinearIndex(loop: 0)
    let load = KernelInstruction(
      operation: .load(Access(buffer: parts, index: position + LinearIndex(loop: 1) * extent)), operands: [],
      dtype: buffer.dtype)
    let output = KernelOutput(
      value: 0, access: Access(buffer: whole, index: position), reduction: operation, node: buffer.node)
    let loops = [
      Loop(id: 0, extent: extent, isReduction: false), Loop(id: 1, extent: count, isReduction: true),
    ]
    return Kernel(
      loops: loops.filter { $0.extent != 1 }, body: .map(instructions: [load], outputs: [output]), nodes: [buffer.node])
  }
}

extension Schedule {
  /// The slices of the batch that a task leaves parts of sums for; nil if it leaves none.
  package func slices(of task: ScheduledTask) -> BatchSlices? {
    guard task.kernels.contains(where: { kernels[$0].isPartial }) else { return nil }
    return slices.first { $0.extent == task.extent }
  }
}
