import Elbow
import Foundation
import Testing

@testable import graphc

/// Products of a trained model: pictures, figures, files.
@Suite(.serialized) struct TrainedModelTests {
  private let graphc: Graphc

  init() throws { graphc = try Graphc() }

  private static let png = Data([0x89, 0x50, 0x4e, 0x47])

  private func train(_ more: String...) throws -> Graphc.Outcome {
    try graphc.run(["train", "cs20-vae", "--epochs", "2", "--limit", "150", "--seed", "3", "--json"] + more)
  }

  @Test func picturesAreDrawn() throws {
    #expect(try train().status == 0)
    for (command, file, count) in [
      ("sample", "samples.png", 100), ("reconstruct", "reconstructions.png", 20),
      ("latent-grid", "latent-grid.png", 400),
      ("latent-scatter", "latent-scatter.png", 500),
    ] {
      let drawn = try graphc(command, "cs20-vae", "--json")
      #expect(drawn.status == 0, "\(drawn.errors)")
      #expect(try drawn.json["count"] as? Int == count)
      #expect(try drawn.json["file"] as? String == "runs/cs20-vae/\(file)")
      #expect(try graphc.contents("runs/cs20-vae/\(file)").prefix(4) == Self.png)
    }
    #expect(try graphc("sample", "cs20-vae", "--count", "7", "-o", "few.npy").status == 0)
    let numbers = try graphc.contents("few.npy")
    #expect(numbers.count == 128 + 7 * 28 * 28 * 4)
    #expect(try graphc("sample", "cs20-vae", "--count", "7", "-o", "same.npy").status == 0)
    #expect(try graphc.contents("same.npy") == numbers)
    #expect(try graphc("sample", "cs20-vae", "--count", "7", "--seed", "1", "-o", "other.npy").status == 0)
    #expect(try graphc.contents("other.npy") != numbers)
    #expect(
      try graphc("latent-grid", "cs20-vae", "-o", "no-such-folder/x.png").errors.hasPrefix("error: Cannot write "))
  }

  @Test func densitiesAreDrawn() throws {
    let trained = try graphc("train", "bijector-flow", "--epochs", "2")
    #expect(trained.output.contains("runs/bijector-flow/density.png"), "\(trained.errors)")
    for (points, count) in [("data", 12), ("samples", 12), ("none", 0)] {
      let drawn = try graphc("density", "bijector-flow", "--points", points, "--count", "12", "-o", "d.png", "--json")
      #expect(drawn.status == 0, "\(drawn.errors)")
      #expect(try drawn.json["count"] as? Int == count)
      #expect(try graphc.contents("d.png").prefix(4) == Self.png)
    }
    #expect(try graphc("sample", "bijector-flow", "--count", "7").status == 0)
    #expect(try graphc.contents("runs/bijector-flow/samples.png").prefix(4) == Self.png)
    #expect(try graphc("sample", "bijector-flow", "--count", "7", "-o", "few.npy").status == 0)
    #expect(try graphc.contents("few.npy").count == 128 + 7 * 2 * 4)
    #expect(try graphc("density", "bijector-flow", "--data", "digits").errors.contains("no column 'points'"))
  }

  @Test func uncertaintyIsDrawn() throws {
    let trained = try graphc("train", "cs20-bnn", "--epochs", "4", "--seed", "1")
    #expect(trained.output.contains("runs/cs20-bnn/uncertainty.png"), "\(trained.errors)")
    #expect(try graphc.contents("runs/cs20-bnn/uncertainty.png").prefix(4) == Self.png)
    let drawn = try graphc("uncertainty", "cs20-bnn", "--draws", "30", "--columns", "3", "-o", "u.png", "--json")
    #expect(drawn.status == 0, "\(drawn.errors)")
    #expect(try graphc.contents("u.png").prefix(4) == Self.png)
    let (figures, entropy) = try (drawn.json, #require(drawn.json["entropy"] as? Double))
    #expect(figures["examples"] as? Int == 500 && figures["draws"] as? Int == 30)
    let information = try #require(figures["information"] as? Double)
    #expect(information > 0 && information < entropy)
    // Uncertainty means something: what the model is less certain of, it gets wrong more often.
    let (certain, uncertain) = (figures["certain_half_accuracy"], figures["uncertain_half_accuracy"])
    #expect(try #require(certain as? Double) > #require(uncertain as? Double) + 0.1)
    let single = try graphc("uncertainty", "cs20-bnn", "--draws", "1", "--limit", "1", "-o", "u.png")
    #expect(single.status == 0 && single.output.contains("  accuracy  ") && !single.output.contains("nan"))
    try graphc.writeArray([Float](repeating: 0, count: 784), shape: [1, 28, 28], to: "one.npy")
    let none = try graphc("uncertainty", "cs20-bnn", "--data", "one.npy")
    #expect(none.status == 1 && none.errors == "error: The data set one.npy has no held-out examples.\n")
    // Weights that are not random leave nothing to draw.
    #expect(try graphc("train", "cs20-classification", "--epochs", "1").status == 0)
    #expect(!graphc.exists("runs/cs20-classification/uncertainty.png"))
    let certainModel = try graphc("uncertainty", "cs20-classification")
    #expect(certainModel.status == 1 && certainModel.errors.contains("gives 'probs' of shape [n, classes] that differ"))
  }

  @Test func boundsAreComputed() throws {
    let trained = try train()
    let plain = try graphc("evaluate", "cs20-vae", "--limit", "150", "--json").json
    let losses = try #require(plain["losses"] as? [String: Double])
    #expect(Set(losses.keys) == ["loss", "nll", "kl"] && plain["examples"] as? Int == 150)
    #expect(plain["importance_bound"] == nil)
    let sampled = try #require(try trained.json["validation_elbo"] as? Double)
    #expect(abs(try #require(plain["elbo"] as? Double) - sampled) < 5)
    let bound = try graphc("evaluate", "cs20-vae", "--limit", "150", "--samples", "20", "--json").json
    let elbo = try #require(bound["sampled_elbo"] as? Double)
    #expect(abs(elbo - sampled) < 5)
    #expect(try #require(bound["importance_bound"] as? Double) > elbo)
    #expect(try #require(bound["standard_error"] as? Double) > 0)
    #expect(try graphc("evaluate", "cs20-vae", "--samples", "2").output.contains("importance-weighted bound, K = 2"))
    #expect(
      try graphc("evaluate", "cs20-vae", "--training", "--limit", "120", "--json").json["examples"] as? Int == 120)
  }

  @Test func weightsAreExported() throws {
    _ = try train()
    let exported = try graphc("export", "cs20-vae", "-o", "w.npz", "--json")
    #expect(exported.status == 0, "\(exported.errors)")
    #expect(try exported.json["elements"] as? Int == 158_388 && exported.json["variables"] as? Int == 10)
    #expect(try graphc.contents("w.npz").prefix(2) == Data("PK".utf8))
    let again = try graphc("export", "cs20-vae", "-o", "w.npz")
    #expect(again.status == 1 && again.errors == "error: The file 'w.npz' is there already; --force replaces it.\n")
    #expect(
      try graphc("export", "cs20-vae", "-o", "w.npz", "--force", "--all", "--json").json["variables"] as? Int == 31)
    // Exported weights are used in place of those that training saved, without the optimiser's memory too.
    #expect(try graphc("export", "cs20-vae", "-o", "w.safetensors").status == 0)
    #expect(try graphc("export", "cs20-vae", "-o", "w.npz", "--force").status == 0)
    let evaluated = try graphc("evaluate", "cs20-vae", "--limit", "20")
    #expect(try graphc("build", "cs20-vae", "-o", "vae.so").status == 0)
    try graphc.writeArray([0.5, -1], shape: [1, 2], to: "code.npy")
    for file in ["w.safetensors", "w.npz"] {
      let again = try graphc("evaluate", "cs20-vae", "--limit", "20", "--weights", file)
      #expect(again.status == 0 && again.output == evaluated.output, "\(again.errors)")
      let ran = try graphc(
        "run", "vae.so", "decode", "--weights", file, "--input", "code=code.npy", "--output", "images=\(file).npy")
      #expect(ran.status == 0, "\(ran.errors)")
    }
    #expect(try graphc.contents("w.npz.npy") == graphc.contents("w.safetensors.npy"))
    // A state exported whole can be used in place of the one that training saved.
    #expect(try graphc("export", "cs20-vae", "-o", "all.safetensors", "--all").status == 0)
    #expect(try graphc("sample", "cs20-vae", "-o", "a.npy").status == 0)
    #expect(try graphc("sample", "cs20-vae", "--weights", "all.safetensors", "-o", "b.npy").status == 0)
    #expect(try graphc.contents("a.npy") == graphc.contents("b.npy"))
    #expect(try graphc("export", "cs20-vae", "-o", "missing/w.npz").errors.hasPrefix("error: Cannot write "))
    #expect(try graphc("sample", "cs20-regression", "--weights", "all.safetensors").status == 1)
    let misfit = try graphc("evaluate", "cs20-bnn", "--weights", "all.safetensors")
    #expect(misfit.status == 1 && misfit.errors.contains("does not fit the model 'cs20-bnn'"))
  }

  /// Files may not become larger than a bound, as on a disk that is full: what there was is whole, and nothing is lost.
  @Test func aFullDiskLosesNothing() throws {
    func train(_ epochs: Int, to folder: String, _ more: [String] = [], largestFile: Int? = nil) throws
      -> Graphc.Outcome
    {
      try graphc.run(
        ["train", "cs20-bnn", "--epochs", "\(epochs)", "--limit", "300", "--output", folder] + more,
        largestFile: largestFile)
    }
    func files() throws -> [String: Data] {
      let names = try FileManager.default.subpathsOfDirectory(atPath: graphc.path("run"))
      return try names.filter { $0.hasSuffix(".safetensors") || $0.hasSuffix(".tmp") }
        .reduce(into: [:]) { $0[$1] = try graphc.contents("run/\($1)") }
    }
    #expect(try train(1, to: "run").status == 0)
    let before = try files()
    #expect(before.count == 3)
    let full = try train(3, to: "run", ["--resume"], largestFile: 100_000)
    #expect(full.status == 1)
    let lines = full.errors.split(separator: "\n")
    #expect(lines.filter { $0.contains("error: ") }.count == 1, "\(full.errors)")
    let complaint = try #require(lines.first { $0.hasPrefix("error: ") })
    #expect(complaint.hasPrefix("error: Cannot write "))
    #expect(complaint.contains("checkpoints/best.safetensors: File too large after "))
    #expect(lines.last == "  note: the same command with --resume goes on after step 3")
    #expect(try files() == before)
    let resumed = try train(3, to: "run", ["--resume"])
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try train(3, to: "whole").status == 0)
    #expect(try graphc.contents("run/weights.safetensors") == graphc.contents("whole/weights.safetensors"))
  }

  @Test func trainingLeavesItsHistory() throws {
    let trained = try train("--tensorboard", "events", "--history", "history.json")
    #expect(trained.status == 0, "\(trained.errors)")
    let history = try JSONSerialization.jsonObject(with: graphc.contents("history.json")) as? [[String: Double]]
    #expect(history?.map { $0["epoch"] } == [1, 2])
    #expect(history?.last?["val_loss"] != nil)
    #expect(try graphc.contents("runs/cs20-vae/losses.png").prefix(4) == Self.png)
    let events = try FileManager.default.contentsOfDirectory(atPath: graphc.path("events/training"))
    #expect(events.count == 1)
    // Not a terminal: a heading and a line for each epoch, and nothing is written over.
    let lines = trained.errors.split(separator: "\n").filter { $0.hasPrefix("    ") || $0.hasPrefix("epoch") }
    #expect(lines.count == 3 && lines[0].contains("examples/s") && !trained.errors.contains("\r"))
  }

  @Test func latentSpacesHaveToBePlanes() throws {
    let graph = Graph()
    let (x, code) = (graph.placeholder("images", shape: [nil, 1, 3]), graph.placeholder("code", shape: [nil, 3]))
    let model = try Model(
      name: "deep", graph: graph, dataset: "digits",
      signatures: [
        Signature("encode", outputs: ["mean": x.flattened()]),
        Signature("decode", outputs: ["images": code.reshaped([-1, 1, 3])]),
      ])
    try SavedModel.write(model, to: graphc.folder.file("deep.json"))
    for (command, picture) in [("latent-grid", "a latent grid"), ("latent-scatter", "a scatter plot")] {
      let refused = try graphc(command, "deep.json")
      #expect(refused.status == 1)
      #expect(
        refused.errors
          == "error: The latent space of 'deep' has 3 dimensions, but \(picture) needs one of 2 dimensions.\n"
          + "  note: 'graphc sample' and 'graphc reconstruct' show a latent space of any number of dimensions\n")
    }
  }
}
