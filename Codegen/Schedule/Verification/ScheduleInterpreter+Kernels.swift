import ElbowArrays
import ElbowGraph

/// An access with numbers for a kernel's loops, in their order.
private struct BoundAccess {
  let buffer: Int
  let constant: Int
  let factors: [Int]

  init(_ access: Access, _ loops: [Loop], _ bindings: [String: Int]) throws {
    buffer = access.buffer
    func value(_ dimension: Dimension) throws -> Int {
      guard let value = dimension.evaluated(with: bindings) else {
        throw ScheduleInterpreter.Fault(kernel: 0, message: "\(dimension) has no value")
      }
      return value
    }
    constant = try value(access.index.constant)
    factors = try loops.map { try access.index.coefficients[$0.id].map(value) ?? 0 }
  }

  func element(_ positions: [Int]) -> Int {
    var element = constant
    for (factor, position) in zip(factors, positions) { element += factor * position }
    return element
  }
}

/// Calls a body for all positions in some ranges, the last one running fastest.
private func forEachPosition(_ ranges: [Range<Int>], _ body: ([Int]) throws -> Void) rethrows {
  guard !ranges.contains(where: \.isEmpty) else { return }
  var positions = ranges.map(\.lowerBound)
  while true {
    try body(positions)
    var axis = ranges.count - 1
    while axis >= 0 {
      positions[axis] += 1
      if positions[axis] < ranges[axis].upperBound { break }
      positions[axis] = ranges[axis].lowerBound
      axis -= 1
    }
    if axis < 0 { return }
  }
}

extension ScheduleInterpreter {
  /// Runs a kernel for some steps of the loop that its work is divided along.
  mutating func run(_ kernel: Int, _ rows: Range<Int>) throws {
    let work = schedule.kernels[kernel]
    switch work.body {
    case .map(let instructions, let outputs): try run(work, kernel, instructions, outputs, try ranges(work, rows))
    case .contraction(let body): try run(work, kernel, body, rows)
    case .nest(let body): try run(work, kernel, body, rows)
    case .scan(let scan): try run(scan, kernel)
    }
  }

  private func ranges(_ kernel: Kernel, _ rows: Range<Int>) throws -> [Range<Int>] {
    try kernel.loops.map { loop in
      loop.id == kernel.partition?.id ? rows : 0..<(try Self.value(loop.extent, bindings))
    }
  }

  // MARK: Maps

  private mutating func run(
    _ kernel: Kernel, _ number: Int, _ instructions: [KernelInstruction], _ outputs: [KernelOutput],
    _ ranges: [Range<Int>]
  ) throws {
    let steps = try instructions.map { try Step($0, kernel.loops, bindings) }
    let results = try outputs.map { try BoundAccess($0.access, kernel.loops, bindings) }
    var totals = [[Int: Fingerprint]](repeating: [:], count: outputs.count)
    let marks = outputs.map { mark($0, instructions) }
    var values = [Fingerprint](repeating: 0, count: steps.count)
    try forEachPosition(ranges) { positions in
      for (index, step) in steps.enumerated() {
        values[index] =
          switch step.source {
          case .load(let access): try read(access.buffer, access.element(positions), number)
          case .position(let access): .of("position", access.element(positions))
          case .operation(let hash): step.operands.reduce(hash) { .mix($0, values[$1]) }
          }
      }
      for (index, output) in outputs.enumerated() {
        let (value, element) = (values[output.value], results[index].element(positions))
        if output.reduction != nil {
          totals[index][element, default: 0] &+= marks[index].map { .mix($0, value) } ?? value
        } else {
          try write(value, output.access.buffer, element, number)
        }
      }
    }
    for (index, output) in outputs.enumerated() where output.reduction != nil {
      for (element, total) in totals[index] {
        try combine(total, output.access.buffer, element, kernel, number, ranges)
      }
    }
  }

  /// The hash that tells the largest or the smallest of some values from their sum; nil for sums, and where slices of the batch have
  /// left such values, which are put together.
  private func mark(_ output: KernelOutput, _ instructions: [KernelInstruction]) -> Fingerprint? {
    guard let reduction = output.reduction, reduction != .sum else { return nil }
    if case .load(let access) = instructions[output.value].operation,
      schedule.buffers[access.buffer].storage == .slices
    {
      return nil
    }
    return .of(reduction, 0)
  }

  /// A step of a map.
  private struct Step {
    enum Source {
      case load(BoundAccess)
      case position(BoundAccess)
      case operation(Fingerprint)
    }
    let source: Source
    let operands: [Int]

    init(_ instruction: KernelInstruction, _ loops: [Loop], _ bindings: [String: Int]) throws {
      operands = instruction.operands
      source =
        switch instruction.operation {
        case .load(let access): .load(try BoundAccess(access, loops, bindings))
        case .position(let index): .position(try BoundAccess(Access(buffer: 0, index: index), loops, bindings))
        case .scalar(let operation): .operation(.mix(.of(operation, 0), .of(instruction.dtype, 0)))
        }
    }
  }

  /// Stores a sum, or adds it to what earlier tiles of the slice left.
  private mutating func combine(
    _ total: Fingerprint, _ buffer: Int, _ element: Int, _ kernel: Kernel, _ number: Int, _ ranges: [Range<Int>]
  ) throws {
    guard kernel.isPartial else { return try write(total, buffer, element, number) }
    let element = element + slice.number * strides[buffer][0]
    let isFirst = ranges[0].lowerBound == slice.first
    try write(isFirst ? total : read(buffer, element, number) &+ total, buffer, element, number)
  }

  // MARK: Contractions

  private mutating func run(_ kernel: Kernel, _ number: Int, _ body: ContractionBody, _ rows: Range<Int>) throws {
    let ranges = try ranges(kernel, rows)
    let (left, right, result) = (
      try BoundAccess(body.left, kernel.loops, bindings), try BoundAccess(body.right, kernel.loops, bindings),
      try BoundAccess(body.result, kernel.loops, bindings)
    )
    let summed = Set(body.contracted)
    func part(_ isSummed: Bool) -> [Range<Int>] {
      zip(kernel.loops, ranges).map { summed.contains($0.id) == isSummed ? $1 : 0..<1 }
    }
    var products: [(left: Int, right: Int)] = []
    forEachPosition(part(true)) {
      products.append((left.element($0) - left.constant, right.element($0) - right.constant))
    }
    try forEachPosition(part(false)) { positions in
      let (a, b) = (left.element(positions), right.element(positions))
      var total: Fingerprint = 0
      for product in products {
        total &+= try read(left.buffer, a + product.left, number) &* read(right.buffer, b + product.right, number)
      }
      try combine(total, result.buffer, result.element(positions), kernel, number, ranges)
      // Each element as soon as it is there: the sooner, the more there is to disturb.
      for map in kernel.epilogue {
        guard case .map(let instructions, let outputs) = map.body,
          let column = kernel.loops.firstIndex(where: { $0.id == body.columns[0] }),
          let row = kernel.loops.firstIndex(where: { $0.id == body.rows[0] })
        else { throw Fault(kernel: number, message: "its epilogue does not fit") }
        let place = [positions[row]..<positions[row] + 1, positions[column]..<positions[column] + 1]
        try run(map, number, instructions, outputs, place)
      }
    }
  }

  // MARK: Nests and loops

  /// Each result depends on all that the nest may read for it: a row of an operand, or the whole.
  private mutating func run(_ kernel: Kernel, _ number: Int, _ body: NestBody, _ rows: Range<Int>) throws {
    var wholes: [Int: Fingerprint] = [:]
    for buffer in body.operands where !body.staysInRow(buffer) { wholes[buffer] = try digest(buffer, number) }
    let stride = kernel.loops.isEmpty ? count(body.result) : strides[body.result][kernel.loops.count - 1]
    let name = Fingerprint.of("node", kernel.nodes.first ?? 0)
    try forEachPosition(try ranges(kernel, rows)) { positions in
      var value = name
      for buffer in body.operands {
        value = .mix(value, try wholes[buffer] ?? digest(buffer, number, row: positions[0]))
      }
      let first = zip(positions, strides[body.result]).reduce(0) { $0 + $1.0 * $1.1 }
      for element in first..<first + stride {
        try write(.mix(value, Fingerprint(element)), body.result, element, number)
      }
    }
  }

  /// A loop's steps are a schedule of their own, with a verifier of its own.
  private mutating func run(_ scan: ScheduledScan, _ number: Int) throws {
    let given = try scan.operands.reduce(Fingerprint.of(scan.scan.count, 0)) { .mix($0, try digest($1, number)) }
    let results = scan.results
    let roles =
      results.last.map { ($1, Fingerprint.of("last", $0)) } + results.before.map { ($1, .of("before", $0)) }
      + results.outputs.map { ($1, .of("output", $0)) }
      + results.scratch.values.joined().map { ($0, .of("scratch", 0)) }
    for (buffer, role) in roles {
      for element in 0..<count(buffer) {
        try write(.mix(.mix(given, role), Fingerprint(element)), buffer, element, number)
      }
    }
  }

  /// All elements of a buffer, or of a row of it.
  private func digest(_ buffer: Int, _ kernel: Int, row: Int? = nil) throws -> Fingerprint {
    let elements = row.map { $0 * strides[buffer][0]..<($0 + 1) * strides[buffer][0] } ?? 0..<count(buffer)
    return try elements.reduce(0) { .mix($0, try read(buffer, $1, kernel)) }
  }
}
