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
  /// The variables, by buffer, that a product claims already: each is claimed in one thread.
  private var taken: Set<Int> = []
  /// For each variable the stages that read or write it.
  private let stagesOf: [Int: Set<Int>]
  /// For each buffer the kernels that read it, in order.
  private let readersOf: [Int: [Int]]
  private let stageOf: [Int: Int]

  /// Smaller parameters than this, in bytes, are not worth it.
  static let leastBytes = 4096

  init(_ schedule: Schedule) {
    self.schedule = schedule
    var stagesOf: [Int: Set<Int>] = [:]
    var readersOf: [Int: [Int]] = [:]
    var stageOf: [Int: Int] = [:]
    for (stage, content) in schedule.stages.enumerated() {
      for task in content.tasks {
        for kernel in task.kernels {
          let reads = schedule.kernels[kernel].reads
          for buffer in reads.union(schedule.kernels[kernel].writes) {
            if case .variable(let variable) = schedule.buffers[buffer].storage {
              stagesOf[variable, default: []].insert(stage)
            }
          }
          // The threads share it as a whole, not by tiles of a batch.
          guard !task.isTiled else { continue }
          stageOf[kernel] = stage
          for buffer in reads { readersOf[buffer, default: []].append(kernel) }
        }
      }
    }
    (self.stagesOf, self.readersOf, self.stageOf) = (stagesOf, readersOf, stageOf)
  }

  func assigned() -> Schedule {
    var copy = self
    for stage in schedule.stages.indices.dropLast() {
      for kernel in whole(stage) {
        let claims = claims(kernel, stage).filter { copy.taken.insert($0).inserted }
        copy.schedule.kernels[kernel].claims = claims
      }
    }
    return copy.schedule
  }

  /// The kernels of a stage that the threads share as a whole, not by tiles of a batch.
  private func whole(_ stage: Int) -> [Int] {
    schedule.stages[stage].tasks.flatMap { $0.isTiled ? [] : $0.kernels }
  }

  /// The variables that the stage after a product's computes from its result, element for element.
  private func claims(_ product: Int, _ stage: Int) -> [Int] {
    guard let gradient = matrix(schedule.kernels[product]) else { return [] }
    var claims: [Int] = []
    for update in readersOf[gradient] ?? [] where stageOf[update] == stage + 1 {
      guard case .map(let instructions, let outputs) = schedule.kernels[update].body else { continue }
      for output in outputs where output.reduction == nil {
        let buffer = schedule.buffers[output.access.buffer]
        let result = Access(buffer: gradient, index: output.access.index)
        guard case .variable(let variable) = buffer.storage,
          buffer.shape.elementCount == schedule.buffers[gradient].shape.elementCount,
          (buffer.shape.elementCount.value ?? 0) * buffer.dtype.byteCount >= ClaimAssignment.leastBytes,
          ClaimAssignment.loads(of: output.value, instructions).contains(result),
          // Writing what another thread reads or writes would be a race, even if it changes nothing.
          let used = stagesOf[variable], used.contains(where: { $0 < stage }), !used.contains(stage)
        else { continue }
        claims.append(output.access.buffer)
      }
    }
    return claims
  }

  /// The loads that an instruction's value is computed from.
  private static func loads(of value: Int, _ instructions: [KernelInstruction]) -> Set<Access> {
    var needed: Set<Int> = [value]
    for index in instructions.indices.reversed() where needed.contains(index) {
      needed.formUnion(instructions[index].operands)
    }
    return Set(
      needed.compactMap { index in
        if case .load(let access) = instructions[index].operation { access } else { nil }
      })
  }

  /// The result of a product of two matrices that is a matrix on its own, its rows shared by the threads.
  private func matrix(_ kernel: Kernel) -> Int? {
    guard let body = kernel.matrixProduct, kernel.epilogue.isEmpty, !kernel.isPartial,
      let partition = kernel.partition, schedule.buffers[body.result.buffer].storage == .arena
    else { return nil }
    let index = body.result.index
    let columns = kernel.loops.first { $0.id == body.columns[0] }
    guard let columns, index.constant == 0, index.coefficients[body.columns[0]] == 1,
      index.coefficients[partition.id] == columns.extent,
      schedule.buffers[body.result.buffer].shape.elementCount == partition.extent * columns.extent
    else { return nil }
    return body.result.buffer
  }
}
