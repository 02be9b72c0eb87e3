import ElbowArrays
import ElbowGraph

/// Lets the product that is a parameter's gradient claim the parameter for the processor that will change it.
///
/// Every thread reads all parameters, so their lines lie in the caches of all processors. The optimiser changes each of them
/// in one thread, which has to wait, line by line, until the others have let go. A product has the time that takes: with each
/// tile that it finishes, it writes to the lines of the parameter there, and what it writes is what they hold already. See
/// `ClaimAssignmentTests`.
struct ClaimAssignment {
  private var schedule: Schedule

  /// Smaller parameters than this, in bytes, are not worth it.
  static let leastBytes = 4096

  init(_ schedule: Schedule) { self.schedule = schedule }

  func assigned() -> Schedule {
    var copy = self
    for stage in schedule.stages.indices.dropLast() {
      for kernel in whole(stage) { copy.schedule.kernels[kernel].claims = claims(kernel, stage) }
    }
    return copy.schedule
  }

  /// The kernels of a stage that the threads share as a whole, not by tiles of a batch.
  private func whole(_ stage: Int) -> [Int] {
    schedule.stages[stage].tasks.flatMap { $0.isTiled ? [] : $0.kernels }
  }

  /// The variables that the stage after a product's writes where the product's result is, element for element.
  private func claims(_ product: Int, _ stage: Int) -> [Int] {
    guard let gradient = matrix(schedule.kernels[product]) else { return [] }
    var claims: [Int] = []
    for update in whole(stage + 1) {
      guard case .map(let instructions, let outputs) = schedule.kernels[update].body else { continue }
      let places = instructions.compactMap { instruction in
        if case .load(let access) = instruction.operation, access.buffer == gradient { access.index } else { nil }
      }
      for output in outputs where output.reduction == nil && places == [output.access.index] {
        let buffer = schedule.buffers[output.access.buffer]
        guard case .variable(let variable) = buffer.storage,
          buffer.shape.elementCount == schedule.buffers[gradient].shape.elementCount,
          (buffer.shape.elementCount.value ?? 0) * buffer.dtype.byteCount >= ClaimAssignment.leastBytes,
          isRead(variable, before: stage), !isUsed(variable, in: stage)
        else { continue }
        claims.append(output.access.buffer)
      }
    }
    return claims
  }

  /// The result of a product of two matrices that is a matrix on its own, its rows shared by the threads.
  private func matrix(_ kernel: Kernel) -> Int? {
    guard case .contraction(let body) = kernel.body, kernel.epilogue.isEmpty, !kernel.isPartial,
      kernel.loops.count == 3, let partition = kernel.partition, body.rows == [partition.id], body.columns.count == 1,
      body.contracted.count == 1, schedule.buffers[body.result.buffer].storage == .arena
    else { return nil }
    let index = body.result.index
    let columns = kernel.loops.first { $0.id == body.columns[0] }
    guard let columns, index.constant == 0, index.coefficients[body.columns[0]] == 1,
      index.coefficients[partition.id] == columns.extent,
      schedule.buffers[body.result.buffer].shape.elementCount == partition.extent * columns.extent
    else { return nil }
    return body.result.buffer
  }

  private func isRead(_ variable: Int, before stage: Int) -> Bool {
    schedule.stages[..<stage].flatMap(\.tasks).flatMap(\.kernels).contains { uses($0, variable) }
  }

  /// Writing what another thread reads or writes would be a race, even if it changes nothing.
  private func isUsed(_ variable: Int, in stage: Int) -> Bool {
    schedule.stages[stage].tasks.flatMap(\.kernels).contains { uses($0, variable) }
  }

  private func uses(_ kernel: Int, _ variable: Int) -> Bool {
    schedule.kernels[kernel].reads.union(schedule.kernels[kernel].writes).contains {
      schedule.buffers[$0].storage == .variable(variable)
    }
  }
}
