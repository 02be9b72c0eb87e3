import ElbowManifest
import ElbowArrays
import Foundation
import Testing

@testable import ElbowRuntime

@Suite struct LibraryImageTests {
  /// Writes `bytes` beside the good library, under another name.
  func file(_ bytes: some Sequence<UInt8>, _ name: String = UUID().uuidString) throws -> URL {
    let url = try ToyLibrary.good.get().deletingLastPathComponent().appending(path: name)
    try Data(bytes).write(to: url)
    return url
  }

  @Test func readsAManifestWithoutLoadingTheLibrary() throws {
    let image = try LibraryImage(contentsOf: ToyLibrary.good.get())
    #expect(image.manifest == ToyLibrary.manifest)
    #expect(image.architecture == CPUFeatures.architecture)
    try image.checkRunnable()
  }

  @Test func symbolsMayHaveVersions() throws {
    let script = try file("TOY_1 { global: *; };".utf8, "versions.map")
    let library = try ToyLibrary(flags: ["-Wl,--version-script=\(script.path)"]).build()
    try LibraryImage(contentsOf: library).checkRunnable()
    _ = try CompiledModel(contentsOf: library)
    // The number of the second definition, that of the symbols, is no longer there.
    var bytes = [UInt8](try Data(contentsOf: library))
    let head: [UInt8] = [1, 0, 0, 0, 2, 0, 1, 0]
    let place = try #require(bytes.indices.dropLast(8).first { bytes[$0..<$0 + 8].elementsEqual(head) })
    bytes[place + 4] = 9
    let error = elbowError { _ = try LibraryImage(contentsOf: try file(bytes)) }
    #expect(error?.message.contains("symbols have versions that there are not") == true, "\(error?.message ?? "none")")
    // Both definitions have one number.
    bytes[place + 4] = 1
    #expect(
      elbowError { _ = try LibraryImage(contentsOf: try file(bytes)) }?.message.contains("versions are damaged") == true
    )
  }

  @Test func everyTruncationIsFoundBeforeTheLibraryIsLoaded() throws {
    let whole = try [UInt8](Data(contentsOf: ToyLibrary.good.get()))
    let lengths =
      Array(0..<130) + Array(stride(from: 130, to: whole.count, by: 61)) + Array((whole.count - 70)..<whole.count)
    let url = try file(whole)
    for length in lengths.sorted(by: >) {
      #expect(truncate(url.path, length) == 0)
      let error = elbowError { _ = try LoadedLibrary(contentsOf: url) }
      #expect(error?.kind == .library, "\(length) bytes of \(whole.count)")
    }
    let error = elbowError { _ = try LibraryImage(contentsOf: try file(whole.dropLast(), "cut.so")) }
    #expect(error?.message.contains("is truncated: its section headers would lie beyond the end") == true)
  }

  @Test func damagedHeadersNeverCrash() throws {
    let whole = try [UInt8](Data(contentsOf: ToyLibrary.good.get()))
    let sectionHeaders = Int(whole.littleEndian(UInt64.self, at: 40))
    var random = SplitMix(state: 1)
    let url = try file([])
    for round in 0..<600 {
      var bytes = whole
      for _ in 0...(round % 4) {
        let range = Bool.random(using: &random) ? 0..<400 : sectionHeaders..<whole.count
        bytes[Int.random(in: range, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      try Data(bytes).write(to: url)
      let error = elbowError { _ = try LibraryImage(contentsOf: url) }
      #expect(error.map { [.library, .file].contains($0.kind) } ?? true)
    }
  }

  @Test func rangesAtTheEndOfTheNumberLineDoNotOverflow() throws {
    let whole = try [UInt8](Data(contentsOf: ToyLibrary.good.get()))
    for field in [32, 40] {
      let values: [UInt64] = [.max, .max - 63, 1 << 63, UInt64(whole.count)]
      for value in values {
        var bytes = whole
        bytes.replaceSubrange(field..<field + 8, with: withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) })
        let error = elbowError { _ = try LibraryImage(contentsOf: try file(bytes)) }
        #expect(error?.message.contains("is truncated") == true)
      }
    }
  }

  @Test func saysThatAFileIsNotALibrary() throws {
    let text = try file("#!/bin/sh\nexit 0\n".utf8, "text.so")
    #expect(
      elbowError { _ = try LibraryImage(contentsOf: text) }?.message
        == "'\(text.path)' is not a shared library: it is not an ELF file.")
    #expect(elbowError { _ = try LibraryImage(contentsOf: try file([])) }?.kind == .library)
    let absent = text.deletingLastPathComponent().appending(path: "absent.so")
    #expect(
      elbowError { _ = try LibraryImage(contentsOf: absent) }?.message == "There is no library at '\(absent.path)'.")
    let folder = text.deletingLastPathComponent()
    #expect(elbowError { _ = try LibraryImage(contentsOf: folder) }?.message.hasSuffix("is not a file.") == true)
    let pipe = folder.appending(path: "pipe.so")
    #expect(mkfifo(pipe.path, 0o600) == 0)
    #expect(elbowError { _ = try LibraryImage(contentsOf: pipe) }?.message.hasSuffix("is not a file.") == true)
  }

  @Test func saysThatALibraryIsForAnotherMachine() throws {
    var bytes = try [UInt8](Data(contentsOf: ToyLibrary.good.get()))
    bytes[18] = CPUFeatures.architecture == "x86_64" ? 183 : 62
    let url = try file(bytes, "other.so")
    #expect(try LibraryImage(contentsOf: url).manifest.name == "toy")
    let error = elbowError { _ = try LoadedLibrary(contentsOf: url) }
    #expect(error?.message.contains("but this machine is \(CPUFeatures.architecture).") == true)
    bytes[18] = 243
    #expect(try LibraryImage(contentsOf: file(bytes, "other.so")).architecture == "riscv64")
    let module = try file([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], "module.wasm")
    #expect(elbowError { _ = try LibraryImage(contentsOf: module) }?.message.contains("a WebAssembly module") == true)
    bytes[16] = 2
    let program = try file(bytes, "program.so")
    #expect(elbowError { _ = try LibraryImage(contentsOf: program) }?.message.contains("not a shared library") == true)
  }
}

/// A small generator, the same each time.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
