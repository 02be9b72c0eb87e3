import Elbow
import ElbowCodegen
import Foundation
import TestFolders
import Testing

/// Looking at values: of tensors while a graph is built, and of arrays.
@Suite struct LookingTests {
  // MARK: Tensors

  @Test func aTensorHasAValueWithoutASession() throws {
    let graph = Graph()
    let n = Normal(in: graph, loc: 0, scale: 1)
    #expect(try n.sample(6).value().shape == [6])
    #expect(try n.logProb([-1, 0, 1]).value().isClose(to: HostArray([-1.4189385, -0.9189385, -1.4189385])))
    let draws = n.sample(6)
    #expect(try draws.value() == draws.value(seed: 0))
  }

  @Test func valuesAreThoseOfTheFirstRunOfASession() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let y = Dense(4, activation: relu)(x) + Normal(in: graph, loc: 0, scale: 1).sample(4)
    let feeds: [Tensor: any ArrayConvertible] = [x: [[1, 2, 3], [4, 5, 6]]]
    let looked = try y.value(feeding: feeds, seed: 7)
    #expect(try looked.isClose(to: Session(graph, seed: 7, backend: .reference).run(y, feeding: feeds)))
    #expect(try looked.isClose(to: Session(graph, seed: 7).run(y, feeding: feeds)))
    #expect(try looked != y.value(feeding: feeds, seed: 8))
  }

  /// A folder that cannot be a cache, and a compiler that does not exist, are not asked for.
  @Test func smallValuesNeedNoCompiler() throws {
    let graph = Graph()
    let x = graph.randomNormal([20, 30])
    let began = ContinuousClock.now
    let product = try matmul(x, x, transposeB: true).value()
    #expect(product.shape == [20, 20])
    // A compiler takes hundreds of milliseconds.
    #expect(ContinuousClock.now - began < .milliseconds(200))
  }

  @Test func largeValuesAreCompiled() throws {
    let graph = Graph()
    let x = graph.ones([200, 300])
    #expect(
      try matmul(x, x, transposeB: true).value().isClose(
        to: HostArray([Float](repeating: 300, count: 40000), shape: [200, 200])))
  }

  @Test func aMistakeOfTheGraphIsThrown() {
    let graph = Graph()
    let y = matmul(graph.zeros([2, 3]), graph.zeros([2, 3]))
    #expect(throws: ElbowError.self) { try y.value() }
    let x = graph.placeholder("x", shape: [2])
    #expect(throws: ElbowError.self) { try x.value() }
  }

  // MARK: Feeding

  @Test func numbersAreFedAsThePlaceholderHasThem() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 2], dtype: .uint8)
    let y = x.cast(to: .float32) * 2
    #expect(try y.value(feeding: [x: [[1, 2], [3, 255]]]) == HostArray([[2, 4], [6, 510]] as [[Float]]))
    let error = #expect(throws: ElbowError.self) { try y.value(feeding: [x: [[1, 2], [3, 256]]]) }
    #expect(error?.message == "The placeholder 'x' cannot be fed: 256.0 is no value of uint8.")
    let ragged = #expect(throws: ElbowError.self) { try y.value(feeding: [x: [[1, 2], [3]]]) }
    #expect(ragged?.message.contains("rows") == true)
    let scalar = graph.placeholder("s")
    #expect(try (scalar + 1).value(feeding: [scalar: 2]).item() == 3)
    #expect(try (scalar + 1).value(feeding: [scalar: 0.5]).item() == 1.5)
  }

  // MARK: Sessions

  @Test(arguments: [Session.Backend.compiled, .reference])
  func sessionsTakeLaterVariables(_ backend: Session.Backend) throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let encoded = Dense(4, name: "encoder")(x)
    let session = try Session(graph, seed: 3, backend: backend)
    let feeds: [Tensor: any ArrayConvertible] = [x: [[1, 2, 3]]]
    let before = try session.run(encoded, feeding: feeds)
    try session.setValue(HostArray([1, 2, 3, 4] as [Float]), of: "encoder/bias")
    let random = session.randomState

    let decoded = Dense(2, name: "decoder")(encoded)
    let after = try session.run(decoded, feeding: feeds)
    #expect(session.randomState == random)
    #expect(try session.value(of: "encoder/bias") == HostArray([1, 2, 3, 4] as [Float]))
    #expect(session.variableNames == ["encoder/kernel", "encoder/bias", "decoder/kernel", "decoder/bias"])
    #expect(after.shape == [1, 2])

    // The later variables begin as if they had been there from the start.
    let whole = try Session(graph, seed: 3, backend: backend)
    for name in ["encoder/kernel", "decoder/kernel", "decoder/bias"] {
      #expect(try whole.value(of: name) == session.value(of: name), "\(name)")
    }
    #expect(try whole.run(encoded, feeding: feeds) == before)
    // A step of training has variables of its own.
    let step = SGD(learningRate: 1e-3, momentum: 0.9).minimize(mean(decoded * decoded))
    let first = try session.run(step, feeding: feeds).item()
    #expect(try session.run(step, feeding: feeds).item() < first)
  }

  /// A compiler that fails when variables come later loses nothing.
  @Test func aFailedCompilationKeepsWhatWasTrained() throws {
    try withTemporaryFolder { folder in
      let compiler = folder.appendingPathComponent("cc")
      func write(_ script: String) throws {
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: compiler)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: compiler.path)
      }
      try write("exec clang \"$@\"")
      let graph = Graph()
      let bias = graph.variable("bias", shape: [2], initializer: .zeros)
      let cache = try ArtifactCache(folder: folder.appendingPathComponent("cache"))
      let session = try Session(graph, options: BuildOptions(compiler: compiler.path), cache: cache)
      try session.setValue(HostArray([1, 2] as [Float]), of: "bias")
      let later = bias + graph.variable("later", shape: [2], initializer: .ones)
      try write("exit 1")
      #expect(throws: ElbowError.self) { try session.run(later) }
      try write("exec clang \"$@\"")
      #expect(try session.run(later) == HostArray([2, 3] as [Float]))
    }
  }

  @Test func laterVariablesGoByTheSessionsSeed() throws {
    let graph = Graph()
    _ = graph.variable("a", shape: [2])
    let session = try Session(graph, seed: 3, backend: .reference)
    session.randomState = RandomState(seed: 99)
    _ = graph.variable("b", shape: [2])
    #expect(try session.value(of: "b") == Session(graph, seed: 3, backend: .reference).value(of: "b"))
  }

  @Test func everyNumberIsFed() throws {
    #expect(try [[UInt8(1), 255]].hostArray(as: .float32) == HostArray([[1, 255]] as [[Float]]))
    #expect(try [true, false].hostArray(as: .bool) == HostArray([true, false]))
    // A double holds neither of these.
    let large = [Int.max, (1 << 53) + 1]
    #expect(try large.hostArray(as: .int64) == HostArray(large.map { Int64($0) }))
    #expect(throws: ElbowError.self) { try [0.5].hostArray(as: .int32) }
    #expect(try [[Float]]().hostArray(as: .float32).shape == [0])
  }

  // MARK: Arrays

  @Test func arraysPrintAsRows() throws {
    #expect("\(try HostArray([[1, 2], [3, 4.5]] as [[Float]]))" == "[[1.0, 2.0],\n [3.0, 4.5]]")
    #expect("\(HostArray([1, -20, 300] as [Int32]))" == "[  1, -20, 300]")
    #expect("\(HostArray(scalar: Float(0.01)))" == "0.01")
    #expect("\(HostArray([true, false]))" == "[ true, false]")
    #expect("\(HostArray([0.1 + 0.2, .infinity, .nan]))" == "[0.3, inf, nan]")
    #expect("\(try HostArray([Float](), shape: [0, 3]))" == "[]")
    let cube = try HostArray((0..<8).map { Int32($0) }, shape: [2, 2, 2])
    #expect("\(cube)" == "[[[0, 1],\n  [2, 3]],\n\n [[4, 5],\n  [6, 7]]]")
    let long = HostArray((0..<2000).map { Int32($0) })
    #expect("\(long)" == "[   0,    1,    2, ..., 1997, 1998, 1999]")
    let large = try HostArray([Float](repeating: 1, count: 40_000), shape: [200, 200])
    #expect("\(large)".split(separator: "\n").count == 7)
  }

  @Test func partsOfArrays() throws {
    let array = try HostArray((0..<24).map { Int32($0) }, shape: [2, 3, 4])
    #expect(try array[1, 2, 3].item() == 23)
    #expect(try array[-1, 0] == HostArray([12, 13, 14, 15] as [Int32]))
    #expect(try array[0..<1].shape == [1, 3, 4])
    #expect(try array[1..<2].doubles == (12..<24).map(Double.init))
    #expect(try array[0][1].rowsOfOne == [4, 5, 6, 7])
    #expect(try array[0].rows() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]])
    #expect(throws: ElbowError.self) { try array[2] }
    #expect(throws: ElbowError.self) { try array[0, 0, 0, 0] }
    #expect(throws: ElbowError.self) { try array[0..<3] }
    #expect(throws: ElbowError.self) { try array.item() }
  }

  @Test func arraysAreSummedUpAndCompared() throws {
    let array = try HostArray([[1, 2], [3, 6]] as [[Double]])
    #expect(array.sum() == 12 && array.mean() == 3 && array.minimum() == 1 && array.maximum() == 6)
    #expect(array.isClose(to: try HostArray([[1, 2], [3, 6.00001]] as [[Float]])))
    #expect(!array.isClose(to: try HostArray([[1, 2], [3, 6.1]] as [[Float]])))
    #expect(array.floats == [1, 2, 3, 6])
    #expect(try HostArray(array.data, dtype: .float64, shape: [2, 2]) == array)
  }
}

extension HostArray {
  fileprivate var rowsOfOne: [Double] { doubles }
}
