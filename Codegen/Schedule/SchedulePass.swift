import ElbowArrays
import ElbowGraph

/// A step of scheduling: it decides one thing, and keeps what the schedule computes.
public struct SchedulePass: Sendable {
  /// The pass's name in `explain` and messages, `fuse-epilogues`.
  public let name: String
  let run: @Sendable (Schedule) throws -> Schedule

  init(_ name: String, _ run: @escaping @Sendable (Schedule) throws -> Schedule) {
    self.name = name
    self.run = run
  }
}

extension SchedulePass {
  static let sliceBatches = SchedulePass("slice-batches") { SliceAssignment($0).assigned() }
  static let assignStages = SchedulePass("assign-stages") { try StageAssignment($0).assigned() }
  static let chooseVectorLoops = SchedulePass("choose-vector-loops") { VectorLoopSelection($0).selected() }
  static let fuseEpilogues = SchedulePass("fuse-epilogues") { EpilogueFusion($0).fused() }
  static let overwriteOperands = SchedulePass("overwrite-operands") { InPlaceAssignment($0).assigned() }
  static let claimParameters = SchedulePass("claim-parameters") { ClaimAssignment($0).assigned() }
  static let fuseNeighbors = SchedulePass("fuse-neighbors") { try HorizontalFusion($0).fused() }
}

/// The passes that make a schedule of a program's kernels.
public struct SchedulePipeline: Sendable {
  public var passes: [SchedulePass]
  /// Whether each pass is checked by a ``ScheduleVerifier``, which takes as long as several runs of a small batch.
  public var isVerified: Bool
  /// The steps of all loops, times operations, from which on nothing is verified.
  public var workLimit: Int

  public init(
    _ passes: [SchedulePass] = SchedulePipeline.standard, isVerified: Bool = false,
    workLimit: Int = ScheduleVerifier.workLimit
  ) {
    self.passes = passes
    self.isVerified = isVerified
    self.workLimit = workLimit
  }

  public static let standard: [SchedulePass] = [
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
    // Last, for the others look at the kernels of each variable.
    .fuseNeighbors,
  ]

  /// The passes by name.
  public static let names = standard.map(\.name)

  /// Those that make a schedule faster or smaller, and can be left out.
  public static let optional = names.filter {
    ![SchedulePass.assignStages, .chooseVectorLoops].map(\.name).contains($0)
  }

  /// The pipeline without some passes, by name.
  public func without(_ names: Set<String>) -> SchedulePipeline {
    var copy = self
    copy.passes.removeAll { names.contains($0.name) }
    return copy
  }

  /// Groups a program's nodes into kernels, and runs all passes.
  ///
  /// - Parameters:
  ///   - program: A program that has been through the passes for programs.
  ///   - observe: Called with each pass and the schedule before and after it.
  /// - Throws: `ElbowError` if the program cannot be scheduled, or a pass is found to change what it computes.
  public func run(
    _ program: Program, observe: (SchedulePass, Schedule, Schedule) -> Void = { _, _, _ in }
  ) throws -> Schedule {
    var current = try Schedule.kernels(of: program, self)
    let verifier = isVerified ? try ScheduleVerifier(current, workLimit: workLimit) : nil
    for (index, pass) in passes.enumerated() {
      let next = try pass.run(current)
      if !next.stages.isEmpty || next.kernels.isEmpty {
        try verifier?.check(next, after: pass.name, isLast: index == passes.count - 1)
      }
      observe(pass, current, next)
      current = next
    }
    return current
  }
}
