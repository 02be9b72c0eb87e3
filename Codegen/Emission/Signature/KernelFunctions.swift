import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// Writes the functions of a signature's kernels, and what only they call.
struct KernelFunctions {
  private let scope: SignatureScope
  private let schedule: Schedule
  private let context: KernelContext
  private let running: Set<Int>
  /// The functions of kernels alike, where they share them.
  private var shared: SharedKernels?

  /// - Parameter runsOnce: Whether compiling the kernels takes longer than running them, so that those alike share functions.
  init(_ scope: SignatureScope, runsOnce: Bool) {
    (self.scope, schedule, context) = (scope, scope.schedule, scope.context)
    running = Set(schedule.stages.flatMap { $0.tasks.flatMap(\.kernels) })
    guard runsOnce else { return }
    shared = SharedKernels(schedule.kernels.indices.filter(isRun).reduce(into: [:]) { $0[$1] = kernel($1) })
  }

  /// The functions that run, each with what it calls.
  func all() -> [EmittedSignature.Kernel] {
    schedule.kernels.indices.filter(isRun).compactMap { index in
      function(index).map { .init(helpers: helpers(index), function: $0) }
    }
  }

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
  private func isRun(_ index: Int) -> Bool { running.contains(index) && scope.scans[index] == nil }

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
          (.void.constant.pointer, "context"), (.long, "first"), (.long, "row"), (.long, "row_end"), (.long, "column"),
          (.long, "column_end"),
        ], comment: comment,
        body: [
          .expression(.cast(.void, "first")), .declare(context.frameType.constant.pointer.constant, "f", "context"),
        ]
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
      ? [.expression(.cast(.void, "first")), .expression(.cast(.void, "last"))] : []
    return CFunction(
      kernelName(index), parameters: [(context.frameType.constant.pointer, "f"), (.long, "first"), (.long, "last")],
      comment: context.comment(kernel, withLines: scope.withLines), body: unused + body)
  }
}
