import ElbowArrays
import ElbowGraph

/// Puts kernels into stages: a kernel runs in the stage after the last one it depends on, or in the same one where both work
/// through the same batch row by row.
struct StageAssignment {
  let program: Program
  private(set) var buffers: [Buffer]
  private(set) var kernels: [Kernel]
  /// For each kernel those that must run before it, and whether doing so for the same rows is enough.
  private var dependencies: [[Int: Bool]] = []

  init(_ program: Program, _ buffers: [Buffer], _ kernels: [Kernel]) {
    self.program = program
    self.buffers = buffers
    self.kernels = kernels
  }

  func schedule() throws -> Schedule {
    var copy = self
    return try copy.run()
  }

  private mutating func run() throws -> Schedule {
    findDependencies()
    guard !kernels.contains(where: overwritesWhatItReads), let order = topologicalOrder() else {
      // An update overwrites what its own kernel, or another one which depends on it, still reads: update after the fact
      // instead.
      return try withDelayedUpdates().schedule()
    }
    let level = assignLevels(order)
    var stages: [Stage] = []
    for current in 0...(level.max() ?? 0) {
      let members = order.filter { level[$0] == current }
      if !members.isEmpty { stages.append(Stage(tasks: tasks(members))) }
    }
    placeInTiles(stages)
    return Schedule(program: program, buffers: buffers, kernels: kernels, stages: stages, gangs: [], slices: [])
  }

  // MARK: Dependencies

  private mutating func findDependencies() {
    dependencies = [[Int: Bool]](repeating: [:], count: kernels.count)
    var writers: [Int: [Int]] = [:]
    for (index, kernel) in kernels.enumerated() {
      for buffer in kernel.writes { writers[buffer, default: []].append(index) }
    }
    for (index, kernel) in kernels.enumerated() {
      for buffer in kernel.reads {
        for writer in writers[buffer] ?? [] where writer != index {
          depend(index, on: writer, rowByRow: isRowByRow(buffer, writer, index))
        }
      }
      // Pieces of one result: whichever comes first in the list fills what the others then overwrite.
      for buffer in kernel.writes {
        for writer in writers[buffer] ?? [] where writer < index {
          depend(index, on: writer, rowByRow: isRowByRow(buffer, writer, index))
        }
      }
    }
    for (index, kernel) in kernels.enumerated() { findOverwrites(index, kernel) }
  }

  /// What replaces a variable's value waits for all who read the old one.
  private mutating func findOverwrites(_ index: Int, _ kernel: Kernel) {
    for buffer in kernel.writes {
      guard case .variable(let variable) = buffers[buffer].storage else { continue }
      for (reader, other) in kernels.enumerated() where reader != index {
        let readsOld = other.reads.contains {
          buffers[$0].storage == .variable(variable) && program.nodes[buffers[$0].node].primitive is ReadVariable
        }
        if readsOld { depend(index, on: reader, rowByRow: false) }
      }
    }
  }

  /// Whether a kernel replaces a variable's value and reads the old one anywhere but where the new one goes.
  private func overwritesWhatItReads(_ kernel: Kernel) -> Bool {
    func isOld(_ buffer: Int, _ variable: Int) -> Bool {
      buffers[buffer].storage == .variable(variable) && program.nodes[buffers[buffer].node].primitive is ReadVariable
    }
    return kernel.writes.contains { written in
      guard case .variable(let variable) = buffers[written].storage else { return false }
      guard case .map(_, let outputs) = kernel.body else { return kernel.reads.contains { isOld($0, variable) } }
      let places = Set(outputs.filter { $0.access.buffer == written }.map(\.access.index))
      return kernel.accesses.contains { isOld($0.buffer, variable) && places != [$0.index] }
    }
  }

  private mutating func depend(_ kernel: Int, on other: Int, rowByRow: Bool) {
    dependencies[kernel][other] = (dependencies[kernel][other] ?? true) && rowByRow
  }

  /// Whether both kernels go through the rows of a buffer in step: row i of the one needs only row i of the other.
  private func isRowByRow(_ buffer: Int, _ writer: Int, _ reader: Int) -> Bool {
    guard let first = kernels[writer].partition, let second = kernels[reader].partition,
      isTileable(writer), isTileable(reader), first.extent == second.extent
    else { return false }
    return isAligned(buffer, kernels[writer], first) && isAligned(buffer, kernels[reader], second)
  }

  /// Whether a kernel's outermost loop goes through a batch and all its results have a row for each step.
  private func isTileable(_ index: Int) -> Bool {
    let kernel = kernels[index]
    guard let loop = kernel.partition, loop.extent.isSymbolic else { return false }
    return kernel.isPartial || kernel.writes.allSatisfy { isAligned($0, kernel, loop) }
  }

  private func isAligned(_ buffer: Int, _ kernel: Kernel, _ loop: Loop) -> Bool {
    kernel.staysInRow(of: buffer, buffers[buffer], loop)
  }

  private func topologicalOrder() -> [Int]? {
    var remaining = dependencies.map { Set($0.keys) }
    var done = [Bool](repeating: false, count: kernels.count)
    var order: [Int] = []
    while order.count < kernels.count {
      guard let next = kernels.indices.first(where: { !done[$0] && remaining[$0].isEmpty }) else { return nil }
      done[next] = true
      order.append(next)
      for index in kernels.indices { remaining[index].remove(next) }
    }
    return order
  }

  /// The same kernels, with every update computed into working memory first and copied into its variable by a kernel of its own.
  private func withDelayedUpdates() throws -> StageAssignment {
    var buffers = buffers
    var kernels = kernels
    for index in buffers.indices {
      guard case .variable = buffers[index].storage, !(program.nodes[buffers[index].node].primitive is ReadVariable)
      else {
        continue
      }
      let storage = buffers[index].storage
      guard kernels.contains(where: { $0.writes.contains(index) }), !isCopy(index, kernels) else { continue }
      buffers[index].storage = .arena
      var target = buffers[index]
      target.storage = storage
      buffers.append(target)
      kernels.append(Kernel.copy(from: index, to: buffers.count - 1, buffers[index]))
    }
    guard buffers.count > self.buffers.count else {
      throw ElbowError(.internal, "The updates of '\(program.name)' depend on each other in a circle.")
    }
    return StageAssignment(program, buffers, kernels)
  }

  /// Whether a variable's new value comes out of working memory as it is: then it was delayed already.
  private func isCopy(_ buffer: Int, _ kernels: [Kernel]) -> Bool {
    kernels.contains { kernel in
      guard kernel.writes == [buffer], case .map(let instructions, _) = kernel.body, instructions.count == 1,
        case .load(let access) = instructions[0].operation
      else { return false }
      return buffers[access.buffer].storage == .arena
    }
  }

  // MARK: Levels

  private func assignLevels(_ order: [Int]) -> [Int] {
    var level = [Int](repeating: 0, count: kernels.count)
    for index in order {
      for (other, rowByRow) in dependencies[index] {
        level[index] = max(level[index], level[other] + (rowByRow ? 0 : 1))
      }
    }
    // Then everything is put off as long as its users allow, so that what passes between rows of a batch stays in one stage;
    // but not beyond the last of those it is connected to row by row, for that would tear them apart.
    let last = level.max() ?? 0
    let goal = connectedLevels(level)
    for index in order.reversed() {
      var latest = goal[index] ?? last
      for user in kernels.indices {
        guard let rowByRow = dependencies[user][index] else { continue }
        latest = min(latest, level[user] - (rowByRow ? 0 : 1))
      }
      level[index] = max(level[index], latest)
    }
    return level
  }

  /// For kernels that are connected row by row, the last level that any of them has.
  private func connectedLevels(_ level: [Int]) -> [Int: Int] {
    var neighbours = [[Int]](repeating: [], count: kernels.count)
    for index in kernels.indices {
      for (other, rowByRow) in dependencies[index] where rowByRow {
        neighbours[index].append(other)
        neighbours[other].append(index)
      }
    }
    var goal: [Int: Int] = [:]
    for start in kernels.indices where goal[start] == nil && !neighbours[start].isEmpty {
      var (members, seen): ([Int], Set<Int>) = ([start], [start])
      var position = 0
      while position < members.count {
        for next in neighbours[members[position]] where seen.insert(next).inserted { members.append(next) }
        position += 1
      }
      let last = members.map { level[$0] }.max() ?? 0
      for member in members { goal[member] = last }
    }
    return goal
  }

  private func tasks(_ members: [Int]) -> [ScheduledTask] {
    var tasks: [ScheduledTask] = []
    for index in members {
      let extent = kernels[index].partition?.extent
      if isTileable(index), let position = tasks.firstIndex(where: { $0.isTiled && $0.extent == extent }) {
        tasks[position].kernels.append(index)
      } else {
        tasks.append(ScheduledTask(extent: extent, isTiled: isTileable(index), kernels: [index]))
      }
    }
    return tasks
  }

  /// What is written and read within the tiles of one task needs memory for a tile only.
  private mutating func placeInTiles(_ stages: [Stage]) {
    var taskOf: [Int: (Int, Int)] = [:]
    for (stage, content) in stages.enumerated() {
      for (task, work) in content.tasks.enumerated() where work.isTiled {
        for kernel in work.kernels { taskOf[kernel] = (stage, task) }
      }
    }
    for buffer in buffers.indices where buffers[buffer].storage == .arena {
      let users = kernels.indices.filter { kernels[$0].reads.contains(buffer) || kernels[$0].writes.contains(buffer) }
      let homes = users.map { taskOf[$0] }
      guard let first = homes.first, let home = first, homes.allSatisfy({ $0.map { $0 == home } ?? false }),
        users.allSatisfy({ user in kernels[user].partition.map { isAligned(buffer, kernels[user], $0) } ?? false })
      else { continue }
      buffers[buffer].storage = .tile
    }
  }
}

extension Kernel {
  /// A kernel that copies one buffer to another of the same shape.
  static func copy(from source: Int, to target: Int, _ buffer: Buffer) -> Kernel {
    let loops = buffer.shape.dimensions.enumerated().filter { $1 != 1 }
      .map { Loop(id: $0, extent: $1, isReduction: false) }
    var index = LinearIndex()
    for loop in loops { index = index + LinearIndex(loop: loop.id) * buffer.strides[loop.id] }
    let load = KernelInstruction(
      operation: .load(Access(buffer: source, index: index)), operands: [], dtype: buffer.dtype)
    let output = KernelOutput(value: 0, access: Access(buffer: target, index: index), reduction: nil, node: buffer.node)
    return Kernel(loops: loops, body: .map(instructions: [load], outputs: [output]), nodes: [buffer.node])
      .withCollapsedLoops()
  }
}
