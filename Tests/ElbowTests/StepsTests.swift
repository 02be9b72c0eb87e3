import Elbow
import ElbowCodegen
import Foundation
import TestFolders
import Testing

/// Many steps in one call of the library, against the same steps one by one.
@Suite struct StepsTests {
  private let rows = 23

  /// One for all tests; each makes a model of it.
  private static let library = Result {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 4])
    let labels = graph.placeholder("labels", shape: [nil], dtype: .int32)
    let weight = graph.placeholder("weight", defaultValue: 0.5)
    let hidden = Dense(8, activation: tanh, name: "hidden")(x + 0.1 * graph.randomNormal([x.shape[0], 4]))
    let loss = weight * -mean(Categorical(logits: Dense(3, name: "logits")(hidden)).logProb(labels))
    let train = Signature(
      "train", outputs: ["loss": loss, "pair": stack([loss, loss * loss])],
      updates: Adam(learningRate: 1e-2).minimize(loss).updates)
    return try withTemporaryFolder { folder in
      try LoadedLibrary(contentsOf: ModelCompiler(name: "steps").compile(graph, [train], to: folder))
    }
  }

  private func feeds() throws -> [String: HostArray] {
    var random = SplitMix64(seed: 1)
    return [
      "x": try HostArray.random(.float32, [rows, 4], -1...1, &random),
      "labels": try HostArray((0..<rows).map { Int32($0 % 3) }, shape: [rows]), "weight": HostArray(scalar: Float(2)),
    ]
  }

  private func model() throws -> CompiledModel {
    try CompiledModel(library: Self.library.get(), seed: 3, threads: 2)
  }

  private func taken(_ array: HostArray, _ rows: [Int]) throws -> HostArray {
    let width = array.bytes.count / array.shape[0]
    return try HostArray(
      dtype: array.dtype, shape: [rows.count] + array.shape.dropFirst(),
      bytes: rows.flatMap { array.bytes[($0 * width)..<(($0 + 1) * width)] })
  }

  @Test(arguments: [true, false])
  func areTheSameAsOneByOne(_ isShuffled: Bool) throws {
    let (batch, count) = (5, 9)
    let order = (0..<batch * count).map { isShuffled ? ($0 * 7 + 3) % rows : $0 % (rows / batch * batch) }
    let feeds = try feeds()
    let (one, many) = (try model(), try model())
    let step = try one.prepare("train")
    var losses: [[UInt8]] = []
    for index in 0..<count {
      var inputs = feeds
      for name in ["x", "labels"] {
        inputs[name] = try taken(try #require(feeds[name]), [Int](order[(index * batch)..<((index + 1) * batch)]))
      }
      losses.append(try step.run(step.ordered(inputs))[1].bytes)
    }
    let steps = try many.prepare("train")
    let outputs = try steps.runSteps(
      steps.ordered(feeds), batchSize: batch, count: count, order: isShuffled ? order.map { Int64($0) } : nil)
    #expect(outputs[0].shape == [count] && outputs[1].shape == [count, 2])
    #expect(outputs[1].bytes == losses.flatMap { $0 })
    for name in one.variableNames { #expect(try one.value(of: name).bytes == many.value(of: name).bytes, "\(name)") }
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let steps = try model().prepare("train")
    let inputs = try steps.ordered(feeds())
    func message(_ batch: Int, _ count: Int, _ order: [Int64]? = nil) -> String {
      do {
        _ = try steps.runSteps(inputs, batchSize: batch, count: count, order: order)
        return ""
      } catch { return "\(error)" }
    }
    #expect(message(24, 1).contains("cannot be taken from 23 rows"))
    #expect(message(0, 1).contains("at least 1") && message(1, .max).contains("at least 1"))
    #expect(message(2, 2, [0, 1, 2]).contains("must have 4"))
    #expect(message(2, 1, [0, 23]).contains("names row 23 of 23"))
    #expect(message(2, 1, [-1, 0]).contains("names row -1"))
    #expect(message(2, 3).isEmpty, "the signature stays usable")
  }
}
