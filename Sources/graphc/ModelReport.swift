import Elbow
import ElbowConsole

/// The report of `graphc inspect` on a model.
struct ModelReport: Encodable {
  struct Value: Encodable {
    let name: String
    let type: String
  }
  struct PassReport: Encodable {
    let name: String
    let nodesBefore: Int
    let nodesAfter: Int
  }
  struct SignatureReport: Encodable {
    let name: String
    let inputs: [Value]
    let outputs: [Value]
    let updatedVariables: Int
    let passes: [PassReport]
    let nodes: Int
    let kernels: Int
    let stages: Int
    let flops: Int
    let contractionFlops: Int
    let arenaBytes: Int
    let tileBytesPerRow: Int
  }

  let name: String
  let dataset: String?
  let parameters: Int
  let stateBytes: Int
  let batchSize: Int
  let variables: [Value]
  let signatures: [SignatureReport]

  init(_ model: Model, batchSize: Int) throws {
    name = model.name
    dataset = model.dataset
    parameters = model.parameterCount
    stateBytes = try StateLayout(model.graph.variables).byteCount
    self.batchSize = batchSize
    variables = model.graph.variables.map { Value(name: $0.name, type: "\($0.type)") }
    signatures = try model.signatures.map { try ModelReport.report($0, in: model, batchSize) }
  }

  private static func report(_ signature: Signature, in model: Model, _ batchSize: Int) throws -> SignatureReport {
    let program = try model.graph.program(signature)
    var passes: [PassReport] = []
    let final = try Pipeline().run(program) { pass, before, after in
      passes.append(PassReport(name: pass.name, nodesBefore: before.nodes.count, nodesAfter: after.nodes.count))
    }
    let schedule = try SchedulePipeline().run(final)
    let size = Extents(program, batchSize: batchSize)
    func bytes(_ slots: [MemoryPlan.Slot]) -> Int {
      slots.reduce(0) { $0 + ($1.byteCounts.map { size.value($0) }.max() ?? 0) }
    }
    return SignatureReport(
      name: signature.name, inputs: final.inputs.map { Value(name: $0.name, type: "\($0.type)") },
      outputs: final.outputs.map { Value(name: $0.name, type: "\(final.type($0.node))") },
      updatedVariables: final.updates.count, passes: passes, nodes: final.nodes.count, kernels: schedule.kernels.count,
      stages: schedule.stages.count, flops: size.value(schedule.work),
      contractionFlops: size.value(schedule.contractionWork),
      arenaBytes: bytes(schedule.memory.arena),
      tileBytesPerRow: schedule.memory.tiles.map { bytes($0.slots) }.max() ?? 0)
  }

  var text: String {
    var lines = [
      "\(name): \(parameters.grouped) parameters, state of \(stateBytes.grouped) bytes"
        + (dataset.map { ", trains on \($0)" } ?? ""),
      Console.table(variables.map { ["  \($0.name)", $0.type] }),
    ]
    for signature in signatures {
      let inputs = signature.inputs.map { "\($0.name): \($0.type)" }.joined(separator: ", ")
      let outputs = signature.outputs.map { "\($0.name): \($0.type)" }.joined(separator: ", ")
      lines.append("\n\(signature.name)(\(inputs)) -> (\(outputs))")
      if signature.updatedVariables > 0 { lines.append("  updates \(signature.updatedVariables) variables") }
      for pass in signature.passes {
        let change = pass.nodesBefore == pass.nodesAfter ? "" : " -> \(pass.nodesAfter)"
        lines.append("  \(pass.name): \(pass.nodesBefore)\(change) nodes")
      }
      lines.append("  \(signature.kernels) kernels in \(signature.stages) stages")
      lines.append(
        "  at batch \(batchSize): \(signature.flops.grouped) FLOPs, \(signature.contractionFlops.grouped) of them in "
          + "contractions; \(signature.arenaBytes.grouped) bytes of memory and "
          + "\(signature.tileBytesPerRow.grouped) a row of a tile")
    }
    return lines.joined(separator: "\n")
  }
}

/// Symbols and their extents in an estimate: all the batch size.
struct Extents {
  let symbols: [String: Int]

  init(_ program: Program, batchSize: Int) {
    symbols = Dictionary(program.symbols.map { ($0, batchSize) }) { first, _ in first }
  }

  func value(_ dimension: Dimension) -> Int { dimension.evaluated(with: symbols) ?? 0 }
}

extension Schedule {
  /// The floating-point operations of the contractions of a run.
  var contractionWork: Dimension {
    kernels.reduce(Dimension(0)) { total, kernel in
      guard case .contraction = kernel.body else { return total }
      return total + kernel.loops.reduce(Dimension(2)) { $0 * $1.extent }
    }
  }
}
