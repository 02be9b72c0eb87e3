import Foundation
import Testing

/// One case a mistake: the arguments, how it ends, and part of what is said.
@Suite(.serialized) struct MistakeTests {
  private let graphc: Graphc

  init() throws { graphc = try Graphc() }

  struct Mistake: CustomTestStringConvertible, Sendable {
    let arguments: [String]
    let status: Int32
    let message: String
    var testDescription: String { arguments.joined(separator: " ") }

    init(_ arguments: String, _ status: Int32, _ message: String) {
      self.arguments = arguments.split(separator: " ").map(String.init)
      self.status = status
      self.message = message
    }
  }

  static let mistakes = [
    Mistake(
      "emit no-such-model -o c", 1,
      "error: There is no example named 'no-such-model', and no file at that path; the examples are bijector-flow, "),
    Mistake(
      "emit cs20-bnn --latent-dim 3 -o c", 1,
      "error: The example 'cs20-bnn' has no 'latent-dim' to choose; it has none."),
    Mistake(
      "emit cs20-vae --components 3 -o c", 1,
      "error: The example 'cs20-vae' has no 'components' to choose; it has 'latent-dim', 'hidden-units', 'beta'."),
    Mistake("emit cs20-vae --latent-dim 0 -o c", 1, "error: 'latent-dim' is from 1 to 100,000, not 0."),
    Mistake("emit cs20-vae --beta -1 -o c", 1, "error: 'beta' is a number of at least 0, not -1.0."),
    Mistake("emit cs20-regression -o /dev/null/c", 1, "error: The C code could not be written to '/dev/null/c'"),
    Mistake("emit cs20-regression -o c --target vax", 64, "The value 'vax' is invalid for '--target <target>'"),
    Mistake("emit cs20-regression", 64, "Missing expected argument '--output <folder>'"),
    Mistake("build cs20-regression -o missing/model.so", 1, "error: Cannot write "),
    Mistake(
      "build cs20-regression -o m.so --cc no-such-cc", 1, "error: No C compiler was found: looked for 'no-such-cc'"),
    Mistake(
      "build cs20-regression -o m.so --target riscv64 --cc no-such-cc", 1,
      "error: No C compiler on this machine builds for riscv64."),
    Mistake("train cs20-regression --batch-size 0", 64, "A batch needs at least 1 example, not 0."),
    Mistake("train cs20-regression --epochs 0", 64, "Training takes at least 1 epoch, not 0."),
    Mistake("train cs20-regression --learning-rate -1", 64, "A learning rate is a positive number"),
    Mistake("train cs20-regression --data digits", 1, "error: The model takes 'features' (float32[n, 7])"),
    Mistake(
      "train cs20-vae --data-dir no-such-folder", 1,
      "no-such-folder' to look for the data set digits in."),
    Mistake(
      "train cs20-vae --resume --overwrite", 64, "--resume goes on with what --overwrite would replace; choose one."),
    Mistake("train cs20-vae --data no-such-data", 1, "error: There is no data set and no file 'no-such-data'"),
    Mistake(
      "train cs20-vae --output /dev/null/run", 1, "error: The folder '/dev/null/run' cannot be made: Not a directory."),
    Mistake("run missing.so predict", 1, "error: "),
    Mistake("run missing.so predict --input x", 64, "The value 'x' is invalid"),
    Mistake("inspect missing.so", 1, "error: "),
    Mistake(
      "inspect cs20-vae --dot --signature nope", 1, "error: The model 'cs20-vae' has no signature 'nope'; it has train,"
    ),
    Mistake("explain cs20-vae --stage nope", 1, "error: There is no stage 'nope'; the stages are built,"),
    Mistake("explain cs20-vae --batch-size 0", 64, "A batch needs at least 1 example, not 0."),
    Mistake("explain cs20-vae --stage c --measure", 64, "A stage has nothing to measure"),
    Mistake("tune cs20-vae --duration 0", 64, "The duration is more than 0 and at most 3600 seconds, not 0.0."),
    Mistake("verify", 64, "Missing expected argument '<graph>'"),
    Mistake("bench cs20-vae --threads -1", 64, "The number of threads is from 0 to 1024, not -1."),
    Mistake("sample cs20-vae", 1, "error: There are no weights at 'runs/cs20-vae/weights.safetensors'."),
    Mistake("sample no-such-model", 1, "error: There is no example named 'no-such-model'"),
    Mistake("sample cs20-vae --count 0", 64, "From 1 to 10000 samples can be drawn, not 0."),
    Mistake("sample cs20-vae --columns -1", 64, "A sheet has at least 1 column, not -1."),
    Mistake(
      "sample cs20-bnn", 1,
      "error: The model 'cs20-bnn' has no signature 'sample', which draws images; it has train, evaluate, predict."),
    Mistake("reconstruct cs20-bnn", 1, "error: The model 'cs20-bnn' has no signature 'encode'"),
    Mistake("reconstruct cs20-vae --count 0", 64, "From 1 to 10000 examples can be reconstructed, not 0."),
    Mistake("reconstruct cs20-vae --weights missing", 1, "error: There are no weights at 'missing'."),
    Mistake("latent-grid cs20-bnn", 1, "error: The model 'cs20-bnn' has no signature 'decode'"),
    Mistake(
      "latent-grid tfp-layers-vae", 1,
      "note: 'graphc sample' and 'graphc reconstruct' show a latent space of any number of dimensions"),
    Mistake("latent-grid cs20-vae --size 1", 64, "A latent grid has from 2 to 100 images a side, not 1."),
    Mistake("latent-scatter cs20-classification", 1, "has no signature 'encode', which gives the codes of examples"),
    Mistake("density cs20-vae", 1, "has no signature 'log_prob', which gives the density of points"),
    Mistake("density bijector-flow --count 0", 64, "From 1 to 100000 points can be drawn, not 0."),
    Mistake("density bijector-flow --points dots", 64, "'dots' is invalid"),
    Mistake("uncertainty cs20-vae", 1, "has no signature 'predict', which gives the probabilities of classes"),
    Mistake("uncertainty cs20-bnn --draws 0", 64, "Weights are drawn from 1 to 100000 times, not 0."),
    Mistake("uncertainty cs20-bnn --columns 0", 64, "A row has from 1 to 50 images, not 0."),
    Mistake("evaluate cs20-bnn --samples 3", 1, "error: The model 'cs20-bnn' has no signature 'importance'"),
    Mistake("evaluate cs20-vae --samples -3", 64, "The number of draws is at least 0, not -3."),
    Mistake(
      "export cs20-vae -o weights.txt", 64, "The file's name ends in .npz or .safetensors, or is -, not 'weights.txt'."),
    Mistake("export cs20-vae -o weights.npz", 1, "error: There are no weights at "),
    Mistake("new 3x", 1, "error: A package cannot be named '3x': expected up to 64 letters, digits, '-' and '_'"),
    Mistake("new x --elbow /no/such/folder", 1, "error: There is no Swift package at '/no/such/folder'"),
    Mistake("train cs20-vae --history h.txt", 64, "The name of a history file ends in .csv or .json, not 'h.txt'."),
    Mistake(
      "train cs20-vae --history missing/h.csv", 1, "missing/h.csv: its folder is not there, or cannot be written to."),
    Mistake("train cs20-vae --tensorboard /dev/null/x", 1, "error: The event file '/dev/null/x/training/events."),
    Mistake("no-such-command", 64, "Unexpected argument 'no-such-command'"),
  ]

  @Test(arguments: mistakes) func isExplained(_ mistake: Mistake) throws {
    let outcome = try graphc.run(mistake.arguments)
    #expect(outcome.status == mistake.status)
    #expect(outcome.errors.contains(mistake.message), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test func emptyDataIsRefused() throws {
    try graphc.writeArray([], shape: [0, 7], to: "features.npy")
    let outcome = try graphc("train", "cs20-regression", "--data", "features.npy")
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasSuffix("error: The data set features.npy has no examples to make batches of.\n"))
    #expect(!outcome.errors.contains("all are one batch"))
  }

  @Test func dataOfAnotherShapeIsRefused() throws {
    try graphc.writeArray([Float](repeating: 1, count: 200), shape: [20, 10], to: "images.npy")
    let outcome = try graphc("train", "cs20-vae", "--data", "images.npy")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains(
        "error: The model takes 'images' as uint8[n, 28, 28], but the data set's column is float32[n, 10]."))
  }
}
