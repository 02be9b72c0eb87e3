import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// Writes a signature: its kernels, the frame that they share, the stages that threads go through, and the entry point.
struct SignatureEmitter {
  let scope: SignatureScope
  let memory: WorkingMemory
  /// The checks of the extents before a run.
  let checks: SizeChecks
  private let kernels: KernelFunctions
  private let stages: StageEmitter
  private let entry: EntryPoint

  /// - Parameter runsOnce: Whether compiling the kernels takes longer than running them, so that those alike share functions.
  init(
    _ schedule: Schedule, _ places: StatePlaces, name: String, withLines: Bool, options: EmissionOptions,
    runsOnce: Bool = false
  ) {
    let scope = SignatureScope(
      schedule, runsOnce ? places.inNumbers : places, name: name, withLines: withLines, isProfiled: options.isProfiled,
      isStep: false, symbols: schedule.program.symbols)
    self.init(scope, runsOnce: runsOnce)
  }

  init(_ scope: SignatureScope, runsOnce: Bool = false) {
    self.scope = scope
    memory = WorkingMemory(scope)
    checks = SizeChecks(scope.schedule)
    kernels = KernelFunctions(scope, runsOnce: runsOnce)
    stages = StageEmitter(scope, kernels, memory)
    entry = EntryPoint(scope, memory, checks)
  }

  func emit() -> EmittedSignature {
    var emitted = emitStages()
    if !checks.isEmpty { emitted.rest.append(.function(checks.function(scope.name))) }
    emitted.rest.append(.function(entry.function()))
    return emitted
  }

  /// Everything but the entry point, loops first.
  private func emitStages() -> EmittedSignature {
    let frame = FrameEmitter(scope)
    var emitted = EmittedSignature(
      name: scope.name, constants: frame.constants(), frames: [], kernels: [], rest: [])
    for loop in scope.loops {
      let step = loop.body.emitStages()
      emitted.constants += step.constants
      emitted.frames += step.frames
      emitted.kernels += step.kernels
      emitted.rest += step.rest + [.function(loop.body.entry.preparation())]
    }
    emitted.frames.append(frame.structure())
    emitted.kernels += kernels.all()
    emitted.rest += stages.profile() + (memory.functions() + stages.functions()).map { .function($0) }
    return emitted
  }
}
