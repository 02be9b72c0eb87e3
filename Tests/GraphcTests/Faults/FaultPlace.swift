import Elbow
import Foundation
import Testing

@testable import graphc

/// A folder with all that `graphc` reads and writes in it, its cache and temporary files too: a small model that is built and
/// trained, and what it was trained on.
struct FaultPlace {
  let graphc: Graphc

  /// Where everything lies; what the test itself writes lies beside it.
  var disk: URL { graphc.folder.url.appendingPathComponent("disk", isDirectory: true) }
  private var whole: URL { graphc.folder.url.appendingPathComponent("whole", isDirectory: true) }

  init() throws {
    graphc = try Graphc()
    for folder in ["cache", "temporary"] {
      try FileManager.default.createDirectory(
        at: disk.appendingPathComponent(folder), withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    }
    try SavedModel.write(FaultPlace.model(), to: disk.appendingPathComponent("toy.json"))
    let rows = (0..<40).map { "\(Double($0 % 7) - 3),\(Double($0 % 5) / 4),\(Double($0 % 3))\n" }
    try Data(("y,a,b\n" + rows.joined()).utf8).write(to: disk.appendingPathComponent("data.csv"))
    try graphc.writeArray([1, 2, 3, 4], shape: [2, 2], to: "disk/x.npy")
    for command in [
      FaultPlace.train + ["--epochs", "2", "--output", "disk/run"], ["build", "disk/toy.json", "-o", "disk/toy.so"],
      ["export", "disk/toy.json", "--weights", "disk/run/weights.safetensors", "-o", "disk/w.npz"],
    ] {
      let outcome = try run(command)
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
  }

  /// Training without an end.
  static let train = [
    "train", "disk/toy.json", "--data", "disk/data.csv", "--batch-size", "6", "--threads", "2", "--json",
  ]

  private static func model() throws -> Model {
    let graph = Graph()
    let (x, y) = (graph.placeholder("x", shape: [nil, 2]), graph.placeholder("y", shape: [nil]))
    let noise = 0.1 * graph.randomNormal([x.shape[0], 2])
    let output = Dense(1)(Dense(4, activation: tanh)(x + noise)).sum(axes: [1])
    let loss = mean((output - y) * (output - y))
    return try Model(
      name: "toy", graph: graph,
      signatures: [
        Signature("train", outputs: ["loss": loss], updates: Adam(learningRate: 0.01).minimize(loss).updates),
        Signature("evaluate", outputs: ["loss": loss]), Signature("predict", outputs: ["y": output]),
      ])
  }

  /// Runs `graphc` with its cache and temporary files on the disk.
  func run(
    _ arguments: [String], environment: [String: String] = [:], disturbedBy disturbance: Graphc.Disturbance? = nil
  ) throws -> Graphc.Outcome {
    let own = [
      "XDG_CACHE_HOME": disk.appendingPathComponent("cache").path,
      "TMPDIR": disk.appendingPathComponent("temporary").path,
    ]
    return try graphc.run(arguments, environment: own.merging(environment) { $1 }, disturbedBy: disturbance)
  }

  /// Keeps what is on the disk, for ``restore()``.
  func keep() throws {
    try? FileManager.default.removeItem(at: whole)
    try FileManager.default.copyItem(at: disk, to: whole)
  }

  /// Puts the disk back to what was kept.
  func restore() throws {
    try FileManager.default.removeItem(at: disk)
    try FileManager.default.copyItem(at: whole, to: disk)
  }

  /// Removes all compiled code. It is put aside first, for compilers that a killed program had started may still write to it.
  func emptyCache() throws {
    let old = graphc.folder.file("cache-\(UUID().uuidString)")
    try FileManager.default.moveItem(at: disk.appendingPathComponent("cache/elbow"), to: old)
    try? FileManager.default.removeItem(at: old)
  }

  /// Files on the disk that should not be: those that are not whole, and with `strict` those that commands put aside while they
  /// work.
  func damage(strict: Bool = true) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: disk.path).sorted().compactMap { name in
      let file = disk.appendingPathComponent(name)
      let isTemporary =
        name.hasPrefix("temporary/")
        || [".elbow-", "work-", "link-"].contains { file.lastPathComponent.hasPrefix($0) }
      if isTemporary { return strict ? "\(name) is left" : nil }
      do {
        switch file.pathExtension {
        case "safetensors" where name.contains("/step-"): _ = try Checkpoint(contentsOf: file)
        case "safetensors": _ = try Safetensors.read(contentsOf: file)
        case "npz": _ = try NPZ.contents(of: file)
        case "npy": _ = try NPY.read(contentsOf: file)
        case "so": return LibrarySeal.state(of: file) == .intact ? nil : "\(name) is damaged"
        case "png": return try Data(contentsOf: file).suffix(8).prefix(4) == Data("IEND".utf8) ? nil : "\(name) is half"
        default: break
        }
        return nil
      } catch {
        return "\(name): \(error)"
      }
    }
  }

  /// The step of the newest checkpoint in a folder of the disk, which is read.
  func newestStep(in folder: String) throws -> Int? {
    let checkpoints = disk.appendingPathComponent("\(folder)/checkpoints")
    guard FileManager.default.fileExists(atPath: checkpoints.path) else { return nil }
    return try Checkpoints(in: checkpoints).latest()?.totalSteps
  }

  func contents(_ name: String) throws -> Data { try Data(contentsOf: disk.appendingPathComponent(name)) }
}
