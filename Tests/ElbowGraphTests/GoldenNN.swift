import TestSupport
import Testing

/// Our operations against TensorFlow's, by the reference evaluator; compiled code is compared with that for each primitive.
@Suite struct GoldenNN {
  static let suite = GoldenSuite.all.first { $0.file == "nn.json" }
  static let cases = ((try? GoldenFile.cases("nn.json")) ?? []).filter { suite?.kind($0) != nil }

  @Test func theFileIsThere() { #expect(Self.cases.count > 250) }

  @Test(arguments: cases)
  func agreesWithTensorFlow(_ golden: GoldenCase) throws {
    let suite = try #require(Self.suite)
    #expect(try suite.mistakes([golden], [ReferenceBackend()]) == [])
  }
}
