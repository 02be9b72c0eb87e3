import ElbowArrays
import ElbowGraph

/// Lets a map that goes element by element over the rows of a tile leave its result where the operand was that nobody needs
/// afterwards.
///
/// A thread's data then takes less room in its caches. And where other threads read the result, as they do the
/// gradient by a layer's output, its lines have come back to this processor before the map writes to them: it is the product
/// before that waits for them, and a product has other work meanwhile. See `InPlaceAssignmentTests`.
struct InPlaceAssignment {
  private var schedule: Schedule
  /// How many kernels write each buffer.
  private let writers: [Int: Int]

  init(_ schedule: Schedule) {
    self.schedule = schedule
    var writers: [Int: Int] = [:]
    for kernel in schedule.stages.flatMap(\.tasks).flatMap(\.kernels) {
      for buffer in schedule.kernels[kernel].writes { writers[buffer, default: 0] += 1 }
    }
    self.writers = writers
  }

  func assigned() -> Schedule {
    var copy = self
    for task in schedule.stages.flatMap(\.tasks) where task.isTiled {
      var uses = Uses()
      for (position, kernel) in task.kernels.enumerated() {
        for buffer in schedule.kernels[kernel].reads { uses.reads[buffer, default: []].insert(position) }
        for buffer in schedule.kernels[kernel].writes { uses.writes[buffer, default: []].insert(position) }
      }
      for position in task.kernels.indices { copy.assign(task.kernels, position, &uses) }
    }
    return copy.schedule
  }

  /// For each buffer where in a task it is read and written.
  private struct Uses {
    var reads: [Int: Set<Int>] = [:]
    var writes: [Int: Set<Int>] = [:]

    func all(_ buffer: Int) -> Set<Int> { (reads[buffer] ?? []).union(writes[buffer] ?? []) }

    mutating func replace(_ old: Int, by new: Int) {
      reads[new, default: []].formUnion(reads.removeValue(forKey: old) ?? [])
      writes[new, default: []].formUnion(writes.removeValue(forKey: old) ?? [])
    }
  }

  private mutating func assign(_ kernels: [Int], _ position: Int, _ uses: inout Uses) {
    guard case .map(_, let outputs) = schedule.kernels[kernels[position]].lastMap.body else { return }
    for result in outputs where result.reduction == nil {
      guard let operand = operand(before: result.access, kernels, position, uses) else { continue }
      for kernel in uses.all(operand).map({ kernels[$0] }) {
        schedule.kernels[kernel] = schedule.kernels[kernel].replacing(operand, by: result.access.buffer)
      }
      uses.replace(operand, by: result.access.buffer)
    }
  }

  /// The operand of a kernel whose place one of its results can take.
  private func operand(before result: Access, _ kernels: [Int], _ position: Int, _ uses: Uses) -> Int? {
    let kernel = schedule.kernels[kernels[position]]
    guard case .map(let instructions, _) = kernel.lastMap.body, isNew(result.buffer, position, uses) else {
      return nil
    }
    let loads = instructions.compactMap { instruction in
      if case .load(let access) = instruction.operation { access } else { nil }
    }
    return loads.map(\.buffer).first { operand in
      isAlike(operand, result.buffer) && !kernel.multiplies(operand)
        && loads.allSatisfy { $0.buffer != operand || $0.index == result.index }
        && uses.all(operand).allSatisfy {
          $0 <= position && canReplace(operand, by: result.buffer, in: schedule.kernels[kernels[$0]])
        }
    }
  }

  /// Whether the kernel at a position is the only one to write the buffer, and none up to it reads it.
  private func isNew(_ buffer: Int, _ position: Int, _ uses: Uses) -> Bool {
    writers[buffer] == 1 && [.arena, .tile].contains(schedule.buffers[buffer].storage)
      && (uses.reads[buffer] ?? []).allSatisfy { $0 > position }
  }

  /// Whether two buffers have as many elements in as many rows.
  private func isAlike(_ operand: Int, _ result: Int) -> Bool {
    let (a, b) = (schedule.buffers[operand], schedule.buffers[result])
    return a.storage == .tile && a.dtype == b.dtype && a.shape.dimensions.first == b.shape.dimensions.first
      && a.strides.first == b.strides.first
  }

  /// Nests find their way by a buffer's axes, all other kernels by the distances between elements.
  private func canReplace(_ operand: Int, by result: Int, in kernel: Kernel) -> Bool {
    switch kernel.body {
    case .map, .contraction: true
    case .nest: schedule.buffers[operand].shape == schedule.buffers[result].shape
    case .scan: false
    }
  }
}

extension Kernel {
  /// The map that the kernel is, or that it ends with.
  package var lastMap: Kernel { epilogue.last ?? self }

  /// Whether a contraction multiplies the buffer: it does so to the end, after the first tiles of its result are finished.
  fileprivate func multiplies(_ buffer: Int) -> Bool {
    if case .contraction(let body) = body { body.left.buffer == buffer || body.right.buffer == buffer } else { false }
  }

  fileprivate func replacing(_ old: Int, by new: Int) -> Kernel {
    func replaced(_ buffer: Int) -> Int { buffer == old ? new : buffer }
    var copy = self
    copy.epilogue = epilogue.map { $0.replacing(old, by: new) }
    switch body {
    case .map(var instructions, var outputs):
      for at in instructions.indices {
        guard case .load(var access) = instructions[at].operation else { continue }
        access.buffer = replaced(access.buffer)
        instructions[at].operation = .load(access)
      }
      for at in outputs.indices { outputs[at].access.buffer = replaced(outputs[at].access.buffer) }
      copy.body = .map(instructions: instructions, outputs: outputs)
    case .contraction(var body):
      body.left.buffer = replaced(body.left.buffer)
      body.right.buffer = replaced(body.right.buffer)
      body.result.buffer = replaced(body.result.buffer)
      copy.body = .contraction(body)
    case .nest(var body):
      body.operands = body.operands.map(replaced)
      body.result = replaced(body.result)
      copy.body = .nest(body)
    case .scan: break
    }
    return copy
  }
}
