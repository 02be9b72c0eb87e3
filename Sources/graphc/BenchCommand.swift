import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc bench`: how fast a compiled model is.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure a training step and each inference signature.",
    discussion: """
      Inputs are random. GFLOP/s count the contractions alone, and are compared with the fused multiply-adds that as \
      many threads reach on registers. The library is compiled anew, for its time.
      """)

  @OptionGroup var source: GraphOptions
  @OptionGroup var compute: ComputeOptions
  @Option(help: ArgumentHelp("How long each signature is run.", valueName: "seconds"))
  var duration = 1.0
  @OptionGroup var toolchain: ToolchainOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard duration > 0, duration <= 3600 else {
      throw ValidationError("The duration is more than 0 and at most 3600 seconds, not \(duration).")
    }
  }

  private struct Timing: Encodable {
    let name: String
    let medianUs: Double
    let runs: Int
    let contractionFlops: Int
    let gflops: Double
    let peakShare: Double
  }
  private struct Report: Encodable {
    let model: String
    let batchSize: Int
    let threads: Int
    let compileSeconds: Double
    let libraryBytes: Int
    let peakGflops: Double
    let signatures: [Timing]
  }

  func run() throws {
    let model = try source.load()
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("graphc-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let compiler = try ModelCompiler(name: model.name, options: toolchain.build)
      .tuned(for: model.signatures.map { try model.graph.program($0) }, in: ArtifactCache.standard())
    let (library, seconds) = try timed { try compiler.compile(model.graph, model.signatures, to: folder) }
    let compiled = try CompiledModel(contentsOf: library, seed: 1, threads: compute.threads)
    let peak = try FMAPeak.measure(threads: compute.threadCount, toolchain.build)
    var timings: [Timing] = []
    for signature in model.signatures where signature.role != .evaluate {
      Console.report("running \(signature.name)")
      timings.append(try measure(signature, model, compiled, peak))
    }
    let report = Report(
      model: model.name, batchSize: compute.batchSize(of: model), threads: compute.threadCount, compileSeconds: seconds,
      libraryBytes: try CompiledLibrary.contents(of: library).count, peakGflops: peak, signatures: timings)
    try format.print(report, text: text(report))
  }

  private func measure(
    _ signature: Signature, _ model: Model, _ compiled: CompiledModel, _ peak: Double
  ) throws -> Timing {
    let program = try model.graph.program(signature)
    var inputs = SyntheticInputs(seed: 1)
    let prepared = try compiled.prepare(signature.name)
    let feeds = try prepared.ordered(inputs.feeds(program, batchSize: compute.batchSize(of: model)))
    var outputs: [HostArray] = []
    for _ in 0..<3 { try prepared.run(feeds, into: &outputs) }
    var times: [Double] = []
    let end = ContinuousClock.now + .seconds(duration)
    while times.count < 5 || (ContinuousClock.now < end && times.count < 1_000_000) {
      times.append(try timed { try prepared.run(feeds, into: &outputs) }.seconds)
    }
    let median = times.sorted()[times.count / 2]
    let work = try SchedulePipeline().run(Pipeline().run(program)).contractionWork
    let flops = Extents(program, batchSize: compute.batchSize(of: model)).value(work)
    let rate = Double(flops) / median / 1e9
    return Timing(
      name: signature.name, medianUs: median * 1e6, runs: times.count, contractionFlops: flops, gflops: rate,
      peakShare: rate / peak)
  }

  private func text(_ report: Report) -> String {
    let head = ["signature", "median us", "runs", "GFLOP/s", "of peak"]
    let rows = report.signatures.map {
      [$0.name, $0.medianUs.fixed(1), $0.runs.grouped, $0.gflops.fixed(1), ($0.peakShare * 100).fixed(0) + "%"]
    }
    return [
      "\(report.model), batch \(report.batchSize), \(report.threads) threads: compiled in "
        + "\(report.compileSeconds.fixed(2)) s to \(report.libraryBytes.grouped) bytes; FMA peak "
        + "\(report.peakGflops.fixed(0)) GFLOP/s",
      Console.table([head] + rows),
    ].joined(separator: "\n")
  }
}
