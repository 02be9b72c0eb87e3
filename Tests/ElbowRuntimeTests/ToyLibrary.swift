import CElbowABI
import ElbowArrays
import ElbowManifest
import Foundation
import TestFolders
import Testing

@testable import ElbowRuntime

/// Compiles `Fixtures/toy.c` into a shared library, right or wrong in one way.
struct ToyLibrary {
  var manifest = ToyLibrary.manifest
  /// Instead of the manifest's JSON.
  var json: [UInt8]?
  var magic = "ELBOWMAN"
  var headerABIVersion = UInt32(ELBOW_ABI_VERSION)
  var headerByteCount = UInt32(MemoryLayout<elbow_manifest_header>.size)
  /// The excess of the manifest's length in the header over its true length.
  var extraByteCount = 0
  var checksumChange: UInt64 = 0
  var stateByteCount: Int?
  /// Macros of the C file.
  var defines: [String] = []
  /// The linker's flags.
  var flags: [String] = []

  /// One that is right, compiled once.
  static let good = Result { try ToyLibrary().build() }

  /// Holds what the tests write, until they end.
  private static let folder = Result { try TemporaryFolder() }

  static func load() throws -> LoadedLibrary { try LoadedLibrary(contentsOf: good.get()) }
  static func model(seed: UInt64 = 0) throws -> CompiledModel { try CompiledModel(contentsOf: good.get(), seed: seed) }

  static let manifest = Manifest(
    name: "toy", prefix: "toy", abiVersion: 1, graphFingerprint: "00", stateLayoutFingerprint: "11",
    stateByteCount: 64,
    compiler: Manifest.Compiler(elbow: "0.1.0", command: "cc", version: "any", flags: ["-O0"]),
    target: Manifest.Target(
      architecture: CPUFeatures.architecture, features: CPUFeatures.current.sorted().suffix(2), lanes: 4),
    variables: [
      Manifest.Variable(name: "factor", dtype: .float32, shape: [], role: .parameter),
      Manifest.Variable(name: "table", dtype: .float32, shape: [2], role: .statistic),
      Manifest.Variable(name: "steps", dtype: .int64, shape: [], role: .counter),
    ],
    signatures: [
      Manifest.Signature(
        name: "scale", function: "toy_scale",
        inputs: [
          Manifest.Input(name: "x", dtype: .float32, shape: [.symbolic("n"), .fixed(3)]),
          Manifest.Input(name: "weights", dtype: .float32, shape: [.symbolic("n")]),
          Manifest.Input(name: "bias", dtype: .float32, shape: [], hasDefault: true, defaultValue: 0.5),
        ],
        outputs: [
          Manifest.Output(name: "out", dtype: .float32, shape: [.symbolic("n"), .fixed(3)]),
          Manifest.Output(name: "odd", dtype: .bool, shape: [.symbolic("2*n + 1")]),
        ],
        updates: ["steps"], flops: ["constant": 0, "n": 9], arenaByteCount: 0),
      Manifest.Signature(
        name: "fail", function: "toy_fail", inputs: [Manifest.Input(name: "status", dtype: .int32, shape: [])],
        outputs: []),
      Manifest.Signature(
        name: "state", function: "toy_state", inputs: [],
        outputs: [Manifest.Output(name: "state", dtype: .int64, shape: [.fixed(3)])], isRandom: true),
      Manifest.Signature(
        name: "pad", function: "toy_pad",
        inputs: [
          Manifest.Input(name: "x", dtype: .uint8, shape: [.symbolic("n + 1")]),
          Manifest.Input(name: "none", dtype: .uint8, shape: [.fixed(0)]),
        ],
        outputs: [Manifest.Output(name: "rest", dtype: .uint8, shape: [.symbolic("n - 1")])]),
    ])

  /// Compiles the library into a new folder.
  func build() throws -> URL {
    let tests = URL(filePath: #filePath).deletingLastPathComponent()
    let include = tests.appending(path: "../../Sources/CElbowABI/include").standardizedFileURL
    let folder = try ToyLibrary.folder.get().file(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try header().write(to: folder.appending(path: "manifest.h"), atomically: true, encoding: .utf8)
    let library = folder.appending(path: "toy.so")
    let arguments =
      ["cc", "-std=gnu11", "-Wall", "-Wno-unused", "-shared", "-fPIC", "-I\(include.path)", "-I\(folder.path)"]
      + defines.map { "-D\($0)" } + [tests.appending(path: "Fixtures/toy.c").path] + flags
      + ["-o", library.path]
    let built = try RunningProcess(URL(filePath: "/usr/bin/env"), arguments).finish()
    guard built.status == 0 else {
      throw ElbowError(.toolchain, "The C compiler could not build toy.c:\n\(built.output)")
    }
    return library
  }

  private func header() throws -> String {
    let bytes = try json ?? manifest.encoded()
    let list = bytes.map { "\($0)" }.joined(separator: ",")
    let magicList = magic.utf8.map { "\($0)" }.joined(separator: ",")
    return """
      #define MANIFEST_BYTE_COUNT \(bytes.count)
      #define STATE_BYTE_COUNT \(stateByteCount ?? manifest.stateByteCount)
      #ifdef NO_MANIFEST
      #define MANIFEST_BYTES NULL
      #else
      static const struct { elbow_manifest_header header; char json[\(bytes.count)]; } manifest
          __attribute__((section("elbow_manifest"), used)) = {
        {{\(magicList)}, \(headerABIVersion)u, \(headerByteCount)u, \(bytes.count + extraByteCount)ull,
         \(Checksum.fnv1a64(bytes) ^ checksumChange)ull},
        {\(list)}};
      #ifndef MANIFEST_BYTES
      #define MANIFEST_BYTES manifest.json
      #endif
      #endif
      """
  }
}

/// The error that `body` throws, which has to be one of Elbow's; nil if it throws none.
func elbowError(_ body: () throws -> Void) -> ElbowError? {
  do {
    try body()
  } catch var error as ElbowError {
    // The line of the call, which a macro makes another of.
    error.location = nil
    return error
  } catch {
    Issue.record("Expected an ElbowError, not \(error).")
  }
  return nil
}
