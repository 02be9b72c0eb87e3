import Foundation
import Testing

@testable import Elbow

/// A model whose predictive distribution is known: its probabilities are s and 1 - s, where s is the mean of an image's
/// pixels times a draw u from the unit interval.
private struct CoinModel {
  let compiled: CompiledModel

  init(isRandom: Bool = true) throws {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 2, 2])
    let draw = isRandom ? Uniform(in: graph, low: 0, high: 1).sample() : graph.ones([])
    let share = (images.flattened().mean(axes: [1]) * draw).expandedDims(-1)
    let model = try Model(
      name: "coin", graph: graph,
      signatures: [Signature("predict", outputs: ["share": share, "probs": concatenate([share, 1 - share], axis: 1)])])
    let library = try ModelCompiler(name: "coin", options: BuildOptions(optimization: 1))
      .compile(graph, model.signatures, cache: temporaryCache())
    compiled = try CompiledModel(contentsOf: library, seed: 3, threads: 1)
  }

  /// Images of one brightness each.
  static func images(_ brightness: [Float]) throws -> HostArray {
    try HostArray(brightness.flatMap { [$0, $0, $0, $0] }, shape: [brightness.count, 2, 2])
  }
}

@Suite struct ClassifierModelTests {
  @Test func momentsAndEntropiesAreThoseOfTheDistribution() throws {
    let model = try ClassifierModel(CoinModel().compiled)
    #expect(model.inputName == "images")
    let draws = 20_000
    let said = try model.predict(CoinModel.images([1, 0, 0.5]), draws: draws, batchSize: 2)
    #expect(said.draws == draws && said.classCount == 2)
    // Five standard errors of a mean of uniform numbers.
    let error = 5 / (12 * Double(draws)).squareRoot()
    for (index, brightness) in [1.0, 0, 0.5].enumerated() {
      #expect(abs(said.means[index][0] - brightness / 2) < error)
      #expect(abs(said.means[index].reduce(0, +) - 1) < 1e-6)
      #expect(abs(said.deviations[index][1] - brightness / 12.squareRoot()) < error)
    }
    // H(1/2) = log 2; the mean of H(u) is 1/2. Where nothing is random, nothing is left to learn.
    #expect(abs(said.entropies[0] - log(2)) < 1e-3)
    #expect(abs(said.informations[0] - (log(2) - 0.5)) < error)
    #expect(said.entropies[1] == 0 && said.informations[1] == 0)
    #expect(said.byEntropy == [1, 2, 0])
    #expect(Array(said.classes.dropFirst()) == [1, 1])
    #expect(said.accuracy(of: [1, 2], labels: [0, 1, 0]) == 0.5)
    #expect(said.accuracy(of: [], labels: []) == nil)
  }

  @Test func theSheetHasFourRows() throws {
    let model = try ClassifierModel(CoinModel().compiled)
    let data = try Dataset(columns: [
      ("images", CoinModel.images([1, 0, 0.5])), ("labels", HostArray([0, 1, 1] as [Int32])),
    ])
    let said = try model.predict(data["images"], draws: 5)
    let picture = try model.uncertaintySheet(of: data, said, count: 2).image()
    // A title of 32, a note of 26 and rows of 286, columns of 136, and a margin of 20 all around.
    #expect(picture.shape == [32 + 26 + 4 * 286 + 2 * 20, 2 * 136 + 2 * 20, 3])
    #expect(throws: ElbowError.self) { try model.uncertaintySheet(of: data.prefix(2), said) }
    #expect(throws: ElbowError.self) { try model.uncertaintySheet(of: data, said, count: 0) }
    #expect(try data.classLabels == [0, 1, 1])
    #expect(try Dataset(columns: [("labels", HostArray([0.5] as [Float]))]).classLabels == nil)
  }

  @Test func mistakesAreExplained() throws {
    let certain = try CoinModel(isRandom: false).compiled
    #expect(!ClassifierModel.fits(certain.manifest))
    let error = #expect(throws: ElbowError.self) { try ClassifierModel(certain) }
    #expect(error?.message.contains("differ from run to run; it has predict.") == true)
    let model = try ClassifierModel(CoinModel().compiled)
    #expect(throws: ElbowError.self) { try model.predict(CoinModel.images([1]), draws: 0) }
    #expect(throws: ElbowError.self) { try model.predict(CoinModel.images([]), draws: 1) }
    #expect(throws: ElbowError.self) { try model.predict(HostArray([1] as [Float]), draws: 1) }
    let broken = #expect(throws: ElbowError.self) { try model.predict(CoinModel.images([.nan]), draws: 1) }
    #expect(broken?.kind == .numerics)
  }

  @Test func imagesTurnAndBlend() throws {
    let image = try HostArray((0..<12).map { UInt8($0 * 20) }, shape: [3, 4])
    let turned = try ImageSeries(turning: image, count: 3).images
    #expect(turned.shape == [3, 3, 4] && turned.dtype == .uint8)
    #expect(Array(turned.bytes.prefix(12)) == image.bytes)
    #expect(Array(turned.bytes.suffix(12)) == image.bytes.reversed())
    // A quarter to the left: a square's columns become its rows, the last one first; channels stay together.
    let square = try HostArray([1, 2, 3, 4, 5, 6, 7, 8] as [Double], shape: [2, 2, 2])
    let quarter = try ImageSeries(turning: square, count: 3).images.doubles[8..<16]
    for (found, expected) in zip(quarter, [3, 4, 7, 8, 1, 2, 5, 6]) { #expect(abs(found - Double(expected)) < 1e-9) }
    let white = try HostArray([1, 1] as [Float], shape: [1, 2])
    let blend = try ImageSeries(from: HostArray([0, 1] as [Float], shape: [1, 2]), to: white, count: 3).images
    #expect(blend.doubles == [0, 1, 0.5, 1, 1, 1])
    #expect(throws: ElbowError.self) { try ImageSeries(turning: HostArray(zeros: [2, 2], dtype: .int64), count: 2) }
  }
}
