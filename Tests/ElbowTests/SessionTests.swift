import Elbow
import Foundation
import TestFolders
import Testing

/// A user's work with a session.
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

  /// Two variables of each kind, whose kernels are one function in C: some hold NaN where a draw is tried again.
  @Test func everyInitializerCompiles() throws {
    let initializers: [(String, Initializer)] = [
      ("heNormal", .heNormal), ("heUniform", .heUniform), ("glorotNormal", .glorotNormal),
      ("glorotUniform", .glorotUniform), ("lecunNormal", .lecunNormal), ("lecunUniform", .lecunUniform),
      ("truncatedNormal", .truncatedNormal()), ("orthogonal", .orthogonal()), ("randomNormal", .randomNormal()),
      ("randomUniform", .randomUniform()), ("ones", .ones), ("zeros", .zeros),
    ]
    for (name, initializer) in initializers {
      for rows in [3, 5] {
        let value = initializer([rows, 4], graph: graph, dtype: .float32)
        _ = graph.variable("\(name)\(rows)", initialValue: value)
      }
    }
    for (index, shape) in ([[3], [5]] as [Shape]).enumerated() {
      let truncated = TruncatedNormal(loc: graph.zeros([]), scale: 1.0, low: -1.0, high: 1.0)
      _ = graph.variable("truncated\(index)", initialValue: truncated.sample(shape))
      let circular = VonMises(loc: graph.zeros([]), concentration: 2.0)
      _ = graph.variable("circular\(index)", initialValue: circular.sample(shape))
    }
    let compiled = try Session(graph, seed: 7, options: BuildOptions(optimization: 0), cache: temporaryCache())
    let reference = try Session(graph, seed: 7, backend: .reference)
    for variable in graph.variables {
      expectClose(
        try compiled.value(of: variable.name), try reference.value(of: variable.name), variable.name, tolerance: 1e-4)
    }
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
    let model = try withTemporaryFolder { folder in
      try CompiledModel(
        contentsOf: graph.compile(
          "doubler", signatures: [Signature("double", outputs: ["y": x * 2])], to: folder, specialization: ["n": 4]))
    }
    let rows = try HostArray([Float](repeating: 1, count: 12), shape: [4, 3])
    #expect(try model.run("double", inputs: ["x": rows])["y"]?.doubles == [Double](repeating: 2, count: 12))
    #expect(throws: ElbowError.self) { try model.run("double", inputs: ["x": HostArray(zeros: [5, 3])]) }
  }
}
