import ArgumentParser
import Elbow
import ElbowExamples
import Foundation

/// The model that a subcommand works on.
struct GraphOptions: ParsableArguments {
  @Argument(help: "A built-in model's name, or the path of a saved graph; - reads one from standard input.")
  var graph: String

  @OptionGroup(title: "Built-in models")
  var settings: SettingsOptions

  func load() throws -> Model { try ModelSource.load(graph, settings.settings) }
}

/// Numbers of built-in models; `graphc examples` says which has which. Whatever is done with a trained model needs those that it was
/// trained with.
struct SettingsOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: ArgumentHelp("The dimensions of the latent space.", valueName: "n"))
  var latentDim: Int?

  @Option(parsing: .unconditional, help: ArgumentHelp("The components of a learned prior.", valueName: "n"))
  var components: Int?

  @Option(parsing: .unconditional, help: ArgumentHelp("The size of the hidden layers.", valueName: "n"))
  var hiddenUnits: Int?

  @Option(parsing: .unconditional, help: ArgumentHelp("The weight of the divergence.", valueName: "number"))
  var beta: Double?

  var settings: ExampleSettings {
    ExampleSettings(latentDim: latentDim, components: components, hiddenUnits: hiddenUnits, beta: beta)
  }
}

/// How C becomes machine code.
struct ToolchainOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The C compiler; by default $CC, clang, cc or gcc.", valueName: "command"))
  var cc: String?

  @Option(
    help: ArgumentHelp(
      "The CPU to compile for, as the compiler's -march takes it; by default what the target says.", valueName: "cpu"))
  var march: String?

  @Option(
    help: ArgumentHelp(
      "What multiplies matrices: emitted kernels; direct, the same without convolutions that take fewer multiplications "
        + "than they have products; or openBLAS.", valueName: "backend"))
  var contractions = ContractionBackend.emitted

  /// For this machine.
  var build: BuildOptions { build(for: .native) }

  func build(for target: Target) -> BuildOptions {
    BuildOptions(compiler: cc, target: target, architecture: march, contractions: contractions)
  }
}

extension ContractionBackend: ExpressibleByArgument {}

extension Target: ExpressibleByArgument {
  public init?(argument: String) {
    guard let target = Target.named(argument) else { return nil }
    self = target
  }
  public var defaultValueDescription: String { name }
  public static var allValueStrings: [String] { all.map(\.name) }
}

/// The size of the batches and how many threads share the work.
struct ComputeOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "The examples in a batch; by default what the model says.")
  var batchSize: Int?

  @Option(
    parsing: .unconditional,
    help: "How many threads share the work; 0 for one per core. Results do not depend on it.")
  var threads = 0

  func validate() throws {
    if let batchSize, batchSize < 1 {
      throw ValidationError("A batch needs at least 1 example, not \(batchSize).")
    }
    guard (0...1024).contains(threads) else {
      throw ValidationError("The number of threads is from 0 to 1024, not \(threads).")
    }
  }

  /// The examples in a batch of a model.
  func batchSize(of model: Model) -> Int { batchSize ?? model.batchSize }

  /// How many threads 0 stands for.
  var threadCount: Int { threads == 0 ? ProcessInfo.processInfo.activeProcessorCount : threads }
}

/// The one size of batch that code is made for.
struct FixedBatchOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Compile for batches of exactly so many examples, which can be faster; by default for any size.",
      valueName: "examples"))
  var batchSize: Int?

  func validate() throws {
    if let batchSize, !(1...1_000_000).contains(batchSize) {
      throw ValidationError("A fixed batch has from 1 to 1,000,000 examples, not \(batchSize).")
    }
  }

  /// The numbers for the sizes that a model's shapes leave open.
  func specialization(of model: Model) throws -> [String: Int] {
    guard let batchSize else { return [:] }
    return try model.signatures.reduce(into: [:]) { sizes, signature in
      for symbol in try model.graph.program(signature).symbols { sizes[symbol] = batchSize }
    }
  }
}

/// `NAME=FILE` on the command line.
struct NamedFile: ExpressibleByArgument {
  let name: String
  let file: String

  init?(argument: String) {
    guard let separator = argument.firstIndex(of: "=") else { return nil }
    name = String(argument[..<separator])
    file = String(argument[argument.index(after: separator)...])
    guard !name.isEmpty, !file.isEmpty else { return nil }
  }
}

extension URL {
  /// A file to be read, which an argument names: `-` is standard input.
  init(input argument: String) { self.init(fileURLWithPath: argument == "-" ? "/dev/stdin" : argument) }

  /// A file to be written, which an argument names: `-` is standard output.
  init(output argument: String) { self.init(fileURLWithPath: argument == "-" ? "/dev/stdout" : argument) }
}
