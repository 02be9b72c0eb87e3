import Elbow
import Foundation
import Testing

/// `graphc` from the outside: what is printed, which files appear, and how it ends.
@Suite(.serialized) struct GraphcTests {
  private let graphc: Graphc

  init() throws { graphc = try Graphc() }

  @Test func listsExamples() throws {
    let listed = try graphc("examples", "--json")
    #expect(listed.status == 0)
    let entries = try #require(JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [[String: Any]])
    #expect(
      entries.map { $0["name"] as? String } == [
        "bijector-flow", "cs20-bnn", "cs20-classification", "cs20-regression", "cs20-vae", "kmnist-vae",
        "kmnist-vae-mixture", "maf-2d", "realnvp-2d", "tfp-layers-vae",
      ])
    #expect(try graphc("examples").output.contains("variational auto-encoder"))
    let vae = try #require(entries.first { $0["name"] as? String == "cs20-vae" })
    #expect(vae["settings"] as? [String] == ["--latent-dim", "--hidden-units", "--beta"])
  }

  @Test func examplesHaveNumbersToChoose() throws {
    let written = try graphc(
      "examples", "write", "cs20-vae", "vae.json", "--latent-dim", "5", "--hidden-units", "20", "--beta", "0.5")
    #expect(written.status == 0)
    let shown = try graphc("inspect", "vae.json", "--json")
    let encoder = 784 * 20 + 20 + 2 * (20 * 5 + 5)
    let decoder = 5 * 20 + 20 + 20 * 784 + 784
    #expect(try shown.json["parameters"] as? Int == encoder + decoder)
  }

  @Test func emitsFiles() throws {
    let emitted = try graphc("emit", "cs20-regression", "-o", "c", "--json")
    #expect(emitted.status == 0)
    let files = try #require(emitted.json["files"] as? [String])
    #expect(files.contains("cs20_regression.h") && files.contains("cs20_regression.c"))
    for file in files { #expect(graphc.exists("c/\(file)")) }
    let manifest = try JSONSerialization.jsonObject(with: graphc.contents("c/cs20_regression.json"))
    #expect((manifest as? [String: Any])?["name"] as? String == "cs20-regression")
  }

  /// Several models share one copy of what they all include.
  @Test func headersHaveAFolderOfTheirOwn() throws {
    let emitted = try graphc("emit", "cs20-regression", "-o", "c/regression", "--headers", "c/include", "--json")
    #expect(emitted.status == 0)
    let files = try #require(emitted.json["files"] as? [String])
    #expect(files.contains("../include/elbow.h") && files.contains("cs20_regression.h"))
    for file in files { #expect(graphc.exists("c/regression/\(file)")) }
    #expect(!graphc.exists("c/regression/elbow.h"))
    let instructions = String(decoding: try graphc.contents("c/regression/BUILD.txt"), as: UTF8.self)
    #expect(instructions.contains(" -I../include cs20_regression.c "))
    let nameless = try graphc("emit", "cs20-regression", "-o", "d", "--headers", "")
    #expect(nameless.status == 64 && nameless.errors.contains("A folder has a name"))
    let taken = try graphc("emit", "cs20-regression", "-o", "d", "--headers", "c/regression/BUILD.txt")
    #expect(taken.status == 1 && taken.errors.contains("could not be written to"))
    #expect(!graphc.exists("d"))
  }

  @Test func buildsAndRuns() throws {
    let built = try graphc("build", "cs20-regression", "-o", "model.so", "--json")
    #expect(built.status == 0)
    #expect(try built.json["bytes"] as? Int == graphc.contents("model.so").count)
    try graphc.writeArray([Float](repeating: 4, count: 21), shape: [3, 7], to: "x.npy")
    let ran = try graphc("run", "model.so", "predict", "--input", "features=x.npy", "--output", "mean=y.npy", "--json")
    #expect(ran.status == 0, "\(ran.errors)")
    let outputs = try #require(ran.json["outputs"] as? [[String: Any]])
    #expect(outputs.map { $0["shape"] as? [Int] } == [[3, 1], [3, 1]])
    #expect(try graphc.contents("y.npy").count == 128 + 12)
    #expect(try graphc("inspect", "model.so").output.contains("predict(features: float32[n, 7])"))
  }

  @Test func buildsForOneBatchSize() throws {
    #expect(try graphc("build", "cs20-regression", "-o", "three.so", "--batch-size", "3").status == 0)
    #expect(try graphc("inspect", "three.so").output.contains("predict(features: float32[3, 7])"))
    try graphc.writeArray([Float](repeating: 4, count: 21), shape: [3, 7], to: "x.npy")
    #expect(try graphc("run", "three.so", "predict", "--input", "features=x.npy").status == 0)
    try graphc.writeArray([Float](repeating: 4, count: 28), shape: [4, 7], to: "y.npy")
    let other = try graphc("run", "three.so", "predict", "--input", "features=y.npy")
    #expect(other.status != 0 && other.errors.contains("[3, 7]"), "\(other.errors)")
    #expect(try graphc("emit", "cs20-regression", "-o", "c", "--batch-size", "3").status == 0)
    let header = try String(decoding: graphc.contents("c/cs20_regression.h"), as: UTF8.self)
    #expect(header.contains("predict(features: float32[3, 7])"))
    for size in ["0", "-1", "9223372036854775807"] {
      let refused = try graphc("build", "cs20-regression", "-o", "no.so", "--batch-size", size)
      #expect(refused.status != 0 && refused.errors.contains("1,000,000"), "\(refused.errors)")
      #expect(!graphc.exists("no.so"))
    }
  }

  @Test func trains() throws {
    var results: [Double] = []
    for threads in ["1", "2"] {
      let trained = try graphc(
        "train", "cs20-vae", "--epochs", "1", "--limit", "250", "--seed", "3", "--threads", threads, "--output", "run",
        "--overwrite", "--json")
      #expect(trained.status == 0, "\(trained.errors)")
      let summary = try trained.json
      #expect(
        Set(summary.keys)
          == [
            "train_loss", "validation_loss", "train_elbo", "validation_elbo", "step_us", "steps", "seconds", "threads",
            "seed",
          ])
      #expect(summary["steps"] as? Int == 3)
      #expect(trained.errors.contains("loss=total"))
      results.append(try #require(summary["validation_elbo"] as? Double))
    }
    #expect(results[0] == results[1])
    #expect(results[0] < 0 && results[0] > -600)
    #expect(try graphc.contents("run/samples.png").prefix(4) == Data([0x89, 0x50, 0x4e, 0x47]))

    #expect(try graphc("build", "cs20-vae", "-o", "vae.so").status == 0)
    let drawn = try graphc(
      "run", "vae.so", "sample", "--weights", "run/weights.safetensors", "--output", "images=images.npy")
    #expect(drawn.status == 0, "\(drawn.errors)")
    let misfit = try graphc("run", "vae.so", "sample", "--weights", "images.npy")
    #expect(misfit.status == 1)
    #expect(misfit.errors.hasPrefix("error: "))
  }

  @Test func stopsWhenLossesDiverge() throws {
    let trained = try graphc(
      "train", "cs20-regression", "--epochs", "5", "--learning-rate", "1e30", "--output", "run")
    #expect(trained.status == 1)
    #expect(trained.errors.contains("stopped in epoch 1, step "))
    #expect(trained.errors.contains("the last good weights were saved"))
    #expect(try graphc("build", "cs20-regression", "-o", "model.so").status == 0)
    try graphc.writeArray([Float](repeating: 1, count: 7), shape: [1, 7], to: "x.npy")
    let ran = try graphc(
      "run", "model.so", "predict", "--weights", "run/weights.safetensors", "--input", "features=x.npy")
    #expect(ran.status == 0)
    #expect(!ran.output.contains("nan") && !ran.output.contains("inf"))
  }

  /// The first operation that went wrong is named, and the weights are those before its step.
  @Test func checksNumerics() throws {
    let arguments = ["train", "cs20-regression", "--epochs", "2", "--output", "run"]
    let diverged = try graphc.run(arguments + ["--learning-rate", "1e30", "--check-numerics"])
    #expect(diverged.status == 1)
    let first = diverged.errors.split(separator: "\n").first { $0.contains("error: ") } ?? ""
    // The first step leaves weights as large as the learning rate, whose products are too much for the second.
    #expect(
      first.contains(
        "'contraction' of (float32[n, 100], float32[100, 1]) was the first operation of 'train' to make NaN or infinity"
      ), "\(diverged.errors)")
    #expect(diverged.errors.contains("note: training of 'cs20-regression' stopped in epoch 1, step 2"))
    #expect(diverged.errors.contains("note: the last good weights were saved"))
    let tools = try graphc("doctor", "--json").json["checks"] as? [[String: Any]]
    if tools?.first(where: { $0["name"] as? String == "llvm-symbolizer" })?["is_found"] as? Bool == true {
      #expect(first.hasPrefix("ElbowExamples/Regression.swift:"))
    }
    let good = try graphc.run(arguments + ["--check-numerics", "--overwrite", "--json"])
    #expect(good.status == 0, "\(good.errors)")
    let plain = try graphc.run(arguments + ["--overwrite", "--json"])
    #expect(try #require(good.json["train_loss"] as? Double) == plain.json["train_loss"] as? Double)
    // A regression has no evidence lower bound.
    #expect(try plain.json["train_elbo"] is NSNull && !plain.errors.contains("ELBO"))
  }

  @Test func explainsAndInspects() throws {
    let passes = try graphc("explain", "cs20-regression", "--signature", "predict", "--stage", "passes")
    #expect(passes.output.contains("// fold-constants (unchanged)"))
    for stage in ["built", "eliminate-dead-nodes", "kernels", "schedule-passes", "schedule", "memory", "c"] {
      let explained = try graphc("explain", "cs20-regression", "--signature", "predict", "--stage", stage)
      #expect(explained.status == 0 && !explained.output.isEmpty, "\(stage)")
    }
    #expect(try graphc("explain", "cs20-regression", "--stage", "fuse").errors.contains("There is no stage 'fuse'"))
    let inspected = try graphc("inspect", "cs20-regression", "--json").json
    #expect(inspected["parameters"] as? Int == 7 * 100 + 100 + 100 + 1)
    #expect(try graphc("inspect", "cs20-regression", "--dot").output.hasPrefix("digraph "))
  }

  /// The whole way from graph to C: each pass with what it makes, or that it changes nothing.
  @Test func explainsTheWholeWay() throws {
    let explain = ["explain", "cs20-vae", "--signature", "train"]
    let all = try graphc.run(explain + ["--stage", "all"]).output
    let titles = all.split(separator: "\n").filter { $0.hasPrefix("// ") }.map { line in
      String(line.dropFirst(3).prefix { $0.isLowercase || $0 == "-" })
    }
    var expected = ["built", "kernels", "memory", "c"] + SchedulePipeline.names
    expected.insert(contentsOf: Pipeline.standard.map(\.name), at: 1)
    #expect(titles.sorted() == expected.sorted())
    #expect(all.contains("cs20_vae_train__kernels2.c: part of the model"))
    let fused = try graphc.run(explain + ["--stage", "fuse-epilogues"]).output
    #expect(fused.hasPrefix("// before fuse-epilogues\n") && fused.contains("\n// after fuse-epilogues\n"))
    #expect(fused.matches(of: /each tile finished by/).count > 1)
    let plain = try graphc.run(explain + ["--stage", "schedule", "--without", "fuse-epilogues"]).output
    #expect(!plain.contains("each tile finished by"))
    #expect(
      try graphc.run(explain + ["--without", "assign-stages"]).errors.contains("that can be left out; these can: "))
  }

  @Test func explainsCosts() throws {
    let schedule = try graphc("explain", "cs20-regression", "--signature", "train", "--stage", "schedule").output
    let running = schedule.matches(of: #/\n +k(\d+): /#).compactMap { Int($0.output.1) }
    let explained = try graphc("explain", "cs20-regression", "--batch-size", "50")
    #expect(explained.status == 0, "\(explained.errors)")
    let listed = explained.output.matches(of: #/\nk(\d+) +\S+ +\d+ +/#).compactMap { Int($0.output.1) }
    #expect(listed == running && !running.isEmpty)
    #expect(explained.output.contains("not in tiles: reduces over the batch"))
    #expect(explained.output.contains("memory: "))
    #expect(!explained.output.contains("measured us"))
  }

  @Test func measuresKernels() throws {
    let measured = try graphc("explain", "cs20-regression", "--measure", "--duration", "0.05", "--json")
    #expect(measured.status == 0, "\(measured.errors)")
    let kernels = try #require(try measured.json["kernels"] as? [[String: Any]])
    #expect(Set(kernels.compactMap { $0["number"] as? Int }).count == kernels.count && !kernels.isEmpty)
    for kernel in kernels {
      #expect(try #require(kernel["measured_us"] as? Double) > 0, "\(kernel)")
      #expect(try #require(kernel["predicted_us"] as? Double) > 0, "\(kernel)")
    }
    let product = try #require(kernels.first { ($0["operations"] as? [String])?.contains("contraction") == true })
    #expect(try #require(product["flops"] as? Double) >= 2 * 100 * 7 * 100)
  }

  @Test func tunes() throws {
    let tuned = try graphc("tune", "cs20-regression", "--threads", "1", "--duration", "0.02", "--json")
    #expect(tuned.status == 0, "\(tuned.errors)")
    let candidates = try #require(try tuned.json["candidates"] as? [[String: Any]])
    #expect(candidates.count > 2)
    #expect(candidates.filter { $0["is_chosen"] as? Bool == true }.count == 1)
    let rows = candidates.compactMap { $0["tile_rows"] as? Int }
    #expect(Set(rows).count == rows.count && rows.allSatisfy { (1...100).contains($0) })
    let file = try #require(try tuned.json["remembered"] as? String)
    #expect(FileManager.default.fileExists(atPath: file))

    try Data("no JSON".utf8).write(to: URL(fileURLWithPath: file))
    let built = try graphc("build", "cs20-regression", "-o", "model.so")
    #expect(built.status == 0 && built.errors.contains("warning: The file '\(file)' with measured choices is ignored"))
    #expect(try graphc("tune", "cs20-regression", "--forget", "--json").json["forgot"] as? Bool == true)
    #expect(try graphc("tune", "cs20-regression", "--forget", "--json").json["forgot"] as? Bool == false)
    #expect(try graphc("build", "cs20-regression", "-o", "model.so").errors.isEmpty)
  }

  @Test func verifies() throws {
    let verified = try graphc("verify", "cs20-regression", "--json")
    #expect(verified.status == 0, "\(verified.output)")
    #expect(try verified.json["is_good"] as? Bool == true)
  }

  @Test func measures() throws {
    let measured = try graphc("bench", "cs20-regression", "--threads", "1", "--duration", "0.01", "--json")
    #expect(measured.status == 0, "\(measured.errors)")
    let signatures = try #require(measured.json["signatures"] as? [[String: Any]])
    #expect(signatures.map { $0["name"] as? String } == ["train", "predict"])
    #expect(try #require(measured.json["peak_gflops"] as? Double) > 1)
  }

  @Test func findsItsTools() throws {
    let checked = try graphc("doctor", "--json")
    #expect(checked.status == 0, "\(checked.output)")
    let missing = try graphc("doctor", "--cc", "no-such-compiler")
    #expect(missing.status == 1)
    #expect(missing.output.contains("apt-get install clang"))
  }
}
