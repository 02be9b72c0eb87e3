import Elbow
import ElbowConsole

/// The report of `graphc explain` without a stage: the kernels and what each costs, memory, tiles.
struct CostReport: Encodable {
  struct Kernel: Encodable {
    let number: Int
    /// The name of its result, after which its function in C is called.
    let result: String
    let stage: Int
    let operations: [String]
    /// How a convolution takes fewer multiplications than it has products; null if it does not.
    let algorithm: String?
    let lines: [String]
    let flops: Double
    let bytes: Double
    let intensity: Double
    /// Null where the machine could not be measured.
    let predictedUs: Double?
    let measuredUs: Double?
    /// The predicted time in the measured one.
    let rooflineShare: Double?
  }
  struct Memory: Encodable {
    let arenaBytes: Double
    let scratchBytesPerThread: Double
    let stateBytes: Int
  }

  let model: String
  let signature: String
  let batchSize: Int
  let roofline: Roofline?
  let kernels: [Kernel]
  let memory: Memory
  let tasks: [TilingReport]
  let epilogues: [EpilogueReport]

  init(
    _ model: String, _ signature: String, batchSize: Int, _ analysis: ScheduleAnalysis, _ roofline: Roofline?,
    _ profile: KernelProfile?
  ) {
    self.model = model
    self.signature = signature
    self.batchSize = batchSize
    self.roofline = roofline
    kernels = analysis.kernels.map { kernel in
      let predicted = roofline?.seconds(
        flops: kernel.cost.performedFlops, bytes: kernel.cost.bytes, workingSet: kernel.workingSet)
      let measured = profile.flatMap { kernel.number < $0.seconds.count ? $0.seconds[kernel.number] : nil }
      let share = predicted.flatMap { predicted in measured.flatMap { $0 > 0 ? predicted / $0 : nil } }
      return Kernel(
        number: kernel.number, result: kernel.name, stage: kernel.stage, operations: kernel.operations,
        algorithm: kernel.algorithm,
        lines: kernel.places,
        flops: kernel.cost.flops, bytes: kernel.cost.bytes, intensity: kernel.cost.intensity,
        predictedUs: predicted.map { $0 * 1e6 }, measuredUs: measured.map { $0 * 1e6 }, rooflineShare: share)
    }
    memory = Memory(
      arenaBytes: analysis.arenaBytes, scratchBytesPerThread: analysis.scratchBytes, stateBytes: analysis.stateBytes)
    tasks = analysis.tasks
    epilogues = analysis.epilogues
  }

  var text: String {
    [[heading], [table], memoryLines, taskLines, epilogueLines].filter { !$0.isEmpty }
      .map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
  }

  private var heading: String {
    var text = "\(model), \(signature), batch \(batchSize), one thread: \(kernels.count) kernels"
    if let roofline {
      let levels = roofline.levels.map {
        "\(($0.bytesPerSecond / 1e9).fixed(0)) GB/s up to \(CostReport.size($0.byteCount))"
      }
      text += "\nFMA peak \((roofline.flopsPerSecond / 1e9).fixed(0)) GFLOP/s; copies \(levels.joined(separator: ", "))"
    }
    return text
  }

  // MARK: Kernels

  private var table: String {
    let isMeasured = kernels.contains { $0.measuredUs != nil }
    let isPredicted = kernels.contains { $0.predictedUs != nil }
    var head = ["kernel", "result", "stage", "operations", "FLOPs", "bytes", "FLOP/byte"]
    if isPredicted { head.append("predicted us") }
    if isMeasured { head.append("measured us") }
    if isMeasured && isPredicted { head.append("of roofline") }
    head.append("lines")
    let rows = kernels.map { kernel in
      var row = [
        "k\(kernel.number)", kernel.result, "\(kernel.stage)",
        CostReport.short(kernel.operations) + (kernel.algorithm.map { " \($0)" } ?? ""),
        CostReport.count(kernel.flops),
        CostReport.count(kernel.bytes), kernel.intensity.fixed(2),
      ]
      if isPredicted { row.append((kernel.predictedUs ?? .nan).fixed(1)) }
      if isMeasured { row.append((kernel.measuredUs ?? .nan).fixed(1)) }
      if isMeasured && isPredicted { row.append(((kernel.rooflineShare ?? 0) * 100).fixed(0) + "%") }
      row.append(CostReport.short(kernel.lines, limit: 3))
      return row
    }
    let total = totalRow(isPredicted: isPredicted, isMeasured: isMeasured)
    return Console.table([head] + rows + [total], left: [0, 1, 3, head.count - 1])
  }

  private func totalRow(isPredicted: Bool, isMeasured: Bool) -> [String] {
    func sum(_ value: (Kernel) -> Double?) -> Double { kernels.reduce(0) { $0 + (value($1) ?? 0) } }
    let (flops, bytes) = (sum(\.flops), sum(\.bytes))
    let (predicted, measured) = (sum(\.predictedUs), sum(\.measuredUs))
    let intensity = bytes > 0 ? flops / bytes : 0
    var row = ["all", "", "", "", CostReport.count(flops), CostReport.count(bytes), intensity.fixed(2)]
    if isPredicted { row.append(predicted.fixed(1)) }
    if isMeasured { row.append(measured.fixed(1)) }
    if isMeasured && isPredicted { row.append((measured > 0 ? predicted / measured * 100 : 0).fixed(0) + "%") }
    return row
  }

  private static func short(_ words: [String], limit: Int = 4) -> String {
    words.prefix(limit).joined(separator: ", ") + (words.count > limit ? ", +\(words.count - limit)" : "")
  }

  private static func count(_ value: Double) -> String {
    value < 1e15 ? Int(value).grouped : String(format: "%.3e", value)
  }

  private static func size(_ bytes: Double) -> String {
    bytes < 1_048_576 ? "\((bytes / 1024).fixed(0)) KiB" : String(format: "%g MiB", bytes / 1_048_576)
  }

  // MARK: Memory, tiles, epilogues

  private var memoryLines: [String] {
    [
      "memory: \(CostReport.count(memory.arenaBytes)) bytes for whole arrays, "
        + "\(CostReport.count(memory.scratchBytesPerThread)) scratch of a thread, "
        + "\(memory.stateBytes.grouped) of state"
    ]
  }

  /// A line for the tasks of a stage that are alike.
  private var taskLines: [String] {
    var groups: [(stage: Int, text: String, kernels: [Int])] = []
    for task in tasks {
      let text = describe(task)
      if let at = groups.firstIndex(where: { $0.stage == task.stage && $0.text == text }) {
        groups[at].kernels += task.kernels
      } else {
        groups.append((task.stage, text, task.kernels))
      }
    }
    return groups.map { group in
      "stage \(group.stage), \(group.kernels.map { "k\($0)" }.joined(separator: " ")): \(group.text)"
    }
  }

  private func describe(_ task: TilingReport) -> String {
    guard let rows = task.tileRows else { return "not in tiles: \(task.obstacle?.rawValue ?? "nothing to cut")" }
    return "in tiles of up to \(rows) rows of \(task.extent ?? "the batch")"
      + (task.isSliced ? ", slice by slice" : "") + (task.separation.map { "; \($0.rawValue)" } ?? "")
  }

  private var epilogueLines: [String] {
    epilogues.map { "k\($0.map) does not finish the tiles of k\($0.contraction): \($0.obstacle.rawValue)" }
  }
}
