import Foundation
import Testing

/// `elbow-check golden`: cases that pass and fail, and files that are no golden files.
@Suite(.serialized) struct GoldenVerificationTests {
  private let check: Graphc

  init() throws { check = try Graphc(program: "elbow-check") }

  private func verify(_ text: String, file: String = "distributions.json") throws -> Graphc.Outcome {
    try Data(text.utf8).write(to: check.folder.file(file))
    return try check("golden", check.folder.path)
  }

  private func normal(_ id: Int, logProb: String, scale: String = "{\"shape\":[],\"data\":[1.0]}") -> String {
    """
    {"id":"Normal/9\(id)","distribution":"Normal","batch_shape":[],"event_shape":[],
     "params":{"loc":{"shape":[],"data":[0.0]},"scale":\(scale)},"x":{"shape":[],"data":[0.0]},
     "log_prob":{"shape":[],"data":[\(logProb)]}}
    """
  }

  private func file(_ cases: String...) -> String {
    "{\"schema\":\"golden-1\",\"cases\":[\(cases.joined(separator: ","))]}"
  }

  @Test func passedAndFailedCasesAreCounted() throws {
    let outcome = try verify(
      file(
        normal(0, logProb: "-0.9189385332046727"), normal(1, logProb: "-0.9189385432046727"),
        "{\"id\":\"x\",\"distribution\":\"Unheard\"}"))
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("distributions.json  Normal       1       1"))
    #expect(outcome.output.contains("Normal/91.log_prob on compiled: 1 of 1 elements differ"))
    #expect(outcome.output.contains("1 cases passed, 1 failed, 1 are not supported"))
    #expect(try verify(file(normal(0, logProb: "-0.9189385332046727"))).status == 0)
  }

  @Test(arguments: [
    ("{\"schema\":\"golden-1\",\"cases\":[", "cannot be read at byte"), ("[[[", "cannot be read at byte"),
    (String(repeating: "[", count: 100_000), "nested too deeply"), ("{\"cases\":[]}", "is no file of golden values"),
    ("", "cannot be read at byte"),
  ])
  func filesThatAreNone(text: String, message: String) throws {
    let outcome = try verify(text)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  /// Cases that lie about themselves fail, and say so.
  @Test(arguments: [
    "{\"shape\":[1000000000000,1000000000000],\"data\":[1.0]}", "{\"shape\":[-1],\"data\":[]}",
    "{\"shape\":[2],\"data\":[1.0]}", "{\"shape\":[3],\"data\":[1,2,\"x\"]}", "7",
  ])
  func tensorsThatAreNone(scale: String) throws {
    let outcome = try verify(file(normal(0, logProb: "0", scale: scale)))
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("Normal/90: A Normal has no parameter 'scale'."))
  }

  @Test func aFolderWithoutAny() throws {
    let outcome = try check("golden", "no-such-folder")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("error: 'no-such-folder' has none of the golden files seeds.json, "))
    #expect(try check("golden").status == 64)
  }
}
