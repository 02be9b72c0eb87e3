import Elbow
import Foundation
import TestFolders
import Testing

/// Every primitive on its sample operands: compiled code against the reference evaluator.
///
/// All are signatures of one library: what takes time is the C compiler.
@Suite struct CompiledPrimitiveTests {
  private static let types = PrimitiveRegistry.all.filter { !$0.samples.isEmpty }

  private static let library = Result {
    let graph = Graph()
    let signatures = try types.map { try signature(of: $0, in: graph) }
    return try LoadedLibrary(
      contentsOf: ModelCompiler(name: "primitives").compile(graph, signatures, cache: temporaryCache()))
  }

  /// The results of a primitive's samples, whose operands are fed.
  private static func signature(of type: any Primitive.Type, in graph: Graph) throws -> Signature {
    var signature = Signature(type.name)
    for (index, sample) in type.samples.enumerated() {
      let operands = try sample.operands.enumerated().map { position, operand in
        graph.placeholder(
          "\(type.name)\(index)_\(position)", shape: try #require(operand.shape.extents).map { $0 },
          dtype: operand.dtype)
      }
      signature.outputs.append((name: "y\(index)", tensor: graph.apply(sample.primitive, operands)))
    }
    return signature
  }

  private static func feeds(_ type: any Primitive.Type) throws -> [String: HostArray] {
    var random = SplitMix64(seed: 7)
    var feeds: [String: HostArray] = [:]
    for (index, sample) in type.samples.enumerated() {
      for (position, operand) in sample.operands.enumerated() {
        var value = try HostArray.random(
          operand.dtype, #require(operand.shape.extents), sample.range, &random)
        if position == 0, sample.preparation == .positiveDefinite { value = try value.madePositiveDefinite() }
        feeds["\(type.name)\(index)_\(position)"] = value
      }
    }
    return feeds
  }

  @Test(arguments: types.map { $0.name })
  func agreesWithReference(_ name: String) throws {
    let type = try #require(PrimitiveRegistry.named(name))
    let graph = Graph()
    let signature = try Self.signature(of: type, in: graph)
    let feeds = try Self.feeds(type)
    let expected = try Session(graph, backend: .reference).run(signature, feeding: feeds)
    for threads in [1, 3] {
      let model = try CompiledModel(library: Self.library.get(), threads: threads)
      // A value that no result depends on, as of a shape alone, is not asked for.
      let inputs = Set(try model.prepare(name).signature.inputs.map(\.name))
      let found = try model.run(name, inputs: feeds.filter { inputs.contains($0.key) })
      for (output, _) in signature.outputs {
        let (a, b) = (try #require(expected[output]), try #require(found[output]))
        expectClose(b, a, "\(name) \(output)")
      }
    }
  }
}

@Suite struct ContractionBackendTests {
  @Test func openBLASAgrees() throws {
    var random = SplitMix64(seed: 3)
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 37])
    let w = graph.placeholder("w", shape: [37, 50])
    let product = matmul(x, w)
    let outputs: KeyValuePairs = [
      "product": product, "left": matmul(product, w, transposeB: true), "right": matmul(x, product, transposeA: true),
    ]
    let feeds = [
      "x": try HostArray.random(.float32, [23, 37], -1...1, &random),
      "w": try HostArray.random(.float32, [37, 50], -1...1, &random),
    ]
    let signature = Signature("products", outputs: outputs)
    let expected = try Session(graph, backend: .reference).run(signature, feeding: feeds)
    let session = try Session(
      graph, threads: 1, options: BuildOptions(contractions: .openBLAS), cache: temporaryCache())
    let found = try session.run(signature, feeding: feeds)
    for (name, value) in expected { expectClose(try #require(found[name]), value, name, tolerance: 1e-4) }
  }

  /// Weights that are read as they lie, that are copied with each tile, and that are copied once. Sums of up to 5,000 products cancel.
  @Test(arguments: [DType.float32, .float64], ContractionBackend.allCases)
  func transposedWeightsAgree(dtype: DType, contractions: ContractionBackend) throws {
    var random = SplitMix64(seed: 5)
    let graph = Graph()
    var outputs: [(String, Tensor)] = []
    var feeds: [String: HostArray] = [:]
    for (depth, columns) in [(300, 50), (5000, 7), (64, 1), (67, 4), (20, 100), (100, 300)] {
      let name = "\(columns)x\(depth)"
      let x = graph.placeholder("x\(name)", shape: [nil, depth], dtype: dtype)
      let w = graph.placeholder("w\(name)", shape: [columns, depth], dtype: dtype)
      outputs.append((name, relu(matmul(x, w, transposeB: true) + 1)))
      feeds["x\(name)"] = try .random(dtype, [133, depth], -1...1, &random)
      feeds["w\(name)"] = try .random(dtype, [columns, depth], -1...1, &random)
    }
    var signature = Signature("products")
    signature.outputs = outputs
    let expected = try Session(graph, backend: .reference).run(signature, feeding: feeds)
    var seen: [[String: HostArray]] = []
    for threads in [1, 2] {
      let session = try Session(
        graph, threads: threads, options: BuildOptions(contractions: contractions), cache: temporaryCache())
      let found = try session.run(signature, feeding: feeds)
      seen.append(found)
      for (name, value) in expected {
        expectClose(try #require(found[name]), value, name, tolerance: dtype == .float32 ? 1e-4 : 1e-12)
      }
    }
    #expect(seen[0] == seen[1])
  }

  @Test(arguments: [DType.float32, .float64]) func lapackAgrees(dtype: DType) throws {
    var random = SplitMix64(seed: 4)
    let graph = Graph()
    let x = graph.placeholder("x", shape: [3, 40, 40], dtype: dtype)
    let b = graph.placeholder("b", shape: [3, 40, 7], dtype: dtype)
    let definite = matmul(x, x, transposeB: true) + diag(graph.full([40], 40, dtype: dtype))
    // Positive definite but for the pivot of row 25, so that the factor is NaN from there on.
    let spike = graph.constant((0..<40).map { $0 == 25 ? 1000.0 : 0 }, dtype: dtype)
    let indefinite = definite - diag(spike)
    let factor = cholesky(definite)
    var signature = Signature(
      "algebra",
      outputs: ["factor": factor, "broken": cholesky(indefinite), "gradient": gradient(of: factor.sum(), by: x)])
    for (lower, transposed) in [(true, false), (true, true), (false, false), (false, true)] {
      let matrix = lower ? factor : factor.transpose
      signature.outputs.append(
        ("solved \(lower) \(transposed)", triangularSolve(matrix, b, lower: lower, transposed: transposed)))
    }
    let feeds = [
      "x": try HostArray.random(dtype, [3, 40, 40], -1...1, &random),
      "b": try HostArray.random(dtype, [3, 40, 7], -1...1, &random),
    ]
    let expected = try Session(graph, backend: .reference).run(signature, feeding: feeds)
    let session = try Session(
      graph, threads: 1, options: BuildOptions(contractions: .openBLAS), cache: temporaryCache())
    #expect(expected["broken"]?.doubles.contains { $0.isNaN } == true)
    let found = try session.run(signature, feeding: feeds)
    for (name, value) in expected {
      expectClose(try #require(found[name]), value, name, tolerance: dtype == .float32 ? 1e-4 : 1e-11)
    }
  }
}

/// A cache for this test process alone.
func temporaryCache() throws -> ArtifactCache { try ArtifactCache(folder: cacheFolder.get().url) }

private let cacheFolder = Result { try TemporaryFolder("elbow-tests") }

extension HostArray {
  /// Numbers uniform in a range, or whole ones for integers.
  static func random(
    _ dtype: DType, _ shape: [Int], _ range: ClosedRange<Double>, _ generator: inout SplitMix64
  ) throws -> HostArray {
    let count = shape.reduce(1, *)
    let values = (0..<count).map { _ in Double.random(in: range, using: &generator) }
    switch dtype {
    case .float32: return try HostArray(values.map { Float($0) }, shape: shape)
    case .float64: return try HostArray(values, shape: shape)
    case .int32: return try HostArray(values.map { Int32($0) }, shape: shape)
    case .int64: return try HostArray(values.map { Int64($0) }, shape: shape)
    case .uint32: return try HostArray(values.map { UInt32($0) }, shape: shape)
    case .uint8: return try HostArray(values.map { UInt8($0) }, shape: shape)
    case .bool: return try HostArray(values.map { $0 > (range.lowerBound + range.upperBound) / 2 }, shape: shape)
    }
  }
}

extension HostArray {
  /// x xT + n I for the matrices of the last two axes.
  func madePositiveDefinite() throws -> HostArray {
    let graph = Graph()
    let x = graph.placeholder("x", shape: shape.map { $0 }, dtype: dtype)
    let size = shape[shape.count - 1]
    let identity = (graph.iota([Dimension(size), 1], axis: 0) .== graph.iota([Dimension(size)], axis: 0)).cast(
      to: dtype)
    let product = matmul(x, x.transpose) + identity * Double(size)
    return try Session(graph, backend: .reference).run(product, feeding: [x: self])
  }
}

/// Whether two arrays agree: integers exactly, floating point within a few units of the last place of the larger magnitude.
func expectClose(_ a: HostArray, _ b: HostArray, _ what: String, tolerance: Double? = nil) {
  #expect(a.dtype == b.dtype && a.shape == b.shape, "\(what): \(a) is not of the type of \(b)")
  let (x, y) = (a.doubles, b.doubles)
  guard x.count == y.count else { return }
  let relative = tolerance ?? (a.dtype == .float32 ? 4e-6 : a.dtype == .float64 ? 1e-13 : 0)
  let scale = y.filter(\.isFinite).map(\.magnitude).max() ?? 1
  for index in x.indices where !(x[index] == y[index] || (x[index].isNaN && y[index].isNaN)) {
    let bound = relative * max(y[index].magnitude, 1e-2 * scale)
    if !((x[index] - y[index]).magnitude <= bound) {
      Issue.record("\(what): element \(index) is \(x[index]), not \(y[index])")
      return
    }
  }
}
