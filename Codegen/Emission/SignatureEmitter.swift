import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// Writes a signature: its kernels, the frame that they share, the stages that threads go through, and the entry point.
struct SignatureEmitter {
  let schedule: Schedule
  let context: KernelContext
  /// The model's prefix and the signature's name, `vae_train`.
  let name: String
  let withLines: Bool
  private let running: Set<Int>
  /// The symbols whose values the frame holds.
  let symbols: [String]
  /// The kernels that are loops.
  let scans: [Int: ScanEmitter]

  /// The checks of the extents before a run.
  let checks: SizeChecks
  /// Whether this is the body of a loop.
  let isStep: Bool
  /// Whether the time that each kernel takes is added up.
  let isProfiled: Bool
  /// The functions of kernels alike, where they share them.
  private var shared: SharedKernels?

  /// - Parameter runsOnce: Whether compiling the kernels takes longer than running them, so that those alike share functions.
  init(
    _ schedule: Schedule, _ places: StatePlaces, name: String, withLines: Bool, options: EmissionOptions,
    runsOnce: Bool = false
  ) {
    self.init(
      schedule, runsOnce ? places.inNumbers : places, name: name, withLines: withLines, options: options, isStep: false,
      symbols: schedule.program.symbols)
    guard runsOnce else { return }
    let kernels = schedule.kernels.indices.filter(isRun)
    shared = SharedKernels(kernels.reduce(into: [:]) { $0[$1] = kernel($1) })
  }

  private init(
    _ schedule: Schedule, _ places: StatePlaces, name: String, withLines: Bool, options: EmissionOptions,
    isStep: Bool, symbols: [String]
  ) {
    self.isStep = isStep
    isProfiled = options.isProfiled
    self.symbols = symbols
    self.schedule = schedule
    self.name = name
    self.withLines = withLines
    running = Set(schedule.stages.flatMap { $0.tasks.flatMap(\.kernels) })
    checks = SizeChecks(schedule)
    let context = KernelContext(schedule, places, signature: name)
    self.context = context
    scans = schedule.kernels.indices.reduce(into: [:]) { scans, index in
      guard case .scan(let scan) = schedule.kernels[index].body else { return }
      let field = KernelContext.loopField(index)
      let step = SignatureEmitter(
        scan.step, places, name: "\(name)__\(field)", withLines: withLines, options: EmissionOptions(), isStep: true,
        symbols: symbols)
      scans[index] = ScanEmitter(context: context, scan: scan, emitter: step, field: field)
    }
  }

  func emit() -> EmittedSignature {
    var emitted = emitStages()
    if !checks.isEmpty { emitted.rest.append(.function(checks.function(name))) }
    emitted.rest.append(.function(entryPoint()))
    return emitted
  }

  /// Everything but the entry point, loops first.
  private func emitStages() -> EmittedSignature {
    var emitted = EmittedSignature(name: name, constants: constants(), frames: [], kernels: [], rest: [])
    for (_, scan) in scans.sorted(by: { $0.key < $1.key }) {
      let step = scan.emitter.emitStages()
      emitted.constants += step.constants
      emitted.frames += step.frames
      emitted.kernels += step.kernels
      emitted.rest += step.rest + [.function(scan.emitter.preparationFunction())]
    }
    emitted.frames.append(frame())
    emitted.kernels += schedule.kernels.indices.filter(isRun).compactMap { index in
      function(index).map { .init(helpers: helpers(index), function: $0) }
    }
    emitted.rest += profile() + [.function(arenaFunction())] + schedule.memory.tiles.map { .function(tileFunction($0)) }
    if needsTiles { emitted.rest.append(.function(tileByteCountFunction())) }
    emitted.rest += stageFunctions().map { .function($0) }
    return emitted
  }

  // MARK: Data

  private func constants() -> [CDeclaration] {
    schedule.buffers.enumerated().compactMap { index, buffer in
      guard buffer.storage == .constant, let constant = schedule.program.nodes[buffer.node].primitive as? Constant
      else {
        return nil
      }
      return .constantArray(
        type: buffer.dtype.cType, name: context.names[index], values: CLiterals.values(constant.value))
    }
  }

  private func frame() -> CDeclaration {
    var fields: [(String, String)] = [("char *", "state")]
    let kernels = schedule.stages.flatMap(\.tasks).flatMap(\.kernels).map { schedule.kernels[$0] }
    let written = kernels.reduce(into: Set<Int>()) { $0.formUnion($1.writes) }
    let used = kernels.reduce(into: written) { $0.formUnion($1.reads) }
    for (index, buffer) in schedule.buffers.enumerated() {
      switch buffer.storage {
      case .variable, .constant: continue
      case .arena, .tile, .slices: if !used.contains(index) { continue }
      default: break
      }
      fields.append((context.pointerType(index, isWritten: written.contains(index)), context.fields[index]))
    }
    for symbol in symbols + schedule.slices.flatMap({ $0.count.symbols }) {
      fields.append(("long", Naming.symbol(symbol)))
    }
    if !schedule.slices.isEmpty { fields += [("long", "slice"), ("long", "slice_first")] }
    fields += [("uint32_t", "key0"), ("uint32_t", "key1"), ("uint32_t", "counter0"), ("uint32_t", "counter1")]
    fields += [("char *", "tiles"), ("size_t", "tile_byte_count"), ("el_team *", "team")]
    if schedule.memory.workspaceByteCount > 0 { fields.append(("void *", "workspace")) }
    fields += scans.sorted { $0.key < $1.key }.map { ($1.emitter.context.frameType, $1.field) }
    return .structure(name: context.frameType, fields: fields.map { (type: $0.0, name: $0.1) })
  }

  // MARK: Kernels

  private func kernelName(_ index: Int) -> String { context.functionName(index) }

  /// The kernel's function; nil if another one does its work.
  private func function(_ index: Int) -> CFunction? { shared.map { $0.functions[index] } ?? kernel(index) }

  /// Lets a kernel work from one step of its divided loop to another.
  func call(_ index: Int, _ first: CExpression, _ last: CExpression) -> CExpression {
    let call = shared?.calls[index]
    return .call(call?.name ?? kernelName(index), ["f", first, last] + (call?.arguments ?? []))
  }

  private func epilogueName(_ index: Int) -> String { "\(kernelName(index))__finish" }
  private func claimName(_ index: Int) -> String { "\(kernelName(index))__claim" }

  /// Whether the kernel still runs as a function of its own.
  private func isRun(_ index: Int) -> Bool { running.contains(index) && scans[index] == nil }

  /// Functions that a kernel calls.
  private func helpers(_ index: Int) -> [CDeclaration] {
    guard case .contraction(let contraction) = schedule.kernels[index].body else { return [] }
    return epilogue(index) + claim(index, contraction) + emitter(index, contraction).declarations()
  }

  private func emitter(_ index: Int, _ contraction: ContractionBody) -> ContractionEmitter {
    ContractionEmitter(
      context: context.within(schedule.kernels[index]), kernel: schedule.kernels[index], contraction: contraction,
      epilogue: schedule.kernels[index].epilogue.isEmpty ? nil : epilogueName(index),
      claim: schedule.kernels[index].claims.isEmpty ? nil : claimName(index))
  }

  /// The code that finishes the tiles of a contraction, a function of the rows and columns of a tile.
  private func epilogue(_ index: Int) -> [CDeclaration] {
    guard let map = schedule.kernels[index].epilogue.first, case .map(let instructions, let outputs) = map.body else {
      return []
    }
    let context = context.within(schedule.kernels[index])
    let body = MapEmitter(context, map, instructions, outputs, isBoxed: true).body()
    return [finisher(epilogueName(index), "Finishes tiles of the product.", body)]
  }

  /// The code that claims, with the tiles of a contraction, those of the variables that are changed next.
  private func claim(_ index: Int, _ contraction: ContractionBody) -> [CDeclaration] {
    let loops = schedule.kernels[index].loops
    guard !schedule.kernels[index].claims.isEmpty,
      let columns = loops.first(where: { $0.id == contraction.columns.last })?.extent.c
    else { return [] }
    let body = schedule.kernels[index].claims.map { buffer -> CStatement in
      let width = CExpression.integer(schedule.buffers[buffer].dtype.byteCount)
      let first = context.pointer(buffer, isWritten: true) + ("row" * columns + "column")
      return .expression(
        .call("el_claim", [first, columns * width, "row_end" - "row", ("column_end" - "column") * width]))
    }
    return [finisher(claimName(index), "Claims what the next stage changes.", body)]
  }

  /// A function of the rows and columns of a tile that is complete.
  private func finisher(_ name: String, _ comment: String, _ body: [CStatement]) -> CDeclaration {
    .function(
      CFunction(
        name,
        parameters: [
          ("const void *", "context"), ("long", "first"), ("long", "row"), ("long", "row_end"), ("long", "column"),
          ("long", "column_end"),
        ], comment: comment,
        body: [.expression(.cast("void", "first")), .declare("const \(context.frameType) *const", "f", "context")]
          + body
      ))
  }

  private func kernel(_ index: Int) -> CFunction {
    let kernel = schedule.kernels[index]
    let context = context.within(kernel)
    let body: [CStatement]
    switch kernel.body {
    case .map(let instructions, let outputs):
      body =
        kernel.transposition.map { TransposeEmitter(context: context, kernel: kernel, copy: $0).body() }
        ?? MapEmitter(context, kernel, instructions, outputs).body()
    case .contraction(let contraction):
      body = emitter(index, contraction).body()
    case .nest(let nest):
      switch nest.method {
      case .library(let call):
        body = LibraryCallEmitter(context: context, kernel: kernel, body: nest, call: call).statements()
      case .lanes(let form): body = LaneNestEmitter(context, kernel, nest, form).statements()
      case .rows: body = NestEmitter(context: context, kernel: kernel, body: nest).statements()
      }
    case .scan: body = []
    }
    let unused: [CStatement] =
      kernel.partition == nil
      ? [.expression(.cast("void", "first")), .expression(.cast("void", "last"))] : []
    return CFunction(
      kernelName(index), parameters: [("const \(context.frameType) *", "f"), ("long", "first"), ("long", "last")],
      comment: context.comment(kernel, withLines: withLines), body: unused + body)
  }

  // MARK: Working memory

  /// Sets the pointers to working memory and returns how much there is. To learn the latter it is given the address 0,
  /// and that is why addresses are integers here: an offset from a null pointer is none, and tests for one would leave
  /// paths on which the kernels read there, of which GCC warns.
  private func arenaFunction() -> CFunction {
    var body: [CStatement] =
      symbolDeclarations(schedule.memory.arena.flatMap(\.byteCounts)) + [.declare("size_t", "at", 0)]
    for slot in schedule.memory.arena { body += place(slot, base: "arena", factor: nil) }
    for (_, scan) in scans.sorted(by: { $0.key < $1.key }) {
      let place = CExpression.call(
        "\(scan.emitter.name)__place_arena", ["step_frame", .binary("+", "arena", "at")])
      body.append(scan.withFrame(of: "f", [.assign("at", "=", .call("el_bytes_sum", ["at", place]))]))
    }
    body.append(.returned("at"))
    return CFunction(
      "\(name)__place_arena", result: "size_t",
      parameters: [("\(context.frameType) *", "f"), ("uintptr_t", "arena")],
      comment: "Where working memory lies: what is never needed at the same time shares a place.",
      body: schedule.memory.arena.isEmpty && scans.isEmpty
        ? [.expression(.cast("void", "f")), .expression(.cast("void", "arena")), .returned(0)] : body)
  }

  private func tileFunction(_ tile: MemoryPlan.TileSlots) -> CFunction {
    var body: [CStatement] = symbolDeclarations(tile.slots.flatMap(\.byteCounts)) + [.declare("size_t", "at", 0)]
    for slot in tile.slots { body += place(slot, base: "tile", factor: "rows") }
    body.append(.returned("at"))
    return CFunction(
      tileFunctionName(tile), result: "size_t",
      parameters: [("\(context.frameType) *", "f"), ("uintptr_t", "tile"), ("long", "rows")],
      comment: "The same for a thread's share of the batch in stage \(tile.stage).", body: body)
  }

  func tileFunctionName(_ tile: MemoryPlan.TileSlots) -> String {
    "\(name)__place_tile_\(tile.stage)_\(tile.task)"
  }

  func symbolDeclarations(_ sizes: [Dimension]) -> [CStatement] {
    sizes.reduce(into: Set<String>()) { $0.formUnion($1.symbols) }.sorted().map {
      .declare("const long", Naming.symbol($0), .field("f", Naming.symbol($0)))
    }
  }

  private func place(_ slot: MemoryPlan.Slot, base: String, factor: CExpression?) -> [CStatement] {
    var statements: [CStatement] = slot.buffers.map { buffer in
      let type = "\(schedule.buffers[buffer].dtype.cType) *"
      return .assign(
        .field("f", context.fields[buffer]), "=",
        .cast(type, .binary("+", .name(base), "at") + .integer(slot.offsets[buffer] ?? 0)))
    }
    let sizes = slot.byteCounts.map { $0.c * (factor ?? 1) }
    let largest = sizes.dropFirst().reduce(sizes[0]) { .call("el_larger", [$0, $1]) }
    statements.append(.assign("at", "=", .call("el_bytes_sum", ["at", .call("el_align", [largest])])))
    return statements
  }

  // MARK: The entry point

  private func entryPoint() -> CFunction {
    var body =
      checkExtents() + [
        .declare(context.frameType, "frame", .list([0])),
        .declare("\(context.frameType) *const", "f", .unary("&", "frame")),
        .assign(.field("f", "state"), "=", .field("model", "state")),
        .assign(.field("f", "team"), "=", .field("model", "team")),
      ]
    for (index, symbol) in symbols.enumerated() {
      body.append(.assign(.field("f", Naming.symbol(symbol)), "=", .subscripted("symbols", .integer(index))))
    }
    if symbols.isEmpty { body.append(.expression(.cast("void", "symbols"))) }
    body += sliceCounts() + scans.sorted { $0.key < $1.key }.flatMap { $1.preparation() }
    var (usesInputs, usesOutputs) = (false, false)
    for (index, buffer) in schedule.buffers.enumerated() {
      switch buffer.storage {
      case .input(let position):
        usesInputs = true
        body.append(.assign(.field("f", context.fields[index]), "=", .subscripted("inputs", .integer(position))))
      case .output(let position):
        usesOutputs = true
        body.append(.assign(.field("f", context.fields[index]), "=", .subscripted("outputs", .integer(position))))
      default: break
      }
    }
    if !usesInputs { body.append(.expression(.cast("void", "inputs"))) }
    if !usesOutputs { body.append(.expression(.cast("void", "outputs"))) }
    body +=
      randomState() + memory() + [
        .conditional(
          .binary(">", "threads", 1),
          [.expression(.call("el_team_run", [.field("f", "team"), .name("\(name)__stages"), "f"]))],
          [.expression(.call("\(name)__stages", ["f", 0, 1]))])
      ]
    if schedule.program.isRandom {
      body.append(.assign(.field("random", "counter"), "=", .binary("+", "counter", 1)))
    }
    body.append(.returned("ELBOW_OK"))
    return CFunction(
      "\(name)__run", result: "elbow_status", isStatic: false,
      parameters: [
        ("elbow_model *", "model"), ("const long *", "symbols"), ("const void *const *", "inputs"),
        ("void *const *", "outputs"),
      ], comment: "Runs '\(schedule.program.name)'; what it is given has been checked.", body: body)
  }

  private func checkExtents() -> [CStatement] {
    guard !checks.isEmpty else { return [] }
    return [
      .declare("const elbow_status", "checked", .call("\(name)__check", ["model", "symbols"])),
      .conditional(.binary("!=", "checked", "ELBOW_OK"), [.returned("checked")], []),
    ]
  }

  private func sliceCounts() -> [CStatement] {
    guard !schedule.slices.isEmpty else { return [] }
    let symbols = symbolDeclarations(schedule.slices.map(\.extent))
    let counts: [CStatement] = schedule.slices.compactMap { slices in
      slices.count.symbol.map {
        .assign(
          .field("f", Naming.symbol($0)), "=",
          .call("el_slice_count", [slices.extent.c, .integer(BatchSlices.leastRows), .integer(slices.limit)]))
      }
    }
    return [.block(symbols + counts)]
  }

  private func randomState() -> [CStatement] {
    guard schedule.program.isRandom else { return [] }
    return [
      .declare("el_random_state *const", "random", .call("el_random", ["model"])),
      .declare("const uint64_t", "seed", .field("random", "seed")),
      .declare("const uint64_t", "counter", .field("random", "counter")),
      .assign(.field("f", "key0"), "=", .cast("uint32_t", "seed")),
      .assign(.field("f", "key1"), "=", .cast("uint32_t", .binary(">>", "seed", 32))),
      .assign(.field("f", "counter0"), "=", .cast("uint32_t", "counter")),
      .assign(.field("f", "counter1"), "=", .cast("uint32_t", .binary(">>", "counter", 32))),
    ]
  }

  // MARK: Memory of a thread

  private var needsTiles: Bool {
    !schedule.memory.tiles.isEmpty || schedule.memory.workspaceByteCount > 0
      || scans.values.contains { $0.emitter.needsTiles }
  }

  /// Sets the values that all steps of a loop find in their frame, besides what the frame around it holds.
  private func preparationFunction() -> CFunction {
    let body = sliceCounts() + scans.sorted { $0.key < $1.key }.flatMap { $1.preparation() }
    return CFunction(
      "\(name)__prepare", parameters: [("\(context.frameType) *", "f")],
      comment: "What is the same in all steps.", body: body.isEmpty ? [.expression(.cast("void", "f"))] : body)
  }

  /// A thread's working memory is the largest that any of its tasks needs.
  private func larger(_ call: CExpression) -> [CStatement] {
    [
      .declare("const size_t", "needed", call),
      .conditional(.binary(">", "needed", "tile"), [.assign("tile", "=", "needed")], []),
    ]
  }

  private func tileByteCountFunction() -> CFunction {
    let tasks = schedule.memory.tiles.map { schedule.stages[$0.stage].tasks[$0.task] }
    let unused = ["threads"] + (schedule.memory.tiles.isEmpty ? ["f"] : [])
    var body: [CStatement] =
      unused.map { .expression(.cast("void", .name($0))) } + [.declare("size_t", "tile", 0)]
    body += symbolDeclarations(
      zip(schedule.memory.tiles, tasks).compactMap { schedule.slices(of: $1) == nil ? $1.extent : nil })
    for (tile, task) in zip(schedule.memory.tiles, tasks) {
      guard let extent = task.extent else { continue }
      func needed(_ rows: CExpression) -> [CStatement] { larger(.call(tileFunctionName(tile), ["f", 0, rows])) }
      if schedule.slices(of: task) != nil {
        body.append(.block(needed(.integer(task.tileRows ?? 1))))
        continue
      }
      body.append(
        .block(
          [.declare("const long", "tiles", tileCount(task, rows: extent.c))]
            + needed(.binary("/", .binary("-", .binary("+", extent.c, "tiles"), 1), "tiles"))))
    }
    for (_, scan) in scans.sorted(by: { $0.key < $1.key }) where scan.emitter.needsTiles {
      body.append(
        scan.withFrame(of: "f", larger(.call("\(scan.emitter.name)__tile_byte_count", ["step_frame", "threads"]))))
    }
    body.append(.returned("tile" + .integer(schedule.memory.workspaceByteCount)))
    return CFunction(
      "\(name)__tile_byte_count", result: "size_t", parameters: [("\(context.frameType) *", "f"), ("int", "threads")],
      comment: "The working memory of a thread.", body: body)
  }

  /// Small runs are over before other threads would wake up.
  private func memory() -> [CStatement] {
    let work = schedule.work
    let rows = schedule.sharedExtent
    var body: [CStatement] = symbolDeclarations([work] + (rows.map { [$0] } ?? []))
    let team = CExpression.call("el_team_size", [.field("f", "team")])
    let isSmall = CExpression.binary("<", work.approximation, .integer(Schedule.workWorthSharing))
    let isAlone = rows.map { CExpression.binary("||", isSmall, .binary("<", $0.c, 2)) } ?? isSmall
    body.append(.declare("const int", "threads", .conditional(isAlone, 1, team)))
    let tile: CExpression = needsTiles ? .call("\(name)__tile_byte_count", ["f", "threads"]) : 0
    body.append(.declare("const size_t", "tile", tile))
    body += [
      .declare(
        "const elbow_status", "status",
        .call(
          "el_reserve",
          [
            "model", .call("\(name)__place_arena", ["f", 0]),
            .call("el_bytes_product", ["tile", .cast("size_t", "threads")]),
          ])),
      .conditional(.binary("!=", "status", "ELBOW_OK"), [.returned("status")], []),
      .expression(.call("\(name)__place_arena", ["f", .cast("uintptr_t", .field("model", "arena"))])),
      .assign(.field("f", "tiles"), "=", .field("model", "tiles")),
      .assign(.field("f", "tile_byte_count"), "=", "tile"),
    ]
    return body
  }
}

/// Literals of C for the elements of an array.
enum CLiterals {
  static func values(_ array: HostArray) -> [CExpression] {
    switch array.dtype {
    case .float32, .float64:
      let values = array.doubles.map { CExpression.floating($0, isDouble: array.dtype == .float64) }
      return values
    case .uint32: return array.doubles.map { .name("\(UInt32($0))u") }
    case .int64: return ((try? array.values(as: Int64.self)) ?? []).map { .integer(Int($0)) }
    default: return array.doubles.map { .integer(Int($0)) }
    }
  }
}
