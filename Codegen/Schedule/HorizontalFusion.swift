import ElbowArrays
import ElbowGraph

/// Makes one loop of the loops that do the same to neighbours in memory: an optimiser's step on every parameter becomes one
/// pass over all of them. See `ScheduleTests`.
struct HorizontalFusion {
  private var schedule: Schedule
  private let layout: StateLayout

  init(_ schedule: Schedule) throws {
    self.schedule = schedule
    layout = try StateLayout(schedule.program.variables)
  }

  func fused() -> Schedule {
    var copy = self
    for stage in schedule.stages.indices { copy.fuse(stage) }
    return copy.schedule
  }

  /// A kernel as far as it may differ: what is done, and the accesses by order of appearance.
  private struct Candidate {
    let task: Int
    let kernel: Int
    let shape: [KernelInstruction]
    let accesses: [Access]
    let count: Int
  }

  private mutating func fuse(_ stage: Int) {
    let candidates = schedule.stages[stage].tasks.indices.compactMap { candidate(stage, $0) }
    var groups: [[Candidate]] = []
    var groupOf: [Kind: Int] = [:]
    for candidate in candidates {
      let group = groupOf[kind(candidate), default: groups.count]
      if group == groups.count {
        groupOf[kind(candidate)] = group
        groups.append([])
      }
      groups[group].append(candidate)
    }
    var removed: Set<Int> = []
    for group in groups.flatMap(runs) where group.count > 1 {
      if let merged = merge(group) {
        schedule.kernels[group[0].kernel] = merged
        schedule.stages[stage].tasks[group[0].task].extent = merged.loops.first?.extent
        removed.formUnion(group.dropFirst().map(\.task))
      }
    }
    schedule.stages[stage].tasks = schedule.stages[stage].tasks.enumerated()
      .filter { !removed.contains($0.offset) }.map(\.element)
  }

  /// A group cut where something else lies between two of its members in the state: a loop must not pass over that.
  private func runs(_ group: [Candidate]) -> [[Candidate]] {
    var runs: [[Candidate]] = []
    for candidate in group.sorted(by: { position($0) < position($1) }) {
      if let last = runs.last?.last, aligned(position(last) + last.count * width(last)) == position(candidate) {
        runs[runs.count - 1].append(candidate)
      } else {
        runs.append([candidate])
      }
    }
    return runs
  }

  /// The bytes of an element of the candidate's first result.
  private func width(_ candidate: Candidate) -> Int {
    schedule.buffers[candidate.accesses.last?.buffer ?? 0].dtype.byteCount
  }

  private func candidate(_ stage: Int, _ task: Int) -> Candidate? {
    let work = schedule.stages[stage].tasks[task]
    guard !work.isTiled, work.kernels.count == 1, let index = work.kernels.first,
      case .map(let instructions, let outputs) = schedule.kernels[index].body, outputs.count > 0
    else { return nil }
    let kernel = schedule.kernels[index]
    guard kernel.loops.count <= 1, !kernel.loops.contains(where: { $0.isReduction || $0.extent.isSymbolic }),
      outputs.allSatisfy({ if case .variable = schedule.buffers[$0.access.buffer].storage { true } else { false } })
    else { return nil }
    var accesses: [Access] = []
    // Accesses are compared on their own, so the instructions keep only their number.
    let shape = instructions.map { instruction in
      var instruction = instruction
      if case .load(let access) = instruction.operation {
        instruction.operation = .load(Access(buffer: accesses.count, index: LinearIndex()))
        accesses.append(access)
      }
      return instruction
    }
    let hasPositions = instructions.contains { if case .position = $0.operation { true } else { false } }
    guard !hasPositions, outputs.allSatisfy({ $0.reduction == nil }) else { return nil }
    accesses += outputs.map(\.access)
    let values = outputs.map { KernelInstruction(operation: .scalar(.select), operands: [$0.value], dtype: .bool) }
    return Candidate(
      task: task, kernel: index, shape: shape + values, accesses: accesses,
      count: kernel.loops.first?.extent.value ?? 1)
  }

  /// The features that candidates share which one loop could serve.
  private struct Kind: Hashable {
    let shape: [KernelInstruction]
    let dtypes: [DType]
  }

  private func kind(_ candidate: Candidate) -> Kind {
    Kind(shape: candidate.shape, dtypes: candidate.accesses.map { schedule.buffers[$0.buffer].dtype })
  }

  /// The kernel that does the work of all, if their operands lie at the same distances from each other.
  private mutating func merge(_ group: [Candidate]) -> Kernel? {
    let sorted = group.sorted { position($0) < position($1) }
    let first = sorted[0]
    guard sorted.allSatisfy({ position($0) != .max }), let last = sorted.last,
      // A loop to take over; scalars alone are quick one by one.
      let looped = sorted.first(where: { $0.count > 1 })
    else { return nil }
    let width = schedule.buffers[first.accesses.last?.buffer ?? 0].dtype.byteCount
    var gangs: [[(buffer: Int, byteOffset: Int)]] = []
    for slot in first.accesses.indices {
      let buffers = sorted.map { $0.accesses[slot].buffer }
      // An operand that all read alike is a scalar such as the learning rate.
      if Set(buffers).count == 1 && sorted.allSatisfy({ $0.accesses[slot].index.coefficients.isEmpty }) { continue }
      guard sorted.allSatisfy({ isElementByElement($0, slot) }), schedule.buffers[buffers[0]].dtype.byteCount == width
      else {
        return nil
      }
      var members: [(buffer: Int, byteOffset: Int)] = []
      for (candidate, buffer) in zip(sorted, buffers) {
        let distance = position(candidate) - position(first)
        switch schedule.buffers[buffer].storage {
        case .variable(let variable):
          guard case .variable(let base) = schedule.buffers[buffers[0]].storage,
            layout.offsets[variable] - layout.offsets[base] == distance
          else { return nil }
        case .arena: members.append((buffer: buffer, byteOffset: distance))
        default: return nil
        }
      }
      if !members.isEmpty {
        guard members.count == sorted.count, Set(buffers).count == sorted.count else { return nil }
        gangs.append(members)
      }
    }
    let placed = Set(schedule.gangs.flatMap { $0.members.map(\.buffer) })
    guard gangs.allSatisfy({ $0.allSatisfy { !placed.contains($0.buffer) } }),
      Set(gangs.map { $0[0].buffer }).count == gangs.count
    else { return nil }
    let span = position(last) - position(first) + last.count * width
    for gang in gangs { schedule.gangs.append(Gang(members: gang, byteCount: span)) }
    var kernel = rebased(schedule.kernels[looped.kernel], from: looped, to: first)
    kernel.loops[0].extent = Dimension(span / width)
    kernel.nodes = Set(sorted.flatMap { schedule.kernels[$0.kernel].nodes }).sorted()
    return kernel
  }

  /// The kernel's accesses moved to the operands of another like it.
  private func rebased(_ kernel: Kernel, from old: Candidate, to new: Candidate) -> Kernel {
    let targets = Dictionary(zip(old.accesses.map(\.buffer), new.accesses.map(\.buffer))) { first, _ in first }
    guard case .map(var instructions, var outputs) = kernel.body, !kernel.loops.isEmpty else { return kernel }
    for at in instructions.indices {
      if case .load(let access) = instructions[at].operation {
        instructions[at].operation = .load(Access(buffer: targets[access.buffer] ?? access.buffer, index: access.index))
      }
    }
    for at in outputs.indices {
      outputs[at].access.buffer = targets[outputs[at].access.buffer] ?? outputs[at].access.buffer
    }
    var result = kernel
    result.body = .map(instructions: instructions, outputs: outputs)
    return result
  }

  /// Where the candidate's first result lies in the state.
  private func position(_ candidate: Candidate) -> Int {
    guard let access = candidate.accesses.last, case .variable(let variable) = schedule.buffers[access.buffer].storage
    else {
      return .max
    }
    return layout.offsets[variable]
  }

  private func isElementByElement(_ candidate: Candidate, _ slot: Int) -> Bool {
    let index = candidate.accesses[slot].index
    return index.constant == 0 && index.coefficients.allSatisfy { $0.value == 1 }
      && index.coefficients.count == (candidate.count > 1 ? 1 : 0)
  }
}
