import ElbowArrays
import ElbowManifest
import Foundation
import Testing

@testable import ElbowRuntime

@Suite struct ManifestTests {
  @Test func isTheSameAfterWritingAndReading() throws {
    let bytes = try ToyLibrary.manifest.encoded()
    #expect(try Manifest(decoding: bytes) == ToyLibrary.manifest)
    #expect(try Manifest(decoding: bytes).encoded() == bytes)
  }

  @Test func isWrittenAsTheFormatSays() throws {
    var manifest = ToyLibrary.manifest
    manifest.target = Manifest.Target(architecture: "x86_64", features: ["avx2"], lanes: 8)
    manifest.variables.removeAll { $0.name != "steps" }
    manifest.signatures.removeAll { $0.name != "scale" }
    manifest.signatures[0].inputs.removeFirst()
    manifest.signatures[0].outputs.removeFirst()
    let text = String(decoding: try manifest.encoded(), as: UTF8.self)
    #expect(
      text == #"{"abi_version":1,"compiler":{"command":"cc","elbow":"0.1.0","flags":["-O0"],"version":"any"},"#
        + #""format":"elbow-manifest-1","graph_fingerprint":"00","name":"toy","prefix":"toy","signatures":["#
        + #"{"arena_byte_count":0,"flops":{"constant":0,"n":9},"function":"toy_scale","inputs":["#
        + #"{"default":null,"dtype":"float32","has_default":false,"name":"weights","shape":["n"]},"#
        + #"{"default":0.5,"dtype":"float32","has_default":true,"name":"bias","shape":[]}],"is_random":false,"#
        + #""name":"scale","outputs":[{"dtype":"bool","name":"odd","shape":["2*n + 1"]}],"updates":["steps"]}],"#
        + #""state_byte_count":64,"state_layout_fingerprint":"11","#
        + #""target":{"architecture":"x86_64","features":["avx2"],"lanes":8},"#
        + #""variables":[{"dtype":"int64","name":"steps","role":"counter","shape":[]}]}"#)
  }

  @Test(arguments: [
    ("float32", "float16", "The manifest's field 'signatures[0].inputs[0].dtype' is not valid: "),
    (#""role":"counter""#, #""role":"count""#, "The manifest's field 'variables[2].role' is not valid: "),
    (#""name":"toy","#, "", "The manifest has no field 'name'."),
    (#""name":"toy""#, #""name":7"#, "The manifest's field 'name' is not valid: "),
    (#""state_byte_count":64"#, #""state_byte_count":1e300"#, "The manifest is not JSON of the expected form: "),
    ("}", "", "The manifest is not JSON of the expected form: "),
    ("elbow-manifest-1", "elbow-manifest-2", "The manifest's format is 'elbow-manifest-2', but this version"),
    (#""shape":[2]"#, #""shape":[-2]"#, "The variable 'table' has the shape [-2], with a negative extent."),
    (#""shape":[2]"#, #""shape":[99]"#, "The variables up to 'table' take more than the state's 64 bytes."),
    (
      #""shape":[2]"#, #""shape":[4611686018427387904,4]"#,
      "The variables up to 'table' take more than the state's 64 bytes."
    ),
    (#""name":"table""#, #""name":"factor""#, "The manifest lists the variable 'factor' twice."),
    (#""name":"weights""#, #""name":"x""#, "The signature 'scale' lists the input 'x' twice."),
    (#""name":"odd""#, #""name":"out""#, "The signature 'scale' lists the output 'out' twice."),
    (#""name":"pad""#, #""name":"fail""#, "The manifest lists the signature 'fail' twice."),
    (#""name":"pad""#, #""name":"""#, "The manifest has a signature whose name is empty"),
    (#""name":"pad""#, #""name":"p\u0000d""#, "The manifest has a signature whose name is empty"),
    (#"["n",3]"#, #"["n",-3]"#, "The signature 'scale' has the input 'x' with the negative extent -3."),
    (#"["n",3]"#, #"["",3]"#, "The signature 'scale' has the input 'x' with a dimension that is not an expression."),
    (#"["n",3]"#, #"[["n"],3]"#, "The manifest's field 'signatures[0].inputs[0].shape[0]' is not valid: "),
    (#""prefix":"toy""#, #""prefix":"2toy""#, "The manifest's prefix '2toy' is not a C identifier."),
    ("toy_scale", "toy-scale", "The signature 'scale' has 'toy-scale' for a C function."),
    (#""updates":["steps"]"#, #""updates":["step"]"#, "The signature 'scale' updates 'step', which is not a variable"),
    (#""state_byte_count":64"#, #""state_byte_count":-1"#, "The manifest's state of -1 bytes is not between 0 and"),
    (#""arena_byte_count":0"#, #""arena_byte_count":-5"#, "The signature 'scale' has a negative arena of -5 bytes."),
    (#""lanes":4"#, #""lanes":0"#, "The manifest's vectors have 0 lanes; there must be at least one."),
    (#""abi_version":1"#, #""abi_version":0"#, "The manifest's ABI version is 0, but versions start at 1."),
  ])
  func saysWhatIsWrong(old: String, new: String, message: String) throws {
    var text = String(decoding: try ToyLibrary.manifest.encoded(), as: UTF8.self)
    let place = try #require(text.range(of: old))
    text.replaceSubrange(place, with: new)
    let error = elbowError { _ = try Manifest(decoding: [UInt8](text.utf8)) }
    #expect(error?.kind == .library)
    #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "no error")")
    let ending = error?.message.suffix(2) ?? ""
    #expect(ending.hasSuffix(".") && ending != "..", "\(error?.message ?? "no error")")
  }

  @Test func tooMuchOfAnythingIsRefused() throws {
    var manifest = ToyLibrary.manifest
    manifest.variables[0].shape = Array(repeating: 1, count: 33)
    #expect(elbowError { _ = try manifest.encoded() }?.message == "The variable 'factor' has rank 33; 32 is allowed.")
    manifest = ToyLibrary.manifest
    manifest.signatures[0].inputs = (0..<1025).map { Manifest.Input(name: "\($0)", dtype: .bool, shape: []) }
    #expect(
      elbowError { _ = try manifest.encoded() }?.message
        == "The signature 'scale' lists 1025 inputs; 1024 are allowed.")
    let nested = Array(repeating: UInt8(ascii: "["), count: 1 << 20)
    #expect(elbowError { _ = try Manifest(decoding: nested) }?.kind == .library)
    #expect(elbowError { _ = try Manifest(decoding: []) }?.kind == .library)
    manifest = ToyLibrary.manifest
    manifest.signatures[0].inputs[2].defaultValue = .nan
    #expect(elbowError { _ = try manifest.encoded() }?.kind == .library)
  }

  @Test func dimensionsAreNumbersSymbolsOrExpressions() {
    #expect(ManifestDimension.symbolic("batch_2").symbol == "batch_2")
    #expect(ManifestDimension.symbolic("2*n + 1").symbol == nil)
    #expect(ManifestDimension.symbolic("2").symbol == nil)
    #expect(ManifestDimension.fixed(2).symbol == nil)
    #expect(ManifestDimension.symbolic("2*n + 1").description == "2*n + 1")
  }

  @Test func theChecksumIsFNV1a() {
    #expect(Checksum.fnv1a64([]) == 0xcbf2_9ce4_8422_2325)
    #expect(Checksum.fnv1a64("a".utf8) == 0xaf63_dc4c_8601_ec8c)
    #expect(Checksum.fnv1a64("foobar".utf8) == 0x8594_4171_f739_67e8)
  }
}
