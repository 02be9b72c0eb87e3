import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import Foundation
import Testing

/// One operation with values computed by TensorFlow in float64.
struct GoldenCase: Sendable, CustomTestStringConvertible {
  let id: String
  let op: String
  let attributes: [String: GoldenValue]
  let inputs: [String: HostArray]
  let output: HostArray
  let upstream: HostArray?
  let gradients: [String: HostArray]
  var testDescription: String { id }

  static let all: [GoldenCase] = (try? load()) ?? []

  static func load() throws -> [GoldenCase] {
    let folder =
      ProcessInfo.processInfo.environment["ELBOW_GOLDEN"].map { URL(fileURLWithPath: $0) }
      ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Goldens")
    struct File: Decodable { let cases: [GoldenValue] }
    let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: folder.appendingPathComponent("nn.json")))
    return file.cases.compactMap { GoldenCase($0) }
  }

  init?(_ value: GoldenValue) {
    guard let id = value["id"]?.text, let op = value["op"]?.text, var output = value["output"]?.array,
      case .object(let inputs)? = value["inputs"]
    else { return nil }
    if let exact = value["exact"]?["output"], let index = exact["index"]?.numbers, let values = exact["value"]?.numbers
    {
      var doubles = output.doubles
      for (position, number) in zip(index, values) { doubles[Int(position)] = number }
      output = (try? HostArray(doubles, shape: output.shape)) ?? output
    }
    self.id = id
    self.op = op
    if case .object(let attributes)? = value["attrs"] { self.attributes = attributes } else { attributes = [:] }
    self.inputs = inputs.compactMapValues(\.array)
    self.output = output
    upstream = value["upstream"]?.array
    if case .object(let gradients)? = value["gradients"] {
      self.gradients = gradients.compactMapValues(\.array)
    } else {
      gradients = [:]
    }
  }

  func integers(_ name: String) -> [Int] { attributes[name]?.numbers?.map { Int($0) } ?? [] }
  func integer(_ name: String) -> Int? { attributes[name]?.number.map { Int($0) } }
  func flag(_ name: String) -> Bool { if case .flag(let value)? = attributes[name] { value } else { false } }
  /// NaN if the case has none, so that its absence is no value.
  var epsilon: Double { attributes["epsilon"]?.number ?? .nan }
  var padding: ConvolutionPadding { attributes["padding"]?.text == "SAME" ? .same : .valid }
}

/// A JSON value.
enum GoldenValue: Sendable, Decodable {
  case number(Double)
  case flag(Bool)
  case text(String)
  case list([GoldenValue])
  case object([String: GoldenValue])
  case none

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .none
    } else if let value = try? container.decode([GoldenValue].self) {
      self = .list(value)
    } else if let value = try? container.decode([String: GoldenValue].self) {
      self = .object(value)
    } else if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  subscript(name: String) -> GoldenValue? { if case .object(let members) = self { members[name] } else { nil } }
  var text: String? { if case .text(let value) = self { value } else { nil } }
  var number: Double? {
    switch self {
    case .number(let value): value
    case .text("inf"): .infinity
    case .text("-inf"): -.infinity
    case .text("nan"): .nan
    default: nil
    }
  }
  var numbers: [Double]? { if case .list(let values) = self { values.compactMap(\.number) } else { nil } }
  var array: HostArray? {
    guard let shape = self["shape"]?.numbers, let data = self["data"]?.numbers else { return nil }
    let values = try? HostArray(data, shape: shape.map { Int($0) })
    return self["dtype"]?.text.flatMap { DType(rawValue: $0) }.map { dtype in try? values?.converted(to: dtype) }
      ?? values
  }
}

/// Our operations against TensorFlow's: the result, and the gradients of sum(output * upstream).
@Suite struct GoldenNN {
  /// Operations by their name in the file; those that are missing are compositions of other modules.
  static let operations: [String: @Sendable (GoldenCase, [String: Tensor]) -> Tensor?] = [
    "avg_pool": { golden, x in
      x["x"].map {
        avgPool2D($0, size: golden.integers("ksize"), strides: golden.integers("strides"), padding: golden.padding)
      }
    },
    "batch_norm_inference": { golden, x in
      guard let mean = x["moving_mean"], let variance = x["moving_variance"] else { return nil }
      return x["x"].map {
        normalized(
          $0, mean: mean, variance: variance, scale: x["gamma"], offset: x["beta"], epsilon: golden.epsilon)
      }
    },
    "batch_norm_training": { golden, x in
      guard let input = x["x"] else { return nil }
      let (mean, variance) = moments(input, axes: [Int](0..<input.rank - 1))
      return normalized(
        input, mean: mean, variance: variance, scale: x["gamma"], offset: x["beta"], epsilon: golden.epsilon)
    },
    "bessel_i0e": { _, x in x["x"].map { i0e($0) } },
    "bessel_i1e": { _, x in x["x"].map { i1e($0) } },
    "betainc": { _, x in
      guard let a = x["a"], let b = x["b"], let x = x["x"] else { return nil }
      return betainc(a, b, x)
    },
    "cholesky": { _, x in x["a"].map { cholesky($0) } },
    "conv2d": { golden, x in
      guard let images = x["x"], let kernel = x["kernel"] else { return nil }
      return biased(
        conv2D(
          images, kernel, strides: golden.integers("strides"), padding: golden.padding,
          dilations: golden.attributes["dilations"] == nil ? [1, 1] : golden.integers("dilations")), x)
    },
    "conv2d_transpose": { golden, x in
      guard let images = x["x"], let kernel = x["kernel"] else { return nil }
      let isDefault = golden.flag("keras_default_output")
      return biased(
        conv2DTranspose(
          images, kernel, strides: golden.integers("strides"), padding: golden.padding,
          outputSize: isDefault ? nil : [Int](golden.integers("output_shape")[1..<3])), x)
    },
    "cumsum": { golden, x in
      x["x"].map {
        cumsum(
          $0, axis: golden.integer("axis") ?? 0, reverse: golden.flag("reverse"), exclusive: golden.flag("exclusive"))
      }
    },
    "dense": { _, x in
      guard let input = x["x"], let kernel = x["kernel"] else { return nil }
      return biased(matmul(input, kernel), x)
    },
    "depthwise_conv2d": { golden, x in
      guard let images = x["x"], let kernel = x["kernel"] else { return nil }
      return depthwiseConv2D(images, kernel, strides: golden.integers("strides"), padding: golden.padding)
    },
    "digamma": { _, x in x["x"].map { digamma($0) } },
    "elu": { _, x in x["x"].map { elu($0) } },
    "erf": { _, x in x["x"].map { erf($0) } },
    "erfc": { _, x in x["x"].map { erfc($0) } },
    "erfinv": { _, x in x["x"].map { erfinv($0) } },
    "exp": { _, x in x["x"].map { exp($0) } },
    "expm1": { _, x in x["x"].map { expm1($0) } },
    "gelu_erf": { _, x in x["x"].map { gelu($0) } },
    "gelu_tanh": { _, x in x["x"].map { gelu($0, approximate: true) } },
    "layer_norm": { golden, x in
      x["x"].map { layerNormalized($0, scale: x["gamma"], offset: x["beta"], epsilon: golden.epsilon) }
    },
    "igamma": { _, x in
      guard let a = x["a"], let x = x["x"] else { return nil }
      return igamma(a, x)
    },
    "igammac": { _, x in
      guard let a = x["a"], let x = x["x"] else { return nil }
      return igammac(a, x)
    },
    "lbeta": { _, x in
      guard let a = x["a"], let b = x["b"] else { return nil }
      return lbeta(a, b)
    },
    "leaky_relu": { golden, x in x["x"].map { leakyRelu($0, alpha: golden.attributes["alpha"]?.number ?? 0.2) } },
    "lgamma": { _, x in x["x"].map { lgamma($0) } },
    "log1mexp": { _, x in x["x"].map { log1mexp(-$0) } },
    "log1p": { _, x in x["x"].map { log1p($0) } },
    "log_add_exp": { _, x in
      guard let a = x["x"], let b = x["y"] else { return nil }
      return logAddExp(a, b)
    },
    "log_ndtr": { _, x in x["x"].map { logNdtr($0) } },
    "log_sigmoid": { _, x in x["x"].map { logSigmoid($0) } },
    "log_softmax": { golden, x in x["x"].map { logSoftmax($0, axis: golden.integer("axis") ?? -1) } },
    "logsumexp": { golden, x in
      x["x"].map {
        logSumExp(
          $0, axes: golden.integer("axis").map { [$0] } ?? [Int](0..<$0.rank), keepDims: golden.flag("keepdims"))
      }
    },
    "matmul": { golden, x in
      guard let a = x["a"], let b = x["b"] else { return nil }
      return matmul(a, b, transposeA: golden.flag("transpose_a"), transposeB: golden.flag("transpose_b"))
    },
    "max_pool": { golden, x in
      x["x"].map {
        maxPool2D($0, size: golden.integers("ksize"), strides: golden.integers("strides"), padding: golden.padding)
      }
    },
    "ndtr": { _, x in x["x"].map { ndtr($0) } },
    "ndtri": { _, x in x["x"].map { ndtri($0) } },
    "relu": { _, x in x["x"].map { relu($0) } },
    "sigmoid": { _, x in x["x"].map { sigmoid($0) } },
    "silu": { _, x in x["x"].map { silu($0) } },
    "softmax": { golden, x in x["x"].map { softmax($0, axis: golden.integer("axis") ?? -1) } },
    "softplus": { _, x in x["x"].map { softplus($0) } },
    "tanh": { _, x in x["x"].map { tanh($0) } },
    "xlog1py": { _, x in
      guard let a = x["x"], let b = x["y"] else { return nil }
      return xlog1py(a, b)
    },
    "xlogy": { _, x in
      guard let a = x["x"], let b = x["y"] else { return nil }
      return xlogy(a, b)
    },
    "triangular_solve": { golden, x in
      guard let l = x["l"], let b = x["b"] else { return nil }
      return triangularSolve(l, b, lower: golden.flag("lower"), transposed: golden.flag("adjoint"))
    },
  ]

  private static func biased(_ y: Tensor, _ inputs: [String: Tensor]) -> Tensor { inputs["bias"].map { y + $0 } ?? y }

  @Test func theFileIsThere() throws { #expect(try GoldenCase.load().count > 250) }

  @Test(arguments: GoldenCase.all.filter { operations[$0.op] != nil })
  func agreesWithTensorFlow(_ golden: GoldenCase) throws {
    let graph = Graph()
    var inputs: [String: Tensor] = [:]
    for (name, value) in golden.inputs.sorted(by: { $0.key < $1.key }) {
      inputs[name] = graph.placeholder(name, shape: value.shape, dtype: value.dtype)
    }
    let operation = try #require(GoldenNN.operations[golden.op])
    let y = try #require(operation(golden, inputs))
    var fetches = [y]
    let names = golden.gradients.keys.sorted()
    if let upstream = golden.upstream {
      let value = (y * graph.constant(upstream)).sum()
      fetches += gradients(of: value, by: names.compactMap { inputs[$0] })
    }
    try graph.check()
    let found = try evaluate(fetches, feeding: golden.inputs)
    #expect(found[0].shape == golden.output.shape)
    #expect(agree(found[0].doubles, golden.output.doubles, tolerance: 1e-10))
    for (name, value) in zip(names, found.dropFirst()) {
      let expected = try #require(golden.gradients[name])
      // Where TensorFlow's is NaN ours has to be a number.
      let wanted = zip(value.doubles, expected.doubles).map { $1.isNaN && !$0.isNaN ? $0 : $1 }
      #expect(agree(value.doubles, wanted, tolerance: 1e-9), "gradient by \(name)")
    }
  }
}
