import Elbow
import Foundation

/// How long the kernels of a signature take in a profiling build, on one thread.
struct KernelProfile {
  /// Seconds a run, by the kernel's number.
  let seconds: [Double]

  /// Compiles a signature with timers and runs it on random inputs.
  static func measure(
    _ signature: Signature, of model: Model, batchSize: Int, duration: Double, _ options: BuildOptions
  ) throws -> KernelProfile {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("graphc-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    var options = options
    options.isProfiled = true
    let library = try ModelCompiler(name: model.name, options: options).compile(model.graph, [signature], to: folder)
    let compiled = try CompiledModel(contentsOf: library, seed: 1, threads: 1)
    let prepared = try compiled.prepare(signature.name)
    let table = try Table(library, function: prepared.signature.function)
    var inputs = SyntheticInputs(seed: 1)
    let feeds = try prepared.ordered(inputs.feeds(model.graph.program(signature), batchSize: batchSize))
    var outputs: [HostArray] = []
    for _ in 0..<3 { try prepared.run(feeds, into: &outputs) }
    let before = table.values
    var runs = 0
    let end = ContinuousClock.now + .seconds(duration)
    while runs < 5 || (ContinuousClock.now < end && runs < 1_000_000) {
      try prepared.run(feeds, into: &outputs)
      runs += 1
    }
    return KernelProfile(seconds: zip(table.values, before).map { ($0 - $1) / Double(runs) })
  }

  /// The times that a library adds up; it stays loaded until the process ends.
  private struct Table {
    private let start: UnsafePointer<Double>
    private let count: Int

    init(_ library: URL, function: String) throws {
      guard let handle = dlopen(library.path, RTLD_NOW | RTLD_LOCAL),
        let count = dlsym(handle, "\(function)__profile_count"),
        let seconds = dlsym(handle, "\(function)__profile_seconds")
      else { throw ElbowError(.library, "The library '\(library.path)' has no times of its kernels.") }
      self.count = Int(UnsafeRawPointer(count).load(as: Int64.self))
      start = UnsafeRawPointer(seconds).assumingMemoryBound(to: Double.self)
    }

    var values: [Double] { Array(UnsafeBufferPointer(start: start, count: count)) }
  }
}
