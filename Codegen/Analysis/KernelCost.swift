import ElbowArrays
import ElbowGraph
import ElbowSchedule

/// The work of a kernel in a run for given extents: its floating-point operations, and the bytes of what it reads and writes.
package struct KernelCost: Sendable, Hashable {
  /// Floating-point operations; a multiply-add is two, a function such as `exp` twenty.
  package var flops: Double
  /// Those that are carried out: fewer where a convolution takes fewer multiplications than it has products.
  package var performedFlops: Double
  /// The bytes of all elements read and of all written, each once however often a loop comes back to it. What a
  /// contraction hands to the map that finishes its tiles stays in the first-level cache and is not counted.
  package var bytes: Double
  /// Operations for each byte.
  package var intensity: Double { bytes > 0 ? flops / bytes : 0 }

  /// - Parameter bindings: The extents that symbols stand for, those that count slices included.
  init(_ kernel: Kernel, _ buffers: [Buffer], bindings: [String: Int]) {
    let count = OperationCount(bindings: bindings)
    flops = count.count(kernel)
    performedFlops = flops * (kernel.winograd?.share ?? 1)
    bytes = BufferTraffic(kernel, buffers, count).byteCounts.reduce(0) { $0 + $1.bytes }
  }
}

/// The bytes of each buffer that a kernel reads and writes.
struct BufferTraffic {
  private(set) var byteCounts: [(buffer: Int, bytes: Double)] = []

  init(_ kernel: Kernel, _ buffers: [Buffer], _ count: OperationCount) {
    let parts = [kernel] + kernel.epilogue
    var handedOn: Set<Int> = []
    if case .contraction(let body) = kernel.body {
      for part in kernel.epilogue where part.reads.contains(body.result.buffer) { handedOn.insert(body.result.buffer) }
    }
    for (isWrite, used) in [(false, kernel.reads), (true, kernel.writes)] {
      // A value that takes the place of the contraction's result is written all the same.
      let left = isWrite ? kernel.epilogue.reduce(into: Set<Int>()) { $0.formUnion($1.writes) } : []
      for buffer in used.subtracting(handedOn.subtracting(left)).sorted() {
        let elements = parts.reduce(0.0) { largest, part in
          max(largest, BufferTraffic.elements(part, buffer, isWrite: isWrite, buffers, count))
        }
        byteCounts.append((buffer, elements * Double(buffers[buffer].dtype.byteCount)))
      }
    }
  }

  /// How many distinct elements of a buffer the accesses reach.
  private static func elements(
    _ kernel: Kernel, _ buffer: Int, isWrite: Bool, _ buffers: [Buffer], _ count: OperationCount
  ) -> Double {
    let all = count.value(buffers[buffer].shape.elementCount)
    if case .nest(let body) = kernel.body {
      return (isWrite ? body.result == buffer : body.operands.contains(buffer)) ? all : 0
    }
    if case .scan = kernel.body { return (isWrite ? kernel.writes : kernel.reads).contains(buffer) ? all : 0 }
    let accesses = Set((isWrite ? kernel.stores : kernel.loads).filter { $0.buffer == buffer })
    guard !accesses.isEmpty else { return 0 }
    // A part of the result for each slice of the batch.
    if buffers[buffer].storage == .slices { return all }
    let reached = accesses.map { elements($0, kernel, count) }
    // One loop over variables that lie next to each other reaches beyond the first.
    return min(reached.reduce(0, +), max(all, reached.max() ?? 0))
  }

  /// As many as there are steps of the loops that matter, unless windows overlap.
  private static func elements(_ access: Access, _ kernel: Kernel, _ count: OperationCount) -> Double {
    let loops = kernel.loops.filter { access.index.coefficients[$0.id] != nil }
    let span = loops.reduce(1.0) { total, loop in
      total + abs(access.index.coefficients[loop.id].map(count.value) ?? 0) * (count.value(loop.extent) - 1)
    }
    return min(count.steps(loops), span)
  }
}

extension Kernel {
  /// The accesses that read.
  fileprivate var loads: [Access] {
    switch body {
    case .map(let instructions, _):
      instructions.compactMap { if case .load(let access) = $0.operation { access } else { nil } }
    case .contraction(let body): [body.left, body.right]
    case .nest, .scan: []
    }
  }

  /// The accesses that write.
  fileprivate var stores: [Access] {
    switch body {
    case .map(_, let outputs): outputs.map(\.access)
    case .contraction(let body): [body.result]
    case .nest, .scan: []
    }
  }
}
