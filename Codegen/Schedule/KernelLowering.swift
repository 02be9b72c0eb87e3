import ElbowArrays
import ElbowGraph

/// A kernel reads what has to be put into memory first, such as a view that has to be copied into order.
struct NeedsMemory: Error {
  let node: Int
}

/// Turns groups of nodes into kernels, and makes the program's results land where the caller wants them.
struct KernelLowering {
  let program: Program
  let groups: KernelGrouping.Result
  /// How the bodies of loops are scheduled.
  let pipeline: SchedulePipeline
  let options: SchedulingOptions
  private(set) var buffers: [Buffer]
  private(set) var kernels: [Kernel] = []
  /// The contractions that are computed right where an assembly wants them, as a piece of it.
  private var placed: [Int: (buffer: Int, piece: Assembly.Piece)] = [:]

  init(
    _ program: Program, _ groups: KernelGrouping.Result, _ pipeline: SchedulePipeline, _ options: SchedulingOptions
  ) {
    self.program = program
    self.options = options
    self.pipeline = pipeline
    self.groups = groups
    buffers = groups.buffers
    placed = placements()
  }

  /// A value that nobody but one assembly reads, and that as it is, needs no memory of its own.
  private func placements() -> [Int: (buffer: Int, piece: Assembly.Piece)] {
    var uses = [Int](repeating: 0, count: program.nodes.count)
    for node in program.nodes { for input in node.inputs { uses[input] += 1 } }
    for root in program.roots { uses[root] += 1 }
    var result: [Int: (buffer: Int, piece: Assembly.Piece)] = [:]
    for (index, node) in program.nodes.enumerated() {
      guard let assembly = node.primitive as? any AssemblyPrimitive, let buffer = groups.bufferOf[index] else {
        continue
      }
      let plan = assembly.pieces(operands: node.inputs.map { program.type($0).shape }, result: node.type.shape)
      guard plan.fill == nil else { continue }
      for piece in plan.pieces {
        let operand = node.inputs[piece.operand]
        guard uses[operand] == 1, program.nodes[operand].primitive is Contraction else { continue }
        // A product's columns are written side by side. They are the last axis that has more than one step.
        let columns = program.type(operand).shape.dimensions.lastIndex { $0 != 1 }
        let isDense = columns.map { axis in
          piece.strides[axis] == 1 && node.type.shape.dimensions[(axis + 1)...].allSatisfy { $0 == 1 }
        }
        if isDense ?? true { result[operand] = (buffer, piece) }
      }
    }
    return result
  }

  mutating func lower() throws {
    placeResults()
    for (group, map) in zip(groups.groups, groups.maps) {
      guard let node = group.first else { continue }
      if let map {
        kernels.append(map)
      } else if let contraction = program.nodes[node].primitive as? Contraction {
        kernels.append(try lower(contraction, node))
      } else if let assembly = program.nodes[node].primitive as? any AssemblyPrimitive {
        kernels += try lower(assembly, node)
      } else if let scan = program.nodes[node].primitive as? Scan {
        if let kernel = try lower(scan, node) { kernels.append(kernel) }
      } else {
        kernels.append(try nest(node))
      }
    }
    kernels += try copies()
  }

  // MARK: Results

  /// A value that leaves the program once is computed right where it has to be; the first wish counts.
  private mutating func placeResults() {
    for (position, output) in program.outputs.enumerated() { place(output.node, .output(position)) }
    for update in program.updates { place(update.node, .variable(update.variable)) }
  }

  private mutating func place(_ node: Int, _ storage: Buffer.Storage) {
    if let buffer = groups.bufferOf[node], buffers[buffer].storage == .arena { buffers[buffer].storage = storage }
  }

  /// Kernels that copy what is wanted in a second place.
  private mutating func copies() throws -> [Kernel] {
    var result: [Kernel] = []
    let wishes =
      program.outputs.enumerated().map { ($1.node, Buffer.Storage.output($0)) }
      + program.updates.map { ($0.node, Buffer.Storage.variable($0.variable)) }
    for (node, storage) in wishes {
      guard let source = groups.bufferOf[node], buffers[source].storage != storage else { continue }
      let type = program.type(node)
      buffers.append(Buffer(node: node, dtype: type.dtype, shape: type.shape, storage: storage))
      var builder = KernelBuilder(program, domain: type.shape, reduced: [], bufferOf: groups.bufferOf, buffers: buffers)
      guard let value = try? builder.compute(node, at: builder.identityIndex) else { continue }
      let access = builder.access(buffers.count - 1, at: builder.identityIndex)
      result.append(builder.kernel([KernelOutput(value: value, access: access, reduction: nil, node: node)]))
    }
    return result
  }

  /// - Returns: The buffer's index.
  mutating func addBuffer(_ buffer: Buffer) -> Int {
    buffers.append(buffer)
    return buffers.count - 1
  }

  // MARK: Kernels that are not maps

  /// A value at an index; what cannot be reached by linear indices has to go to memory, and all begins anew.
  private func linear(_ builder: inout KernelBuilder, _ node: Int, at index: [LinearIndex]) throws -> Int {
    do throws(FusionConflict) {
      return try builder.compute(node, at: index)
    } catch {
      if case .needsMemory(let node) = error, groups.bufferOf[node] == nil { throw NeedsMemory(node: node) }
      throw ElbowError(.internal, "A kernel of '\(program.name)' reads a value that it cannot reach.")
    }
  }

  private func lower(_ contraction: Contraction, _ node: Int) throws -> Kernel {
    let (left, right) = (program.nodes[node].inputs[0], program.nodes[node].inputs[1])
    let (x, y) = (program.type(left).shape, program.type(right).shape)
    let result = program.type(node).shape
    let contracted = contraction.leftContracted.map { x.dimensions[$0] }
    let domain = Shape(result.dimensions + contracted)
    let batch = contraction.leftBatch.count
    let (xFree, yFree) = (contraction.leftFree(rank: x.rank), contraction.rightFree(rank: y.rank))
    var builder = KernelBuilder(
      program, domain: domain, reduced: Set(result.rank..<domain.rank), bufferOf: groups.bufferOf, buffers: buffers)
    let all = builder.identityIndex
    func index(_ rank: Int, _ shared: [Int], _ free: [Int], _ freeStart: Int, _ summed: [Int]) -> [LinearIndex] {
      var index = [LinearIndex](repeating: LinearIndex(), count: rank)
      for (position, axis) in shared.enumerated() { index[axis] = all[position] }
      for (position, axis) in free.enumerated() { index[axis] = all[freeStart + position] }
      for (position, axis) in summed.enumerated() { index[axis] = all[result.rank + position] }
      return index
    }
    let leftIndex = index(x.rank, contraction.leftBatch, xFree, batch, contraction.leftContracted)
    let rightIndex = index(y.rank, contraction.rightBatch, yFree, batch + xFree.count, contraction.rightContracted)
    let a = try linear(&builder, left, at: leftIndex)
    let b = try linear(&builder, right, at: rightIndex)
    guard let c = groups.bufferOf[node] else {
      throw ElbowError(.internal, "A contraction of '\(program.name)' has no place in memory.")
    }
    let access: Access
    if let (buffer, piece) = placed[node] {
      access = builder.access(buffer, at: KernelLowering.place([LinearIndex](all[..<result.rank]), piece))
    } else {
      access = builder.access(c, at: [LinearIndex](all[..<result.rank]))
    }
    let map = builder.kernel([
      KernelOutput(value: a, access: access, reduction: .sum, node: node),
      KernelOutput(value: b, access: access, reduction: .sum, node: node),
    ])
    return try contractionKernel(map, node)
  }

  /// Reads the roles of the loops off the accesses.
  private func contractionKernel(_ map: Kernel, _ node: Int) throws -> Kernel {
    guard case .map(let instructions, let outputs) = map.body, outputs.count == 2,
      case .load(let left) = instructions[outputs[0].value].operation,
      case .load(let right) = instructions[outputs[1].value].operation
    else { throw ElbowError(.internal, "A contraction of '\(program.name)' reads what is not in memory.") }
    let result = outputs[0].access
    func uses(_ access: Access, _ loop: Loop) -> Bool { access.index.coefficients[loop.id] != nil }
    let rows = map.loops.filter { uses(left, $0) && !uses(right, $0) && uses(result, $0) }
    let columns = map.loops.filter { uses(right, $0) && !uses(left, $0) && uses(result, $0) }
    let contracted = map.loops.filter(\.isReduction)
    let operand = program.nodes[node].inputs[1]
    let body = ContractionBody(
      left: left, right: right, result: result, rows: rows.map(\.id), columns: columns.map(\.id),
      contracted: contracted.map(\.id), dtype: program.type(node).dtype)
    let kernel = Kernel(loops: map.loops, body: .contraction(body), nodes: [node])
    if kernel.rightOrder == nil {
      guard groups.bufferOf[operand] == nil else {
        throw ElbowError(
          .internal,
          "The right operand of a contraction of '\(program.name)' does not end with the result's last axis.",
          at: program.nodes[node].source.resolve())
      }
      // Neighbours of the right operand do not lie together: it is copied into order first.
      throw NeedsMemory(node: operand)
    }
    return kernel
  }

  private func lower(_ assembly: any AssemblyPrimitive, _ node: Int) throws -> [Kernel] {
    let inputs = program.nodes[node].inputs
    let result = program.type(node)
    guard let buffer = groups.bufferOf[node] else { return [] }
    let plan = assembly.pieces(operands: inputs.map { program.type($0).shape }, result: result.shape)
    var kernels: [Kernel] = []
    if let fill = plan.fill {
      var builder = KernelBuilder(
        program, domain: result.shape, reduced: [], bufferOf: groups.bufferOf, buffers: buffers)
      let value = builder.constant(fill, result.dtype)
      let access = builder.access(buffer, at: builder.identityIndex)
      kernels.append(builder.kernel([KernelOutput(value: value, access: access, reduction: nil, node: node)]))
    }
    for piece in plan.pieces where placed[inputs[piece.operand]] == nil {
      let operand = inputs[piece.operand]
      var builder = KernelBuilder(
        program, domain: program.type(operand).shape, reduced: [], bufferOf: groups.bufferOf, buffers: buffers)
      let value = try linear(&builder, operand, at: builder.identityIndex)
      let access = builder.access(buffer, at: KernelLowering.place(builder.identityIndex, piece))
      kernels.append(builder.kernel([KernelOutput(value: value, access: access, reduction: nil, node: node)]))
    }
    return kernels
  }

  /// Where an element of a piece goes.
  private static func place(_ index: [LinearIndex], _ piece: Assembly.Piece) -> [LinearIndex] {
    index.enumerated().map { axis, position in
      LinearIndex(piece.starts[axis]) + position * Dimension(piece.strides[axis])
    }
  }

  private func nest(_ node: Int) throws -> Kernel {
    let definition = program.nodes[node]
    guard let primitive = definition.primitive as? any LoopPrimitive, let result = groups.bufferOf[node] else {
      throw ElbowError(
        .internal, "'\(type(of: definition.primitive).name)' has no lowering.", at: definition.source.resolve())
    }
    let nest = primitive.lower(operands: definition.inputs.map { program.type($0) }, result: definition.type)
    let loops = (0..<nest.independentAxes).map {
      Loop(id: $0, extent: definition.type.shape.dimensions[$0], isReduction: false)
    }
    let operands = definition.inputs.compactMap { groups.bufferOf[$0] }
    return Kernel(loops: loops, body: .nest(NestBody(operands: operands, result: result, nest: nest)), nodes: [node])
  }
}
