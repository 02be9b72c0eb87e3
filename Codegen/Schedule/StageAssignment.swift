import ElbowArrays
import ElbowGraph

/// Puts kernels into stages: a kernel runs in the stage after the last one it depends on, or in the same one where both work
/// through the same batch row by row.
struct StageAssignment {
  let program: Program
  private(set) var buffers: [Buffer]
  private(set) var kernels: [Kernel]
  private let slices: [BatchSlices]
  /// The buffers that each kernel reads and writes.
  private let reads: [Set<Int>]
  private let writes: [Set<Int>]
  /// For each kernel those that must run before it, and whether doing so for the same rows is enough.
  private var dependencies: [[Int: Bool]] = []
  /// For each kernel those that must run after it.
  private var dependents: [[Int]] = []

  init(_ schedule: Schedule) {
    self.init(schedule.program, schedule.buffers, schedule.kernels, schedule.slices)
  }

  private init(_ program: Program, _ buffers: [Buffer], _ kernels: [Kernel], _ slices: [BatchSlices]) {
    self.program = program
    self.buffers = buffers
    self.kernels = kernels
    self.slices = slices
    reads = kernels.map(\.reads)
    writes = kernels.map(\.writes)
  }

  func assigned() throws -> Schedule {
    var copy = self
    return try copy.run()
  }

  private mutating func run() throws -> Schedule {
    findDependencies()
    guard !kernels.contains(where: overwritesWhatItReads), let order = topologicalOrder() else {
      // An update overwrites what its own kernel, or another one which depends on it, still reads: update after the fact
      // instead.
      return try withDelayedUpdates().assigned()
    }
    let level = assignLevels(order)
    var stages: [Stage] = []
    for current in 0...(level.max() ?? 0) {
      let members = order.filter { level[$0] == current }
      if !members.isEmpty { stages.append(Stage(tasks: tasks(members))) }
    }
    placeInTiles(stages)
    return Schedule(program: program, buffers: buffers, kernels: kernels, stages: stages, gangs: [], slices: slices)
  }

  // MARK: Dependencies

  private mutating func findDependencies() {
    dependencies = [[Int: Bool]](repeating: [:], count: kernels.count)
    var writers: [Int: [Int]] = [:]
    for index in kernels.indices { for buffer in writes[index] { writers[buffer, default: []].append(index) } }
    for index in kernels.indices {
      for buffer in reads[index] {
        for writer in writers[buffer] ?? [] where writer != index {
          depend(index, on: writer, rowByRow: isRowByRow(buffer, writer, index))
        }
      }
      // Pieces of one result: whichever comes first in the list fills what the others then overwrite.
      for buffer in writes[index] {
        for writer in writers[buffer] ?? [] where writer < index {
          depend(index, on: writer, rowByRow: isRowByRow(buffer, writer, index))
        }
      }
    }
    findOverwrites()
    dependents = [[Int]](repeating: [], count: kernels.count)
    for index in kernels.indices { for other in dependencies[index].keys { dependents[other].append(index) } }
  }

  /// A kernel that replaces a variable's value waits for all who read the old one.
  private mutating func findOverwrites() {
    var readers: [Int: [Int]] = [:]
    for index in kernels.indices {
      for buffer in reads[index] {
        guard case .variable(let variable) = buffers[buffer].storage, isOldValue(buffer, of: variable) else { continue }
        readers[variable, default: []].append(index)
      }
    }
    for index in kernels.indices {
      for buffer in writes[index] {
        guard case .variable(let variable) = buffers[buffer].storage else { continue }
        for reader in readers[variable] ?? [] where reader != index { depend(index, on: reader, rowByRow: false) }
      }
    }
  }

  /// Whether a kernel replaces a variable's value and reads the old one anywhere but where the new one goes.
  private func overwritesWhatItReads(_ kernel: Kernel) -> Bool {
    kernel.writes.contains { written in
      guard case .variable(let variable) = buffers[written].storage else { return false }
      guard case .map(_, let outputs) = kernel.body else {
        return kernel.reads.contains { isOldValue($0, of: variable) }
      }
      let places = Set(outputs.filter { $0.access.buffer == written }.map(\.access.index))
      return kernel.accesses.contains { isOldValue($0.buffer, of: variable) && places != [$0.index] }
    }
  }

  private func isOldValue(_ buffer: Int, of variable: Int) -> Bool {
    buffers[buffer].storage == .variable(variable) && buffers[buffer].isOldValue(in: program)
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
    return kernel.isPartial || writes[index].allSatisfy { isAligned($0, kernel, loop) }
  }

  private func isAligned(_ buffer: Int, _ kernel: Kernel, _ loop: Loop) -> Bool {
    kernel.staysInRow(of: buffer, buffers[buffer], loop)
  }

  /// Of the kernels that can run, the first in the list comes next.
  private func topologicalOrder() -> [Int]? {
    var missing = dependencies.map(\.count)
    // In descending order.
    var ready = [Int](kernels.indices.filter { missing[$0] == 0 }.reversed())
    var order: [Int] = []
    while let next = ready.popLast() {
      order.append(next)
      for index in dependents[next] {
        missing[index] -= 1
        if missing[index] == 0 { ready.insert(index, at: ready.firstPosition { $0 < index }) }
      }
    }
    return order.count == kernels.count ? order : nil
  }

  /// The same kernels, with every update computed into working memory first and copied into its variable by a kernel of its own.
  private func withDelayedUpdates() throws -> StageAssignment {
    var buffers = buffers
    var kernels = kernels
    let written = writes.reduce(into: Set<Int>()) { $0.formUnion($1) }
    let read = reads.reduce(into: Set<Int>()) { $0.formUnion($1) }
    for index in buffers.indices {
      guard case .variable(let variable) = buffers[index].storage, !isOldValue(index, of: variable) else { continue }
      let storage = buffers[index].storage
      // Other readers of a new value read it from working memory.
      guard written.contains(index), read.contains(index) || !isCopy(index, kernels) else { continue }
      buffers[index].storage = .arena
      var target = buffers[index]
      target.storage = storage
      buffers.append(target)
      kernels.append(Kernel.copy(from: index, to: buffers.count - 1, buffers[index]))
    }
    guard buffers.count > self.buffers.count else {
      throw ElbowError(.internal, "The updates of '\(program.name)' depend on each other in a circle.")
    }
    return StageAssignment(program, buffers, kernels, slices)
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
      for user in dependents[index] {
        let rowByRow = dependencies[user][index] ?? false
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
    var tiled: [Dimension: Int] = [:]
    for index in members {
      let extent = kernels[index].partition?.extent
      let isTiled = isTileable(index)
      if isTiled, let extent, let position = tiled[extent] {
        tasks[position].kernels.append(index)
        continue
      }
      if isTiled, let extent { tiled[extent] = tasks.count }
      tasks.append(ScheduledTask(extent: extent, isTiled: isTiled, kernels: [index]))
    }
    return tasks
  }

  /// A buffer that is written and read within the tiles of one task needs memory for a tile only.
  private mutating func placeInTiles(_ stages: [Stage]) {
    var taskOf: [Int: (Int, Int)] = [:]
    for (stage, content) in stages.enumerated() {
      for (task, work) in content.tasks.enumerated() where work.isTiled {
        for kernel in work.kernels { taskOf[kernel] = (stage, task) }
      }
    }
    var usersOf = [[Int]](repeating: [], count: buffers.count)
    for kernel in kernels.indices {
      for buffer in reads[kernel].union(writes[kernel]) { usersOf[buffer].append(kernel) }
    }
    for buffer in buffers.indices where buffers[buffer].storage == .arena {
      let users = usersOf[buffer]
      let homes = users.map { taskOf[$0] }
      guard let first = homes.first, let home = first, homes.allSatisfy({ $0.map { $0 == home } ?? false }),
        users.allSatisfy({ user in kernels[user].partition.map { isAligned(buffer, kernels[user], $0) } ?? false })
      else { continue }
      buffers[buffer].storage = .tile
    }
  }
}

extension Array {
  /// The first position whose element fulfils a condition that all later elements fulfil too.
  func firstPosition(where condition: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
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
