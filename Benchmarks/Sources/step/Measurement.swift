import Elbow
import Foundation

/// Compiles a workload, runs it, and says how long it took.
struct Measurement {
  let workload: Workload
  let arguments: Arguments

  /// What is printed, one line of JSON.
  struct Report: Encodable {
    var workload: String
    var task: String
    var batch: Int
    var threads: Int
    var medianUs: Double
    var min: Double
    var max: Double
    /// Three times the forward pass, as most benchmarks count a training step.
    var gflops: Double
    /// Without the gradient of the first layer's input, which nobody computes.
    var gflopsNeeded: Double
    var repetitions: Int
    var stepsPerRepetition: Int
    var parameters: Int
    var compileSeconds: Double?
    var libraryBytes: Int
    var peakRssKb: Int
    var dataKb: Int
    var loss: Double?
  }

  private var isInference: Bool { arguments.inferenceBatch != nil }
  private var batch: Int { arguments.inferenceBatch ?? workload.batch }

  func run() throws -> Report {
    guard let signature = isInference ? workload.infer : workload.train else {
      throw ElbowError(.invalidArgument, "The workload '\(workload.name)' has no inference to measure.")
    }
    let (library, compileSeconds) = try compile(signature)
    defer { if arguments.keep == nil && arguments.library == nil { remove(library.deletingLastPathComponent()) } }
    let size = try FileManager.default.attributesOfItem(atPath: library.path)[.size] as? NSNumber
    let model = try CompiledModel(contentsOf: library, seed: 42, threads: arguments.threads)
    let prepared = try model.prepare(signature.name)
    let data = try workload.data(batch: batch)
    let inputs: [[HostArray?]] = try data.map { try prepared.ordered($0) }

    let whole = isLooped ? try prepared.ordered(joined(data)) : []
    var outputs: [HostArray] = []
    var step = 0
    func run(_ count: Int) throws -> Double {
      let start = ContinuousClock.now
      var done = 0
      while done < count {
        if isLooped {
          // All batches in one call, as the peers' scanned modes have it.
          let steps = Swift.min(inputs.count, count - done)
          outputs = try prepared.runSteps(whole, batchSize: batch, count: steps)
          done += steps
        } else {
          try prepared.run(inputs[step % inputs.count], into: &outputs)
          (step, done) = (step + 1, done + 1)
        }
      }
      let time = (ContinuousClock.now - start).components
      return Double(time.seconds) + Double(time.attoseconds) * 1e-18
    }
    // Warm up for at least 0.3 seconds, and estimate.
    _ = try run(1)
    var (count, time) = (1, try run(1))
    while time < 0.3 {
      count *= 2
      time = try run(count)
    }
    let steps = Swift.max(50, Int((arguments.seconds * Double(count) / time).rounded(.up)))
    let times = try (0..<arguments.repetitions).map { _ in try run(steps) / Double(steps) * 1e6 }.sorted()
    let median = (times[(times.count - 1) / 2] + times[times.count / 2]) / 2
    let flops = Double(workload.forwardFlops * batch * (isInference ? 1 : 3))
    let needless = isInference ? 0 : Double(workload.needlessFlops * batch)
    return Report(
      workload: workload.name, task: isInference ? "infer" : "train", batch: batch, threads: arguments.threads,
      medianUs: rounded(median), min: rounded(times[0]), max: rounded(times[times.count - 1]),
      gflops: rounded(flops / median / 1e3), gflopsNeeded: rounded((flops - needless) / median / 1e3),
      repetitions: times.count, stepsPerRepetition: steps,
      parameters: parameterCount, compileSeconds: compileSeconds.map(rounded), libraryBytes: size?.intValue ?? 0,
      peakRssKb: peakMemory(), dataKb: data.flatMap(\.values).reduce(0) { $0 + $1.bytes.count } / 1024,
      loss: isInference ? nil : outputs.first?.doubles.first)
  }

  /// The library, and the seconds from graph to library.
  private func compile(_ signature: Signature) throws -> (URL, Double?) {
    if let library = arguments.library { return (URL(fileURLWithPath: library), nil) }
    let folder =
      arguments.keep.map { URL(fileURLWithPath: $0).appendingPathComponent(workload.name) }
      ?? FileManager.default.temporaryDirectory.appendingPathComponent("elbow-step-\(UUID().uuidString)")
    let name = workload.name.replacingOccurrences(of: "_", with: "-")
    let compiler = ModelCompiler(name: name, specialization: arguments.isSpecialized ? ["n": batch] : [:])
    let start = ContinuousClock.now
    let library = try compiler.compile(workload.graph, [signature], to: folder)
    let time = (ContinuousClock.now - start).components
    return (library, Double(time.seconds) + Double(time.attoseconds) * 1e-18)
  }

  /// Whether steps run in a loop of the library's own.
  private var isLooped: Bool { !isInference && !arguments.isSpecialized }

  /// The batches as one data set.
  private func joined(_ batches: [[String: HostArray]]) throws -> [String: HostArray] {
    var result: [String: HostArray] = [:]
    for (name, first) in batches.first ?? [:] {
      result[name] = try HostArray(
        dtype: first.dtype, shape: [batches.count * first.shape[0]] + first.shape.dropFirst(),
        bytes: batches.flatMap { $0[name]?.bytes ?? [] })
    }
    return result
  }

  private func remove(_ folder: URL) { try? FileManager.default.removeItem(at: folder) }

  /// One training step as a user's program has it: a graph, a session, the cache on disk.
  func firstStep() throws {
    let session = try Session(workload.graph, seed: 42, threads: arguments.threads)
    let feeds = try workload.data(batch: workload.batch)[0]
    let loss = try session.run(workload.train, feeding: feeds)["loss"]?.doubles.first ?? .nan
    FileHandle.standardOutput.write(Data("first step, loss \(loss)\n".utf8))
  }

  private var parameterCount: Int {
    workload.graph.variables.filter { $0.role == .parameter }
      .reduce(0) { $0 + ($1.type.shape.extents ?? []).reduce(1, *) }
  }

  /// The largest memory that the process has had, as Linux counts it; 0 elsewhere.
  private func peakMemory() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
  }

  private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
