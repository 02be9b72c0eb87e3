import Elbow
import Foundation

/// The files of a new package.
struct PackageTemplate {
  /// Where the package gets Elbow from.
  let elbow: String
  let files: [(path: String, text: String)]

  /// - Parameter elbow: A path, relative to where graphc runs, or a URL.
  /// - Throws: `ElbowError` when the name cannot be one of a package, or Elbow is not there.
  init(name: String, elbow: String) throws {
    try PackageTemplate.check(name)
    let isAddress = elbow.contains("://") || elbow.hasPrefix("git@")
    let place = isAddress ? elbow : URL(fileURLWithPath: elbow).standardizedFileURL.path
    guard !place.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      throw ElbowError(.invalidArgument, "The place of Elbow must not have control characters in it.")
    }
    if !isAddress, !FileManager.default.fileExists(atPath: place + "/Package.swift") {
      throw ElbowError(.file, "There is no Swift package at '\(place)', where Elbow should be.")
    }
    self.elbow = place
    files = [
      ("Package.swift", PackageTemplate.manifest(name, place, isAddress: isAddress)),
      ("Sources/\(name)/main.swift", PackageTemplate.program),
      ("README.md", PackageTemplate.readme(name)),
      (".gitignore", ".build/\nruns/\n"),
    ]
  }

  /// Names that a module of the package could not have beside what it imports.
  private static let taken: Set<String> = ["elbow", "foundation", "graphc", "swift", "main"]

  private static func check(_ name: String) throws {
    let isPlain = name.utf8.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 0x2d || $0 == 0x5f
    }
    guard isPlain, name.first?.isLetter == true, name.utf8.count <= 64 else {
      throw ElbowError(
        .invalidArgument,
        "A package cannot be named '\(name)': expected up to 64 letters, digits, '-' and '_', with a letter first.")
    }
    guard !taken.contains(name.lowercased()), !name.hasPrefix("Elbow") else {
      throw ElbowError(.invalidArgument, "A package cannot be named '\(name)', which the modules it uses are called.")
    }
  }

  private static func manifest(_ name: String, _ elbow: String, isAddress: Bool) -> String {
    let source = isAddress ? "url: \(quoted(elbow)), branch: \"main\"" : "path: \(quoted(elbow))"
    var identity = String(elbow.split(separator: "/").last ?? "elbow")
    if identity.hasSuffix(".git") { identity.removeLast(4) }
    return """
      // swift-tools-version: 6.1
      import PackageDescription

      let package = Package(
        name: \(quoted(name)),
        dependencies: [.package(\(source))],
        targets: [
          .executableTarget(name: \(quoted(name)), dependencies: [.product(name: "Elbow", package: \(quoted(identity)))])
        ],
        swiftLanguageModes: [.v6]
      )

      """
  }

  /// A literal of Swift.
  private static func quoted(_ text: String) -> String {
    "\"" + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"") + "\""
  }

  private static func readme(_ name: String) -> String {
    """
    # \(name)

    A variational auto-encoder, made by `graphc new`. The model is in `Sources/\(name)/main.swift`.

        swift run -c release

    compiles it to C and machine code, trains it on the bundled digits, and writes `runs/samples.png` and
    `runs/reconstructions.png`.

    """
  }

  /// The model and its training, `main.swift`.
  static let program = """
    import Elbow
    import Foundation

    // An error ends the program with what it says.
    runProgram {
      // The model: images, a code of 2 numbers for each, and back.
      let graph = Graph()
      let images = graph.placeholder("images", shape: [nil, 28, 28], dtype: .uint8)
      let pixels = images.cast(to: .float32) / 255
      let prior = MultivariateNormalDiag(loc: graph.zeros([2]), scaleDiag: graph.ones([2]))

      let hidden = Dense(100, activation: relu, name: "hidden")(pixels.flattened())
      let posterior = MultivariateNormalDiag(
        loc: Dense(2, name: "mean")(hidden), scaleDiag: Dense(2, activation: softplus, name: "stddev")(hidden))
      let decoder = Sequential {
        Dense(100, activation: relu, name: "decoder_hidden")
        Dense(784, name: "decoder_logits")
        Unflatten([28, 28])
      }
      let likelihood = { (code: Tensor) in Independent(Bernoulli(logits: decoder(code)), reinterpretedBatchNDims: 2) }

      // The loss: minus the evidence lower bound.
      let nll = -likelihood(posterior.sample()).logProb(pixels)
      let kl = posterior.klDivergence(prior)
      let loss = mean(nll + kl)
      let train = Adam(learningRate: 1e-3).minimize(loss)

      // What can be run.
      let code = graph.placeholder("code", shape: [nil, 2])
      let losses: KeyValuePairs = ["loss": loss, "nll": mean(nll), "kl": mean(kl)]
      let model = try Model(
        name: "vae", graph: graph,
        signatures: [
          Signature("train", outputs: losses, updates: train.updates),
          Signature("evaluate", outputs: losses),
          Signature("encode", outputs: ["mean": posterior.mean()]),
          Signature("decode", outputs: ["images": likelihood(code).mean()]),
          Signature("sample", outputs: ["images": likelihood(prior.sample([100])).mean()]),
        ])

      // Compile, train, look.
      let runs = URL(fileURLWithPath: "runs", isDirectory: true)
      let library = try graph.compile(model.name, signatures: model.signatures, to: runs)
      let compiled = try CompiledModel(contentsOf: library, seed: 1)
      let digits = try NamedDatasets.load("digits")
      final class Printer: TrainingCallback {
        func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) {
          let figures = epoch.losses.map { "\\($0.name) \\($0.value)" }.joined(separator: ", ")
          print("epoch \\(epoch.epoch): \\(figures), held-out loss \\(epoch["val_loss"] ?? .nan)")
        }
      }
      _ = try Trainer(model, compiled: compiled).train(
        on: DataPipeline(digits.training, batchSize: 100).shuffled(seed: 1),
        validation: DataPipeline(digits.validation, batchSize: 100), epochs: 20,
        callbacks: [Printer(), HistoryFile(runs.appendingPathComponent("history.csv"))])

      let vae = LatentModel(compiled)
      try ImageSheet(images: vae.sample(count: 100), title: "100 samples")
        .write(to: runs.appendingPathComponent("samples.png"))
      let (originals, reconstructions) = try vae.reconstruct(digits.validation.prefix(20))
      try ImageSheet(originals: originals, reconstructions: reconstructions)
        .write(to: runs.appendingPathComponent("reconstructions.png"))
      try Weights.save(compiled, to: runs.appendingPathComponent("weights.safetensors"))
      print("saved: \\(runs.relativePath)")
    }

    """
}
