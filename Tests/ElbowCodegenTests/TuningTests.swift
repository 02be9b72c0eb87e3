import ElbowArrays
import ElbowGraph
import ElbowNetworks
@testable import ElbowToolchain
import ElbowTraining
import Foundation
import Synchronization
import TestFolders
import Testing

@testable import ElbowCodegen

/// Choices made by measurements are remembered and used, and believed only if they can be.
@Suite struct TuningTests {
  private let folder: TemporaryFolder
  private let cache: ArtifactCache

  init() throws {
    folder = try TemporaryFolder()
    cache = try ArtifactCache(folder: folder.url)
  }

  /// Collects warnings.
  private final class Warnings: Sendable {
    private let texts = Mutex<[String]>([])
    var all: [String] { texts.withLock { $0 } }
    func add(_ text: String) { texts.withLock { $0.append(text) } }
  }

  private func program(_ name: String = "train", width: Int = 17) throws -> Program {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 20])
    let loss = mean(Dense(width, activation: relu, name: "hidden")(x))
    let train = Adam().minimize(loss)
    return try graph.program(Signature(name, outputs: ["loss": loss], updates: train.updates))
  }

  @Test func remembersByContents() throws {
    let store = TuningStore(cache)
    #expect(try store.tuning(for: program()) == nil)
    try store.remember(Tuning(tileRows: 24, contractions: .openBLAS), for: program())
    #expect(try store.tuning(for: program("step")) == Tuning(tileRows: 24, contractions: .openBLAS))
    #expect(try store.tuning(for: program(width: 18)) == nil)
    #expect(try store.forget(program()))
    #expect(try store.tuning(for: program()) == nil)
    #expect(try !store.forget(program()))
  }

  @Test func decidesWhatIsEmitted() throws {
    let program = try program()
    try TuningStore(cache).remember(Tuning(tileRows: 24), for: program)
    let compiler = ModelCompiler(name: "tuned")
    #expect(compiler.tuned(for: [program], in: cache).options.tileRows == 24)
    var options = BuildOptions(tileRows: 40)
    #expect(ModelCompiler(name: "own", options: options).tuned(for: [program], in: cache).options.tileRows == 40)
    options = BuildOptions(usesTuning: false)
    let plain = ModelCompiler(name: "plain", options: options).tuned(for: [program], in: cache)
    #expect(plain.options.tileRows == nil)
    func c(_ options: BuildOptions) throws -> String {
      let compiler = ModelCompiler(name: "m", options: options)
      let library = try compiler.emit([program], initializer: program, withLines: false)
      return library.sources.map(\.text).joined()
    }
    #expect(try c(BuildOptions(tileRows: 24)).contains("el_tile_count(rows, 24, threads)"))
    #expect(try c(BuildOptions(tileRows: 0)).contains("el_tile_count(rows, 1, threads)"))
    #expect(try !c(BuildOptions()).contains("el_profile"))
    #expect(try c(BuildOptions(isProfiled: true)).contains("el_profile_now()"))
  }

  /// Another choice is another library; the one without is not touched.
  @Test func isPartOfTheKey() throws {
    let program = try program()
    func key(_ options: BuildOptions) throws -> String {
      ProgramKey.key([program], program, ModelCompiler(name: "m", options: options), try LibraryBuilder(options))
    }
    let keys = try [BuildOptions(), BuildOptions(tileRows: 24), BuildOptions(isProfiled: true)].map(key)
    #expect(Set(keys).count == 3)
    #expect(try key(BuildOptions()) == keys[0])
  }

  enum Hostility: CaseIterable {
    case garbage, huge, endless, negative, zero, fractional, unknownBackend, otherProgram, writable, link, folder, pipe
  }

  @Test(arguments: Hostility.allCases) func hostileFilesAreIgnored(_ hostility: Hostility) throws {
    let program = try program()
    let store = TuningStore(cache)
    try store.remember(Tuning(tileRows: 24, contractions: .emitted), for: program)
    let file = store.location(program)
    let good = try String(contentsOf: file, encoding: .utf8)
    func replace(_ old: String, _ new: String) throws {
      #expect(good.contains(old))
      try Data(good.replacingOccurrences(of: old, with: new).utf8).write(to: file)
    }
    switch hostility {
    case .garbage: try Data("{\"version\": [[[[".utf8).write(to: file)
    case .huge: try replace("24", "4097")
    case .endless: try Data(count: 1 << 20).write(to: file)
    case .negative: try replace("24", "-24")
    case .zero: try replace("24", "0")
    case .fractional: try replace("24", "1e300")
    case .unknownBackend: try replace("emitted", "; rm")
    case .otherProgram: try replace(ProgramKey.fingerprint(program), String(repeating: "0", count: 32))
    case .writable: chmod(file.path, 0o666)
    case .link:
      let other = folder.file("other.json")
      try FileManager.default.moveItem(at: file, to: other)
      try FileManager.default.createSymbolicLink(at: file, withDestinationURL: other)
    case .folder:
      try FileManager.default.removeItem(at: file)
      try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
    case .pipe:
      try FileManager.default.removeItem(at: file)
      mkfifo(file.path, 0o600)
    }
    let warnings = Warnings()
    var compiler = ModelCompiler(name: "m")
    compiler.warn = { warnings.add($0) }
    let tuned = compiler.tuned(for: [program], in: cache)
    #expect(tuned.options.tileRows == nil && tuned.options.contractions == .emitted)
    #expect(warnings.all.count == 1)
    #expect(warnings.all.first?.contains("is ignored: ") == true, "\(warnings.all)")
  }
}
