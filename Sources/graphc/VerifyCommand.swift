import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc verify`: whether compiled code computes what the graph means.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compare compiled code with the reference evaluator, and gradients with differences.",
    discussion: """
      Every signature runs on random inputs, compiled and by the reference evaluator, which computes in float64 what the \
      graph declares as float32. Each element has a bound of its own, which follows from how far rounding errors, drawn \
      at random, carry the element; shown is the largest error in units of its bound, so that above 1 is wrong. Integers \
      have to be equal wherever rounding cannot change them. The gradients of the training loss are compared with central \
      differences of the loss, both in float64, along the gradient and along random parts of it, and may differ by \
      \(GradientCheck.tolerance * 100) %. Ends with 1 on failure.
      """)

  @OptionGroup var source: GraphOptions
  @Option(parsing: .unconditional, help: "The examples in a batch; the reference evaluator is slow.")
  var batchSize = 3
  @Option(help: "Of the weights and inputs.") var seed: UInt64 = 1
  @OptionGroup var passes: PassOptions
  @OptionGroup var toolchain: ToolchainOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard batchSize >= 1 else { throw ValidationError("A batch needs at least 1 example, not \(batchSize).") }
  }

  struct Finding: Encodable {
    let signature: String
    let value: String
    let error: Double
    let isGood: Bool
    /// The mistake, in words.
    var detail: String?
  }
  private struct Report: Encodable {
    let model: String
    let isGood: Bool
    let findings: [Finding]
  }

  func run() throws {
    let model = try source.load()
    let compiled = try CompiledModel(
      contentsOf: CompiledLibrary.make(model, toolchain.build, passes: passes), seed: seed, threads: 0)
    let checker = ModelCheck(model: model, compiled: compiled, batchSize: batchSize, seed: seed)
    var findings: [Finding] = []
    for signature in model.signatures {
      Console.report("checking \(signature.name)")
      _ = try SchedulePipeline(isVerified: true, workLimit: 20_000_000).run(
        Pipeline().run(model.graph.program(signature)))
      findings += try checker.compare(signature)
    }
    if let loss = (model.train ?? model.evaluate) {
      Console.report("checking gradients")
      compiled.randomState = .init(seed: seed)
      try compiled.initialize(seed: seed)
      findings += try GradientCheck(
        model: model, signature: loss, state: checker.state(), batchSize: batchSize, seed: seed
      ).findings()
    }
    let report = Report(model: model.name, isGood: findings.allSatisfy(\.isGood), findings: findings)
    let rows = findings.map { [$0.signature, $0.value, String(format: "%.1e", $0.error), $0.isGood ? "ok" : "WRONG"] }
    let details = findings.compactMap { finding in
      finding.detail.map { "\(finding.signature) \(finding.value): \($0)\n" }
    }
    let verdict =
      report.isGood ? "all is well" : "\(findings.filter { !$0.isGood }.count) of \(findings.count) are wrong"
    try format.print(
      report,
      text: Console.table([["signature", "value", "error", ""]] + rows)
        + "\n\(details.joined())\(model.name): \(verdict)")
    if !report.isGood { throw ExitCode.failure }
  }
}
