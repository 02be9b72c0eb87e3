import ElbowArrays
import ElbowGraph

/// A step of scheduling: it decides one thing, and keeps what the schedule computes.
package struct SchedulePass: Sendable {
  /// The pass's name in `explain` and messages, `fuse-epilogues`.
  package let name: String
  package let run: @Sendable (Schedule, SchedulingOptions) throws -> Schedule
  /// Whether it chooses how kernels are computed, and leaves their order and memory as they are.
  package let isChoice: Bool

  package init(
    _ name: String, isChoice: Bool = false,
    _ run: @escaping @Sendable (Schedule, SchedulingOptions) throws -> Schedule
  ) {
    self.name = name
    self.isChoice = isChoice
    self.run = run
  }
}

extension SchedulePass {
  package static let sliceBatches = SchedulePass("slice-batches") { schedule, _ in SliceAssignment(schedule).assigned()
  }
  package static let assignStages = SchedulePass("assign-stages") { schedule, _ in
    try StageAssignment(schedule).assigned()
  }
  package static let chooseVectorLoops = SchedulePass("choose-vector-loops", isChoice: true) { schedule, _ in
    VectorLoopSelection(schedule).selected()
  }
  package static let fuseEpilogues = SchedulePass("fuse-epilogues") { schedule, _ in EpilogueFusion(schedule).fused() }
  package static let overwriteOperands = SchedulePass("overwrite-operands") { schedule, _ in
    InPlaceAssignment(schedule).assigned()
  }
  package static let claimParameters = SchedulePass("claim-parameters") { schedule, _ in
    ClaimAssignment(schedule).assigned()
  }
  package static let fuseNeighbors = SchedulePass("fuse-neighbors") { schedule, _ in
    try HorizontalFusion(schedule).fused()
  }
  package static let chooseMethods = SchedulePass("choose-methods", isChoice: true) {
    MethodSelection($0, $1).selected()
  }
  package static let nameValues = SchedulePass("name-values", isChoice: true) { schedule, _ in
    NameAssignment(schedule).assigned()
  }
  package static let planMemory = SchedulePass("plan-memory") { schedule, _ in schedule.planned() }
  package static let divideTasks = SchedulePass("divide-tasks", isChoice: true) { TaskDivision($0, $1).divided() }
}

/// The passes that make a schedule of a program's kernels.
package struct SchedulePipeline: Sendable {
  package var passes: [SchedulePass]
  /// Whether each pass is checked by a ``ScheduleVerifier``, which takes as long as several runs of a small batch. In debug builds
  /// ``ScheduleInvariants`` are always checked.
  package var isVerified: Bool
  /// The steps of all loops, times operations, from which on nothing is verified.
  package var workLimit: Int

  package init(
    _ passes: [SchedulePass] = SchedulePipeline.standard, isVerified: Bool = false,
    workLimit: Int = ScheduleVerifier.workLimit
  ) {
    self.passes = passes
    self.isVerified = isVerified
    self.workLimit = workLimit
  }

  package static let standard: [SchedulePass] = [
    // Before stages, for a sum over slices of the batch is computed in the stage that makes its terms.
    .sliceBatches,
    .assignStages,
    // Before epilogues: a map finishes the tiles of a product only if its vectors lie along the tile's rows.
    .chooseVectorLoops,
    // Before what follows: which maps run inside products decides what may be overwritten, and which products are left to claim
    // parameters.
    .fuseEpilogues,
    .overwriteOperands,
    .claimParameters,
    // After those, for they look at the kernels of each variable.
    .fuseNeighbors,
    // When kernels have their final form: what finishes a product's tiles leaves fewer methods to choose from.
    .chooseMethods,
    // When no buffer comes or goes any more.
    .planMemory,
    // The rows of a tile depend on how much memory a row takes, and on the methods.
    .divideTasks,
    // Last, for people: nothing is decided by names.
    .nameValues,
  ]

  private static let isDebugBuild: Bool = {
    #if DEBUG
      true
    #else
      false
    #endif
  }()

  /// The passes by name.
  package static let names = standard.map(\.name)

  /// Those that make a schedule faster or smaller, and can be left out.
  package static let optional: [String] = {
    let needed: [SchedulePass] = [
      .assignStages, .chooseVectorLoops, .chooseMethods, .planMemory, .divideTasks, .nameValues,
    ]
    return names.filter { !needed.map(\.name).contains($0) }
  }()

  /// The pipeline without some passes, by name.
  package func without(_ names: Set<String>) -> SchedulePipeline {
    var copy = self
    copy.passes.removeAll { names.contains($0.name) }
    return copy
  }

  /// Groups a program's nodes into kernels, and runs all passes.
  ///
  /// - Parameters:
  ///   - program: A program that has been through the passes for programs.
  ///   - options: The code that multiplies matrices, and what was measured.
  ///   - observe: Called with each pass and the schedule before and after it.
  /// - Throws: `ElbowError` if the program cannot be scheduled, or a pass is found to change what it computes.
  package func run(
    _ program: Program, _ options: SchedulingOptions = SchedulingOptions(),
    observe: (SchedulePass, Schedule, Schedule) -> Void = { _, _, _ in }
  ) throws -> Schedule {
    var current = try Schedule.kernels(of: program, self, options)
    let verifier = isVerified ? try ScheduleVerifier(current, workLimit: workLimit) : nil
    let last = passes.lastIndex { !$0.isChoice }
    for (index, pass) in passes.enumerated() {
      let next = try pass.run(current, options)
      // Once even where speed counts: an error is better than wrong numbers, and it takes a thousandth of the C compiler's time.
      if isVerified || SchedulePipeline.isDebugBuild || index == passes.count - 1 {
        try ScheduleInvariants(next).check(after: pass.name)
      }
      if !pass.isChoice, !next.stages.isEmpty || next.kernels.isEmpty {
        try verifier?.check(next, after: pass.name, isLast: index == last)
      }
      observe(pass, current, next)
      current = next
    }
    return current
  }
}
