import Foundation
import Testing

@testable import Elbow

/// A model whose likelihood is known: z ~ N(0, 1), x | z ~ N(z, 1) in two dimensions, so x ~ N(0, 2). Its "images" are of one
/// row and two columns.
private struct GaussianModel {
  let compiled: CompiledModel

  /// - Parameter scale: Of the approximate posterior; 1 / sqrt(2) is the exact one.
  init(posteriorScale scale: Double) throws {
    let graph = Graph()
    let x = graph.placeholder("images", shape: [nil, 1, 2])
    let prior = MultivariateNormalDiag(loc: graph.zeros([2]), scaleDiag: graph.ones([2]))
    let mean = x.flattened() / 2
    let posterior = MultivariateNormalDiag(loc: mean, scaleDiag: mean.onesLike() * scale)
    let latent = posterior.sample()
    let likelihood = MultivariateNormalDiag(loc: latent, scaleDiag: latent.onesLike())
    let logWeight = logImportanceWeight(
      of: x.flattened(), latent: latent, likelihood: likelihood, posterior: posterior, prior: prior)
    let code = graph.placeholder("code", shape: [nil, 2])
    let model = try Model(
      name: "gaussian", graph: graph,
      signatures: [
        Signature("importance", outputs: ["log_weight": logWeight]), Signature("encode", outputs: ["mean": mean]),
        Signature("decode", outputs: ["images": code.reshaped([-1, 1, 2])]),
        Signature("sample", outputs: ["images": prior.sample([3]).reshaped([3, 1, 2])]),
        Signature("prior", outputs: ["code": prior.sample([4])]),
      ])
    let library = try ModelCompiler(name: "gaussian", options: BuildOptions(optimization: 1))
      .compile(graph, model.signatures, cache: temporaryCache())
    compiled = try CompiledModel(contentsOf: library, seed: 3, threads: 1)
  }

  static let values: [Double] = [0, 0, 1, -1, 2, 0.5, -0.3, 3, 0.25, -2]

  static func data() throws -> Dataset {
    try Dataset(columns: [("images", HostArray(values.map { Float($0) }, shape: [5, 1, 2]))])
  }

  /// The mean of log N(x; 0, 2) over the examples.
  static let logLikelihood = values.reduce(0) { $0 - $1 * $1 / 4 } / 5 - log(4 * Double.pi)
}

@Suite struct LatentModelTests {
  @Test func boundsAreExactWithTheExactPosterior() throws {
    let model = LatentModel(try GaussianModel(posteriorScale: 0.5.squareRoot()).compiled)
    // Every weight is p(x), whatever is drawn.
    let bound = try model.importanceBound(on: GaussianModel.data(), samples: 3, batchSize: 2)
    #expect(bound.count == 5 && bound.samples == 3)
    #expect(abs(bound.bound - GaussianModel.logLikelihood) < 1e-5)
    #expect(abs(bound.evidenceLowerBound - GaussianModel.logLikelihood) < 1e-5)
    let squares = GaussianModel.values.map { $0 * $0 / 4 }
    let each: [Double] = (0..<5).map { -squares[2 * $0] - squares[2 * $0 + 1] }
    let mean = each.reduce(0, +) / 5
    let variance: Double = each.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 4
    #expect(abs(bound.standardError - (variance / 5).squareRoot()) < 1e-5)
  }

  @Test func moreSamplesGiveATighterBound() throws {
    let model = LatentModel(try GaussianModel(posteriorScale: 1).compiled)
    let data = try GaussianModel.data()
    let one = try model.importanceBound(on: data, samples: 1)
    #expect(one.bound == one.evidenceLowerBound)
    let many = try model.importanceBound(on: data, samples: 4000)
    // KL(q || p(z | x)) = 2 (1 - 1/2 - log(2)/2) = 0.307 lies between the evidence lower bound and log p(x).
    #expect(abs(many.evidenceLowerBound - (GaussianModel.logLikelihood - 0.3068528)) < 0.02)
    #expect(abs(many.bound - GaussianModel.logLikelihood) < 0.02)
    model.compiled.randomState = .init(seed: 3)
    #expect(try model.importanceBound(on: data, samples: 1) == one)
  }

  @Test func codesAndImages() throws {
    let model = LatentModel(try GaussianModel(posteriorScale: 1).compiled)
    let data = try GaussianModel.data()
    let codes = try model.encode(data, batchSize: 2)
    #expect(codes.shape == [5, 2])
    #expect(codes.doubles == GaussianModel.values.map { Double(Float($0) / 2) })
    let (originals, reconstructions) = try model.reconstruct(data.prefix(2))
    #expect(originals.shape == [2, 1, 2] && reconstructions.shape == [2, 1, 2])
    #expect(reconstructions.doubles == [0, 0, 0.5, -0.5])
    #expect(try model.latentSize == 2)
    #expect(try model.sample(count: 7).shape == [7, 1, 2])
    #expect(Set(try model.sample(count: 7).doubles).count == 14)
    #expect(try model.priorSamples()?.shape == [4, 2])
    let before = model.compiled.randomState
    #expect(try model.samplesIfAny()?.shape == [3, 1, 2])
    #expect(model.compiled.randomState == before)
  }

  @Test func mistakesAreExplained() throws {
    let model = LatentModel(try GaussianModel(posteriorScale: 1).compiled)
    let empty = try GaussianModel.data().prefix(0)
    #expect(throws: ElbowError.self) { try model.encode(empty) }
    #expect(throws: ElbowError.self) { try model.importanceBound(on: empty, samples: 1) }
    #expect(throws: ElbowError.self) { try model.importanceBound(on: GaussianModel.data(), samples: 0) }
    #expect(throws: ElbowError.self) { try model.sample(count: 0) }
    let other = try Dataset(columns: [("pictures", HostArray([1, 2] as [Float], shape: [2]))])
    let error = #expect(throws: ElbowError.self) { try model.encode(other) }
    #expect(error?.message == "The signature 'encode' takes 'images', but the data set has no such column.")
    let toy = LatentModel(try ToyTraining().trainer().compiled)
    let missing = #expect(throws: ElbowError.self) { try toy.latentSize }
    #expect(
      missing?.message
        == "The model 'toy' has no signature 'decode', which gives the images of codes; it has train, evaluate.")
    #expect(try toy.samplesIfAny() == nil)
  }

  @Test func infiniteWeightsAreRefused() throws {
    let model = LatentModel(try GaussianModel(posteriorScale: 1).compiled)
    let data = try Dataset(columns: [("images", HostArray([1, 2, .nan, 1] as [Float], shape: [2, 1, 2]))])
    let error = #expect(throws: ElbowError.self) { try model.importanceBound(on: data, samples: 2) }
    #expect(error?.kind == .numerics)
  }

  @Test func exponentialsDoNotOverflow() {
    for offset in [-1e5, 0, 1e5] {
      for values in [[1.0, 2, 3], [3, 2, 1], [-700, 700, 0]] {
        var mean = LogMeanExp()
        for value in values { mean.add(value + offset) }
        let greatest = values.max() ?? 0
        let expected = greatest + log(values.reduce(0) { $0 + exp($1 - greatest) } / 3)
        #expect(abs(mean.value - offset - expected) < 1e-9)
      }
    }
  }

  @Test func logWeightsHaveTheirName() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil])
    #expect(throws: ElbowError.self) {
      try Model(name: "m", graph: graph, signatures: [Signature("importance", outputs: ["weight": x])])
    }
    #expect(throws: ElbowError.self) {
      try Model(name: "m", graph: graph, signatures: [Signature("importance", outputs: ["log_weight": x.sum()])])
    }
  }
}
