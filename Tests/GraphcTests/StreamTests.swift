import Elbow
import Foundation
import Testing

/// `-` for standard input and output, where a file is read or written whole.
@Suite(.serialized) struct StreamTests {
  private let graphc: Graphc

  init() throws { graphc = try Graphc() }

  /// Two hundred cars that do not exist, of seven figures each; the number of miles comes first.
  private var table: String {
    var text = "labels,a,b,c,d,e,f,g\n"
    for row in 0..<200 {
      text += "\(20 + row % 7)"
      for column in 3..<10 { text += ",\(row * column % 11)" }
      text += "\n"
    }
    return text
  }

  @Test func dataFromAPipe() throws {
    func train(_ data: String, _ input: Data?) throws -> Double? {
      let outcome = try graphc.run(
        ["train", "cs20-regression", "--data", data, "--epochs", "1", "--overwrite", "--json"], input: input)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try outcome.json["validation_loss"] as? Double
    }
    let text = Data(table.utf8)
    try text.write(to: graphc.folder.file("cars.csv"))
    let expected = try #require(try train("cars.csv", nil))
    for name in ["-", "/dev/stdin", "/dev/fd/0"] { #expect(try train(name, text) == expected, "\(name)") }
    // The same as two arrays by their names.
    let cells = try CSV.decode([UInt8](text)).array().floats
    var (labels, features): ([Float], [Float]) = ([], [])
    for row in 0..<200 {
      labels.append(cells[row * 8])
      features += cells[row * 8 + 1..<row * 8 + 8]
    }
    let archive = try NPZ.encode([
      ("labels", HostArray(labels, shape: [200, 1])), ("features", HostArray(features, shape: [200, 7])),
    ])
    #expect(try train("-", Data(archive)) == expected)
  }

  @Test func graphsThroughPipes() throws {
    let written = try graphc("examples", "write", "cs20-regression", "-")
    #expect(written.status == 0 && written.errors == "-: cs20-regression\n")
    try written.outputBytes.write(to: graphc.folder.file("graph.json"))
    let piped = try graphc.run(["inspect", "-"], input: written.outputBytes)
    #expect(piped.status == 0, "\(piped.errors)")
    #expect(try piped.output == graphc("inspect", "graph.json").output)
    #expect(try graphc.run(["inspect", "-"], input: Data("{".utf8)).status == 1)
  }

  /// Longer than a pipe holds.
  @Test func arraysThroughPipes() throws {
    #expect(try graphc("build", "cs20-vae", "-o", "vae.so").status == 0)
    let count = 4000
    let numbers: [Float] = (0..<2 * count).map { Float($0 % 17) / 8 - 1 }
    let codes = try HostArray(numbers, shape: [count, 2])
    try NPY.write(codes, to: graphc.folder.file("code.npy"))
    let base = ["run", "vae.so", "decode"]
    #expect(try graphc.run(base + ["-i", "code=code.npy", "-o", "images=images.npy"]).status == 0)
    let piped = try graphc.run(base + ["-i", "code=-", "-o", "images=-", "--json"], input: Data(NPY.encode(codes)))
    #expect(piped.status == 0)
    #expect(try piped.outputBytes == graphc.contents("images.npy"))
    #expect(piped.errors.contains("\"file\":\"/dev/stdout\""), "\(piped.errors)")
  }

  @Test func weightsAndPictures() throws {
    #expect(
      try graphc("train", "cs20-vae", "--epochs", "1", "--limit", "100", "--output", "run").status == 0)
    let weights = ["--weights", "run/weights.safetensors"]
    let exported = try graphc.run(["export", "cs20-vae", "-o", "-"] + weights)
    #expect(exported.status == 0 && exported.errors.hasPrefix("-: 10 variables of cs20-vae"), "\(exported.errors)")
    let archive = try graphc.run(["export", "cs20-vae", "-o", "w.npz"] + weights)
    #expect(archive.status == 0)
    let expected = try graphc.run(["sample", "cs20-vae", "-o", "samples.png"] + weights)
    #expect(expected.status == 0)
    for input in [exported.outputBytes, try graphc.contents("w.npz")] {
      let drawn = try graphc.run(["sample", "cs20-vae", "--weights", "-", "-o", "-"], input: input)
      #expect(drawn.status == 0, "\(drawn.errors)")
      #expect(try drawn.outputBytes == graphc.contents("samples.png"))
      #expect(drawn.errors.contains("100 samples of cs20-vae"))
    }
  }

  @Test func whatCannotBeRead() throws {
    let empty = try graphc.run(["train", "cs20-regression", "--data", "-"], input: Data())
    #expect(empty.status == 1)
    #expect(
      empty.errors.contains("error: The stream /dev/stdin is empty: nothing was written to it, or it was read before"))
    let twice = try graphc.run(
      ["train", "-", "--data", "-"], input: graphc("examples", "write", "cs20-regression", "-").outputBytes)
    #expect(twice.status == 1 && twice.errors.contains("or it was read before"), "\(twice.errors)")
    let bytes = try graphc.run(["train", "cs20-regression", "--data", "-"], input: Data([1, 0, 2]))
    #expect(bytes.status == 1 && bytes.errors.contains("/dev/stdin has an unknown format"), "\(bytes.errors)")
    let big = try graphc.run(["inspect", "-"], input: Data(count: GraphFile.sizeLimit + 1))
    #expect(big.status == 1)
    #expect(
      big.errors.contains("has more than the \(GraphFile.sizeLimit) bytes that are read at most"), "\(big.errors)")
  }

  @Test func outputThatCannotBeWritten() throws {
    for (place, reason) in [(Graphc.Destination.full, "No space left on device"), (.closed, "Broken pipe")] {
      let outcome = try graphc.run(["examples", "write", "cs20-regression", "-"], output: place)
      #expect(outcome.status == 1)
      #expect(outcome.errors.hasPrefix("error: Cannot write /dev/stdout: \(reason) after 0 of "), "\(outcome.errors)")
    }
  }
}
