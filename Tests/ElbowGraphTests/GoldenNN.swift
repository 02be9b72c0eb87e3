import TestSupport
import Testing

/// Our operations against TensorFlow's, by the reference evaluator; compiled code is compared with that for each primitive.
@Suite struct GoldenNN {
  static let cases = ((try? GoldenFile.cases("nn.json")) ?? []).filter {
    GoldenOperation.all[$0["op"]?.text ?? ""] != nil
  }

  @Test func theFileIsThere() { #expect(Self.cases.count > 250) }

  @Test(arguments: cases)
  func agreesWithTensorFlow(_ golden: GoldenCase) throws {
    #expect(try GoldenOperationCheck(golden: golden).mistakes(on: [ReferenceBackend()]) == [])
  }
}
