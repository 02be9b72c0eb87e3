import Elbow
import Foundation
import Testing

/// What a user does with a session.
@Suite struct SessionTests {
  private let graph = Graph()

  /// A line through points, found by gradient descent.
  @Test(arguments: [Session.Backend.reference, .compiled])
  func trains(_ backend: Session.Backend) throws {
    let x = graph.placeholder("x", shape: [nil])
    let y = graph.placeholder("y", shape: [nil])
    let slope = graph.variable("slope", initialValue: graph.constant(0))
    let offset = graph.variable("offset", initialValue: graph.constant(0))
    let error = slope * x + offset - y
    let train = SGD(learningRate: 0.1).minimize(mean(error * error))
    let session = try Session(graph, seed: 1, backend: backend, cache: temporaryCache())
    let feeds = [x: HostArray([Float(-1), 0, 1, 2]), y: HostArray([Float(-1), 1, 3, 5])]
    for _ in 0..<200 { try session.run(train, feeding: feeds) }
    #expect(abs(try session.value(of: "slope").doubles[0] - 2) < 1e-3)
    #expect(abs(try session.value(of: "offset").doubles[0] - 1) < 1e-3)
  }

  @Test func nothingToConcatenateIsAMistake() {
    #expect(!concatenate([], axis: 0).isValid && !stack([]).isValid)
    _ = concatenate([], axis: 0) + graph.constant(1)
    #expect(throws: ElbowError.self) { try (concatenate([], axis: 0) + graph.constant(1)).graph.check() }
  }

  @Test func bothBackendsDrawTheSameNumbers() throws {
    let draws = graph.randomNormal([3, 5]) + graph.randomUniform([5])
    let compiled = try Session(graph, seed: 99, cache: temporaryCache())
    let reference = try Session(graph, seed: 99, backend: .reference)
    for _ in 0..<3 { expectClose(try compiled.run(draws), try reference.run(draws), "draws") }
    #expect(compiled.randomState == reference.randomState)
  }

  @Test func changingAScalarDoesNotRecompile() throws {
    let x = graph.placeholder("x", shape: [nil])
    let factor = graph.placeholder("factor", defaultValue: 2)
    let session = try Session(graph, cache: temporaryCache())
    let product = x * factor
    #expect(try session.run(product, feeding: [x: HostArray([Float(3)])]).doubles == [6])
    let before = LibraryBuilder.compilationCount
    for value in [0.5, 7, -1] as [Float] {
      let result = try session.run(product, feeding: [x: HostArray([Float(3), 4]), factor: HostArray(scalar: value)])
      #expect(result.doubles == [Double(3 * value), Double(4 * value)])
    }
    #expect(LibraryBuilder.compilationCount == before)
  }

  @Test func aSecondSessionFindsCompiledCode() throws {
    let y = exp(graph.constant([0, 1]))
    _ = try Session(graph, cache: temporaryCache()).run(y)
    let before = LibraryBuilder.compilationCount
    _ = try Session(graph, cache: temporaryCache()).run(y)
    #expect(LibraryBuilder.compilationCount == before)
  }

  @Test func specialisedLibrariesServeTheirSizeAlone() throws {
    let x = graph.placeholder("x", shape: [nil, 3])
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("elbow-special-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let library = try graph.compile(
      "doubler", signatures: [Signature("double", outputs: ["y": x * 2])], to: folder, specialization: ["n": 4])
    let model = try CompiledModel(contentsOf: library)
    let rows = try HostArray([Float](repeating: 1, count: 12), shape: [4, 3])
    #expect(try model.run("double", inputs: ["x": rows])["y"]?.doubles == [Double](repeating: 2, count: 12))
    #expect(throws: ElbowError.self) { try model.run("double", inputs: ["x": HostArray(zeros: [5, 3])]) }
  }
}
