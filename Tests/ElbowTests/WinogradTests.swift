import Elbow
import ElbowCodegen
import Foundation
import Testing

/// Convolutions with fewer multiplications than products, forward and by both operands: compiled code against the reference
/// evaluator.
@Suite struct WinogradTests {
  struct Case {
    var size: (Int, Int)
    var kernel: (Int, Int)
    var channels: (Int, Int)
    var stride = 1
    var padding: ConvolutionPadding
  }

  /// Patches that end with the image and beyond it, kernels of all sizes that are taken, strides.
  static let cases = [
    Case(size: (8, 8), kernel: (5, 5), channels: (32, 32), padding: .same),
    Case(size: (11, 14), kernel: (3, 3), channels: (64, 32), padding: .same),
    Case(size: (22, 11), kernel: (3, 6), channels: (32, 32), padding: .valid),
    Case(size: (17, 12), kernel: (4, 3), channels: (32, 64), padding: .explicit([(2, 0), (1, 3)])),
    Case(size: (7, 7), kernel: (5, 5), channels: (32, 64), padding: .same),
    Case(size: (16, 14), kernel: (5, 6), channels: (32, 32), stride: 2, padding: .same),
    Case(size: (19, 27), kernel: (5, 5), channels: (64, 32), stride: 2, padding: .valid),
  ]

  private static func network(
    batch: Int? = nil, dtype: DType = .float32
  ) -> (graph: Graph, signature: Signature) {
    let graph = Graph()
    var signature = Signature("convolutions")
    for (index, test) in cases.enumerated() {
      let x = graph.placeholder("x\(index)", shape: [batch, test.size.0, test.size.1, test.channels.0], dtype: dtype)
      let w = graph.placeholder(
        "w\(index)", shape: [test.kernel.0, test.kernel.1, test.channels.0, test.channels.1], dtype: dtype)
      let y = conv2D(x, w, strides: [test.stride, test.stride], padding: test.padding)
      // Whose gradient is large and different everywhere.
      let loss = (y * y).sum()
      signature.outputs.append((name: "y\(index)", tensor: y))
      for (name, gradient) in zip(["x", "w"], gradients(of: loss, by: [x, w])) {
        signature.outputs.append((name: "\(name)\(index) gradient", tensor: gradient))
      }
    }
    return (graph, signature)
  }

  private static func feeds(batch: Int, dtype: DType = .float32) throws -> [String: HostArray] {
    var random = SplitMix64(seed: 23)
    var feeds: [String: HostArray] = [:]
    for (index, test) in cases.enumerated() {
      feeds["x\(index)"] = try .random(dtype, [batch, test.size.0, test.size.1, test.channels.0], -1...1, &random)
      feeds["w\(index)"] = try .random(
        dtype, [test.kernel.0, test.kernel.1, test.channels.0, test.channels.1], -1...1, &random)
    }
    return feeds
  }

  /// The largest difference, in standard deviations of the expected values.
  private static func error(_ found: HostArray?, _ expected: HostArray?) throws -> Double {
    let (x, y) = (try #require(found), try #require(expected))
    #expect(x.shape == y.shape)
    let deviation = (y.doubles.reduce(0) { $0 + $1 * $1 } / Double(y.doubles.count)).squareRoot()
    return zip(x.doubles, y.doubles).reduce(0) { max($0, ($1.0 - $1.1).magnitude) } / deviation
  }

  @Test func agreesWithReference() throws {
    let (graph, signature) = Self.network()
    let feeds = try Self.feeds(batch: 1)
    let expected = try Session(graph, backend: .reference).run(signature, feeding: feeds)
    for (contractions, tolerance) in [(ContractionBackend.emitted, 1e-4), (.direct, 2e-5)] {
      let session = try Session(
        graph, threads: 1, options: BuildOptions(contractions: contractions), cache: temporaryCache())
      let found = try session.run(signature, feeding: feeds)
      for (name, _) in signature.outputs {
        #expect(try Self.error(found[name], expected[name]) < tolerance, "\(name), \(contractions)")
      }
    }
  }

  /// A network's results with some threads, one after the other from the same libraries; nil stands for products carried out.
  private static func results(
    _ network: (graph: Graph, signature: Signature), batch: Int, threads: [Int?]
  ) throws -> [[String: HostArray]] {
    let feeds = try feeds(batch: batch)
    let cache = try temporaryCache()
    return try threads.map { threads in
      let options = BuildOptions(contractions: threads == nil ? .direct : .emitted)
      return try Session(network.graph, threads: threads ?? 1, options: options, cache: cache)
        .run(network.signature, feeding: feeds)
    }
  }

  /// Compiled code agrees with products carried out, and to the bit with itself by other numbers of threads.
  private static func check(
    _ network: (graph: Graph, signature: Signature), batch: Int, threads: [Int]
  ) throws {
    let results = try results(network, batch: batch, threads: [nil, 1] + threads)
    for (name, _) in network.signature.outputs {
      #expect(try error(results[1][name], results[0][name]) < 1e-4, "\(name)")
      for (several, count) in zip(results[2...], threads) {
        #expect(several[name]?.bytes == results[1][name]?.bytes, "\(name) with \(count) threads")
      }
    }
  }

  /// Patches of several images in turn, of several tiles, by several threads.
  @Test func agreesWithProductsCarriedOut() throws {
    try Self.check(Self.network(), batch: 11, threads: [3])
  }

  /// Threads share the rows of a single image, patch by patch.
  @Test func dividesASingleImage() throws {
    let (graph, signature) = Self.network(batch: 1)
    try Self.check((graph, signature), batch: 1, threads: [2, 3, 7])
    let code = try ModelCompiler(name: "m").emit(graph, [signature], withLines: false).sources.map(\.text).joined()
    #expect(code.components(separatedBy: "el_winograd_image_8_5_5(&").count > 1)
    #expect(code.contains(".high = last - first"))
  }

  private static func code(_ contractions: ContractionBackend, dtype: DType) throws -> String {
    let (graph, signature) = network(dtype: dtype)
    let compiler = ModelCompiler(name: "m", options: BuildOptions(contractions: contractions))
    return try compiler.emit(graph, [signature], withLines: false).sources.map(\.text).joined()
  }

  /// The cases above are computed so: each forward, by the input and by the kernel. Float64 is for those who need its accuracy.
  @Test func isUsedWhereItPays() throws {
    let code = try Self.code(.emitted, dtype: .float32)
    func calls(_ code: String, _ function: String) -> Int {
      code.components(separatedBy: "el_winograd_\(function)(&").count - 1
    }
    #expect(calls(code, "image_8_5_5") == 4 && calls(code, "kernel_8_5_5") == 2)
    for kernel in ["8_3_6", "8_4_3"] {
      #expect(calls(code, "image_\(kernel)") == 2 && calls(code, "kernel_\(kernel)") == 1, "\(kernel)")
    }
    // With a stride, the gradient by the input is woven of four convolutions, one of which is large enough.
    #expect(calls(code, "image_8_3_3") == 3 && calls(code, "kernel_8_3_3") == 1)
    #expect(calls(code, "image_6_3_3") == 2 && calls(code, "kernel_6_3_3") == 2)
    for other in [try Self.code(.emitted, dtype: .float64), try Self.code(.direct, dtype: .float32)] {
      let isUsed = other.contains("el_winograd")
      #expect(!isUsed)
    }
  }
}
