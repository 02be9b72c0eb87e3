import ElbowArrays
import Foundation
import Testing

@testable import ElbowRuntime

@Suite struct LibraryLoaderTests {
  /// The message of loading the library, with its path as `PATH`.
  func refusal(_ toy: ToyLibrary) throws -> String? {
    let url = try toy.build()
    let error = elbowError { _ = try LoadedLibrary(contentsOf: url) }
    #expect(error?.kind == .library)
    return error?.message.replacing(url.path, with: "PATH")
  }

  @Test func loadsALibraryAgainAndAgain() throws {
    #expect(try ToyLibrary.load().manifest == ToyLibrary.manifest)
    #expect(try ToyLibrary.load().manifest == ToyLibrary.manifest)
    let url = try ToyLibrary.good.get()
    let link = url.deletingLastPathComponent().appending(path: "link-\(UUID().uuidString).so")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: url)
    #expect(try LoadedLibrary(contentsOf: link).manifest == ToyLibrary.manifest)
  }

  @Test func refusesOtherVersionsOfTheCInterface() throws {
    let ending =
      "of Elbow's C interface, but this program expects version 1. Rebuild the model with the version of Elbow that "
      + "this program uses."
    #expect(
      try refusal(ToyLibrary(headerABIVersion: 7, headerByteCount: 99))
        == "The library 'PATH' has version 7 \(ending)")
    #expect(
      try refusal(ToyLibrary(defines: ["TABLE_ABI_VERSION=2"])) == "The library 'PATH' has version 2 \(ending)")
    var manifest = ToyLibrary.manifest
    manifest.abiVersion = 2
    #expect(
      try refusal(ToyLibrary(manifest: manifest))?.contains("contradicts itself: its manifest gives version 2") == true)
    #expect(try refusal(ToyLibrary(defines: ["TABLE_SIZE=8"]))?.contains("has a table of 8 bytes, but") == true)
  }

  @Test func refusesDamagedManifests() throws {
    func damaged(_ why: String) -> String {
      "The manifest of the library 'PATH' is damaged: \(why). Rebuild the model."
    }
    #expect(try refusal(ToyLibrary(checksumChange: 1)) == damaged("its checksum does not match"))
    #expect(try refusal(ToyLibrary(magic: "ELBOWMEN")) == damaged("it does not start with ELBOWMAN"))
    #expect(try refusal(ToyLibrary(headerByteCount: 40)) == damaged("its header does not have the size of version 1"))
    #expect(try refusal(ToyLibrary(extraByteCount: 4096)) == damaged("it is longer than its section"))
    #expect(
      try refusal(ToyLibrary(json: [UInt8]("{}".utf8)))
        == "The library 'PATH' cannot be used. The manifest has no field 'format'.")
  }

  @Test func refusesWhatIsNotAnElbowModel() throws {
    #expect(
      try refusal(ToyLibrary(defines: ["NO_MANIFEST"]))
        == "'PATH' is not an Elbow model: it has no section 'elbow_manifest'.")
    #expect(
      try refusal(ToyLibrary(defines: ["NO_SYMBOL"]))
        == "The library 'PATH' is not an Elbow model: it does not export 'elbow_get_library'. Was it compiled with "
        + "-DELBOW_SHARED_LIBRARY?")
  }

  @Test func refusesIncompleteTables() throws {
    #expect(
      try refusal(ToyLibrary(defines: ["NULL_TABLE"]))
        == "The library 'PATH' cannot be used: its function 'elbow_get_library' gives no table.")
    #expect(
      try refusal(ToyLibrary(defines: ["NULL_RUN"]))
        == "The library 'PATH' cannot be used: its table has no function 'run'.")
    #expect(
      try refusal(ToyLibrary(defines: ["MANIFEST_BYTES=0"]))
        == "The library 'PATH' cannot be used: its table has no manifest, or one that is too long.")
    #expect(try refusal(ToyLibrary(stateByteCount: 65))?.contains("contradicts itself") == true)
  }

  @Test func refusesCPUsThatLackAFeature() throws {
    var manifest = ToyLibrary.manifest
    manifest.target.features += ["avx1024", "avx2048"]
    let message = try refusal(ToyLibrary(manifest: manifest))
    #expect(
      message
        == "The library 'PATH' needs CPU features that this machine lacks: avx1024, avx2048. Rebuild it on this "
        + "machine, or with the --target of 'graphc build' that fits it.")
  }

  @Test func passesOnWhatTheDynamicLoaderSays() throws {
    let message = try refusal(ToyLibrary(defines: ["MISSING_DEPENDENCY"]))
    #expect(message?.contains("cannot be loaded: ") == true)
    #expect(message?.contains("not_defined_anywhere") == true)
  }

  @Test func noticesThatALoadedLibraryWasReplaced() throws {
    let url = try ToyLibrary().build()
    _ = try LoadedLibrary(contentsOf: url)
    var manifest = ToyLibrary.manifest
    manifest.graphFingerprint = "99"
    try FileManager.default.removeItem(at: url)
    try FileManager.default.copyItem(at: ToyLibrary(manifest: manifest).build(), to: url)
    let error = elbowError { _ = try LoadedLibrary(contentsOf: url) }
    #expect(error?.message.contains("was replaced after this process had loaded it") == true)
  }
}
