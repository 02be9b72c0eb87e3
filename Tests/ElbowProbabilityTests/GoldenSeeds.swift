import ElbowArrays
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// The tutorials' output for the distributions that exist: values, and the printed form.
@Suite struct GoldenSeeds {
  private static let cases = Dictionary(
    ((try? GoldenFile.cases("seeds.json")) ?? []).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })

  @Test func everyCaseIsChecked() {
    #expect(Self.cases.count > 40 && Self.cases.values.allSatisfy(GoldenSeedCheck.supports))
  }

  private static let ids = [
    "normal-log-prob", "normal-log-prob-2.01", "normal-log-prob-0-0.5-1", "normal-cdf", "bernoulli-logits-log-prob",
    "normal-cdf-bijector-log-prob-2.01", "affine-scalar-log-prob", "transformed-log-prob", "transformed-cdf",
    "form-normal-batch-3", "form-mvn", "form-bernoulli-3", "form-independent-bernoulli", "form-approx-posterior",
    "form-decoder", "shape-batch-of-mvn", "shape-layers-prior", "shape-cs20-decoder", "shape-cs20-posterior",
    "shape-cs20-regression", "shape-cs20-classification", "shape-cs20-bnn-posterior", "shape-flow-base",
    "form-mixture-prior", "normal-sample-6", "bernoulli-sample-10", "approx-posterior-sample",
    "exponential-inverse-cdf",
    "flow-target-remark", "softplus-offset-remark", "symbolic-sample", "shapes-r-encoder", "shapes-r-decoder",
    "shapes-layers-encoder", "shapes-layers-decoder", "params-size-mvn-tril-16", "params-size-independent-bernoulli",
    "nats-to-bits", "batches-per-epoch", "flatten-after-conv2", "dense-7-7-32", "flow-L-size", "hyperparameters-R",
    "hyperparameters-L", "hyperparameters-B", "hyperparameters-CS20",
  ]

  @Test func valuesAndForms() throws {
    let cases = try Self.ids.map { try #require(Self.cases[$0], "There is no case '\($0)'.") }
    #expect(cases.allSatisfy(GoldenSeedCheck.supports))
    #expect(try GoldenSeedCheck.mistakes(cases, on: goldenBackends) == [])
  }
}
