import TestSupport
import Testing

/// Our operations against TensorFlow's, by the reference evaluator; compiled code is compared with that for each primitive.
@Suite struct GoldenNN {
  static let suite = GoldenSuite.all.first { $0.file == "nn.json" }
  static let cases = ((try? GoldenFile.cases("nn.json")) ?? []).filter { suite?.kind($0) != nil }

  @Test func everyCaseIsChecked() throws {
    let all = try GoldenFile.cases("nn.json")
    #expect(Self.cases.count > 250 && Self.cases.count == all.count)
  }

  /// Functions composed of primitives, compiled as well.
  @Test func activationsAndLossesCompiled() throws {
    let names = [
      "dropout", "relu6", "selu", "sigmoid_cross_entropy_with_logits", "softmax_cross_entropy_with_logits",
      "softplus_inverse", "softsign", "sparse_softmax_cross_entropy_with_logits",
    ]
    let cases = Self.cases.filter { golden in names.contains { $0 == golden["op"]?.text } }
    #expect(cases.count == 15)
    #expect(try #require(Self.suite).mistakes(cases, goldenBackends) == [])
  }

  @Test(arguments: cases)
  func agreesWithTensorFlow(_ golden: GoldenCase) throws {
    let suite = try #require(Self.suite)
    #expect(try suite.mistakes([golden], [ReferenceBackend()]) == [])
  }
}
