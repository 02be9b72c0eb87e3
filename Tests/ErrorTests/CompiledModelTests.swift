import Elbow
import Foundation
import TestFolders
import Testing

/// Properties of compiled models whatever they compute.
@Suite struct CompiledModelBehaviourTests {
  /// A training step of a small network with noise.
  private func network(_ scale: Double = 1) -> (graph: Graph, train: Signature) {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 13])
    let y = graph.placeholder("y", shape: [nil, 5])
    let hidden = Dense(37, activation: relu)(x + 0.1 * graph.randomNormal(x.shape))
    let error = Dense(5)(hidden) - scale * y
    return (graph, Adam(learningRate: 1e-2).minimize(mean(error * error)).signature())
  }

  private func feeds(_ batch: Int) throws -> [String: HostArray] {
    [
      "x": try HostArray((0..<batch * 13).map { Float(($0 * 7) % 23) / 23 }, shape: [batch, 13]),
      "y": try HostArray((0..<batch * 5).map { Float(($0 * 5) % 11) / 11 }, shape: [batch, 5]),
    ]
  }

  private func state(after steps: Int, _ model: CompiledModel, batch: Int) throws -> [[UInt8]] {
    for _ in 0..<steps { _ = try model.run("train", inputs: feeds(batch)) }
    return try model.variableNames.map { try model.value(of: $0).bytes }
  }

  @Test func trainingIsTheSameToTheBitAtAnyThreadCount() throws {
    try withTemporaryFolder { folder in
      let (graph, train) = network()
      let library = try LoadedLibrary(contentsOf: ModelCompiler(name: "mlp").compile(graph, [train], to: folder))
      for batch in [1, 7, 100, 1000] {
        let one = try state(after: 3, CompiledModel(library: library, seed: 5, threads: 1), batch: batch)
        for threads in [1, 2, 3] {
          let found = try state(after: 3, CompiledModel(library: library, seed: 5, threads: threads), batch: batch)
          #expect(found == one, "batch \(batch), \(threads) threads")
        }
        let other = try state(after: 3, CompiledModel(library: library, seed: 6, threads: 1), batch: batch)
        #expect(other != one)
      }
    }
  }

  @Test func twoModelsLiveInOneProcess() throws {
    try withTemporaryFolder { folder in
      let compiled = try [1.0, -3.0].map { scale in
        let (graph, train) = network(scale)
        let place = folder.appendingPathComponent("\(scale)")
        let url = try ModelCompiler(name: "mlp", options: BuildOptions(optimization: 1)).compile(
          graph, [train], to: place)
        return (graph, train, try CompiledModel(contentsOf: url, seed: 3, threads: 2))
      }
      for (graph, train, _) in compiled {
        _ = try Session(graph, seed: 3, backend: .reference).run(train, feeding: feeds(4))
      }
      let sessions = try compiled.map { try Session($0.0, seed: 3, backend: .reference) }
      for _ in 0..<3 {
        for ((_, train, model), session) in zip(compiled, sessions) {
          let found = try model.run("train", inputs: feeds(4))["loss"]?.doubles ?? []
          let expected = try session.run(train, feeding: feeds(4))["loss"]?.doubles ?? [.nan]
          #expect(abs((found.first ?? .nan) - expected[0]) < 1e-4 * (1 + abs(expected[0])))
        }
      }
    }
  }

  @Test func fourThreadsShareALibrary() async throws {
    let (graph, train) = network()
    let compiler = ModelCompiler(name: "mlp", options: BuildOptions(optimization: 1))
    let library = try withTemporaryFolder { folder in
      try LoadedLibrary(contentsOf: compiler.compile(graph, [train], to: folder))
    }
    let states = try await withThrowingTaskGroup(of: (Int, [[UInt8]]).self) { group in
      for index in 0..<4 {
        group.addTask {
          let model = try CompiledModel(library: library, seed: UInt64(index % 2), threads: 1 + index % 2)
          return (index, try self.state(after: 20, model, batch: 7 + index % 2))
        }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    #expect(states.count == 4 && states[0] == states[2] && states[1] == states[3] && states[0] != states[1])
  }

  @Test func anotherLearningRateCompilesNothing() throws {
    try withTemporaryFolder { folder in
      let (graph, train) = network()
      let session = try Session(graph, options: BuildOptions(optimization: 1), cache: ArtifactCache(folder: folder))
      func libraries() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
      try session.run(train, feeding: feeds(7))
      let before = try libraries()
      let weights = try session.value(of: "dense/bias")
      for (batch, rate) in [(7, Float(0.5)), (9, 0.25), (1, 0)] {
        try session.run(train, feeding: feeds(batch).merging(["learning_rate": HostArray(scalar: rate)]) { $1 })
      }
      #expect(try session.value(of: "dense/bias") != weights)
      #expect(try libraries() == before)
      // Another session, as another process would: from the disk.
      let second = try Session(graph, options: BuildOptions(optimization: 1), cache: ArtifactCache(folder: folder))
      try second.run(train, feeding: feeds(3))
      #expect(try libraries() == before)
    }
  }

  /// Headers, tables and code that a crash or a failing disk has changed: the library is compiled again and runs.
  @Test func aDamagedLibraryInTheCacheIsCompiledAgain() throws {
    try withTemporaryFolder { folder in
      let (graph, train) = network()
      func losses() throws -> [Double] {
        let session = try Session(graph, options: BuildOptions(optimization: 0), cache: ArtifactCache(folder: folder))
        return try #require(session.run(train, feeding: feeds(7))["loss"]).doubles
      }
      func libraries() throws -> [URL] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".so") }
          .map { folder.appendingPathComponent($0) }
      }
      let expected = try losses()
      let whole = try libraries().map { try Data(contentsOf: $0) }
      #expect(whole.count == 2 && whole[0] == whole[1])
      // A process that has loaded a library keeps its memory mapped to the old file, so each name gets a new one.
      for url in try libraries() {
        var bytes = try Data(contentsOf: url)
        // Where the program headers are, and how many.
        bytes.replaceSubrange(32..<40, with: [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])
        bytes[200] ^= 0xff
        try FileManager.default.removeItem(at: url)
        try bytes.write(to: url)
      }
      #expect(try losses() == expected)
      #expect(try libraries().map { try Data(contentsOf: $0) } == whole)
    }
  }

  @Test func aCacheThatOthersCanWriteToIsRefused() throws {
    try withTemporaryFolder { folder in
      for mode in [0o770, 0o707, 0o777, 0o702] {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.path)
        #expect(
          message { try ArtifactCache(folder: folder) }
            == "error: Others can write to the cache folder '\(folder.path)', and what lies in it is run: make it private "
            + "with 'chmod go-w', or set XDG_CACHE_HOME.")
      }
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
      _ = try ArtifactCache(folder: folder)
      let file = folder.appendingPathComponent("file")
      try Data().write(to: file)
      #expect(message { try ArtifactCache(folder: file) }?.hasPrefix("error: The cache") == true)
    }
  }
}
