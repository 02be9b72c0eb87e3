import Elbow
import Foundation
import TestFolders
import Testing

/// The same seed gives the same bits, whatever the number of threads, the compiler, how much it optimises, the rows of a tile,
/// and the processor: a training step that meets every way of adding numbers up, by all of them.
@Suite("The same bits")
struct SameBitsTests {
  /// One way to make and run a program.
  struct Build: CustomTestStringConvertible, Sendable {
    var compiler: String
    var optimization = 1
    var target: Target
    var tileRows: Int?
    var runner: String?

    var testDescription: String {
      "\(compiler) -O\(optimization) for \(target.name)" + (tileRows.map { ", tiles of \($0) rows" } ?? "")
    }

    /// Whether this machine can make it and run it.
    var isHere: Bool {
      let runsHere = runner.map { RunningProcess.find($0) != nil } ?? target.isRunnableHere
      return RunningProcess.find(compiler) != nil && runsHere
    }
  }

  private static let builds: [Build] = [
    Build(compiler: "clang", optimization: 3, target: .native),
    Build(compiler: "clang", optimization: 0, target: .native, tileRows: 8),
    Build(compiler: "clang", optimization: 2, target: .x86v3),
    Build(compiler: "gcc", optimization: 1, target: .x86v4, tileRows: 3),
    Build(compiler: "gcc", optimization: 3, target: .x86v3, tileRows: 17),
    Build(compiler: "aarch64-linux-gnu-gcc", target: .aarch64, runner: "qemu-aarch64"),
  ].filter(\.isHere)

  private static let batch = 37

  /// Dense layers with few and with many columns, a convolution by Winograd's algorithm with its gradients over slices of the
  /// batch, reductions over every kind of axis, and functions of both widths.
  private static func model() -> (graph: Graph, train: Signature) {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28, 28], dtype: .uint8)
    let pixels = images.cast(to: .float32) / 255
    var features = pixels.reshaped([-1, 28, 28, 1])
    features = Conv2D(32, kernelSize: 5, strides: 2, padding: .same, activation: tanh)(features)
    features = Conv2D(32, kernelSize: 3, padding: .same, activation: softplus)(features)
    let pooled = mean(features, axes: [1, 2])
    let hidden = Dense(303, activation: sigmoid)(features.reshaped([-1, 14 * 14 * 32]))
    let logits = Dense(10)(hidden) + Dense(10)(pooled)
    let scales = softplus(Dense(3)(hidden)).cast(to: .float64) + 0.5
    let wide = lgamma(scales) + log(scales) * exp(-scales) + erf(scales) + pow(scales, 1.5)
    let energy = logSumExp(logits, axes: [1]) + log1p(hidden * hidden).sum(axes: [1])
    let loss =
      mean(energy) + mean(wide).cast(to: .float32) + mean(hidden * hidden, axes: [0, 1])
      - mean(maximum(logits, -logits))
    let train = Adam(learningRate: 1e-3).minimize(loss)
    return (graph, Signature("train", outputs: ["loss": loss], updates: train.updates))
  }

  @Test func allBuildsAgree() throws {
    try #require(Self.builds.count >= 2)
    let (graph, train) = Self.model()
    var first: (build: Build, printed: String)?
    for build in Self.builds {
      try withTemporaryFolder { folder in
        let program = try Self.make(build, graph, train, in: folder)
        for threads in build.runner == nil ? [1, 2, 3, 5] : [2] {
          let printed = try Self.run(build, program, threads: threads)
          if let first {
            #expect(
              printed == first.printed, "\(build.testDescription), \(threads) threads; \(first.build.testDescription)")
          } else {
            first = (build, printed)
          }
        }
      }
    }
  }

  private static func make(_ build: Build, _ graph: Graph, _ train: Signature, in folder: URL) throws -> URL {
    var options = BuildOptions(compiler: build.compiler, target: build.target, optimization: build.optimization)
    options.tileRows = build.tileRows
    let compiler = ModelCompiler(name: "same-bits", options: options)
    let library = try compiler.emit(graph, [train])
    for file in library.sources + library.headers {
      try Data(file.text.utf8).write(to: folder.appendingPathComponent(file.name))
    }
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let output = folder.appendingPathComponent("bits")
    let defines = [
      "-DMODEL=same_bits", "-DMODEL_HEADER=\"same_bits.h\"", "-DSTATE_BYTES=SAME_BITS_STATE_BYTE_COUNT",
      "-DFEEDS_IMAGES", "-DINPUTS=\(try graph.program(train).inputs.count)", "-DOUTPUTS=1",
    ]
    let sources = library.sources.map { folder.appendingPathComponent($0.name).path }
    let arguments =
      // The headers say it themselves, for those who build with flags of their own.
      options.programFlags.filter { $0 != "-ffp-contract=off" } + defines + ["-I", folder.path, "-I", tests.path]
      + sources
      + [tests.appendingPathComponent("bits.c").path, "-o", output.path, "-lm", "-lpthread"]
      + (build.runner == nil ? [] : ["-static"])
    let path = try #require(RunningProcess.find(build.compiler))
    let (status, text) = try RunningProcess(path, arguments).finish()
    try #require(status == 0, "\(build.testDescription): \(text.suffix(2000))")
    return output
  }

  private static func run(_ build: Build, _ program: URL, threads: Int) throws -> String {
    let arguments = ["\(threads)", "\(batch)", "2"]
    let process =
      try build.runner.map { runner in
        try RunningProcess(try #require(RunningProcess.find(runner)), [program.path] + arguments)
      } ?? RunningProcess(program, arguments)
    let (status, output) = process.finish()
    try #require(status == 0, "\(build.testDescription): \(output.suffix(500))")
    return output
  }
}
