import ElbowArrays
import ElbowDifferentiation
import Foundation
import Testing

@testable import ElbowGraph

@Suite struct GraphFileTests {
  /// A training step with random numbers, variables, symbols that were unified, and a scalar with a default.
  private func model() -> (graph: Graph, signatures: [Signature]) {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let y = graph.placeholder("y", shape: [nil, 2])
    let rate = graph.placeholder("rate", defaultValue: 0.1)
    let start = graph.randomUniform([3, 2])
    let weights = graph.variable("layer/weights", initialValue: start)
    let steps = graph.variable("steps", initialValue: graph.constant(0, dtype: .int64), role: .counter)
    let noise = graph.randomNormal(x.shape)
    let error = matmul(x + noise * 0.01, weights) - y
    let loss = mean(error * error)
    let slope = gradient(of: loss, by: weights)
    _ = exp(x)  // Needed by nobody.
    let train = Signature(
      "train", outputs: ["loss": loss, "noise": noise],
      updates: [VariableUpdate(weights, to: weights - slope * rate), VariableUpdate(steps, to: steps + 1)])
    return (graph, [train, Signature("predict", outputs: ["y": matmul(x, weights)])])
  }

  private func bytes(_ text: String) -> [UInt8] { [UInt8](text.utf8) }

  @Test func aSecondTripGivesTheSameText() throws {
    let (graph, signatures) = model()
    let text = try GraphFile.encode(graph, signatures: signatures, metadata: ["model": "a \"quoted\" name \u{1F600}"])
    let file = try GraphFile(decoding: bytes(text))
    #expect(file.metadata == ["model": "a \"quoted\" name \u{1F600}"])
    #expect(try GraphFile.encode(file.graph, signatures: file.signatures, metadata: file.metadata) == text)
    #expect(text.contains("GraphFileTests.swift:"))
    let lines = text.split(separator: "\n")
    #expect(lines.count { $0.contains("\"op\":") } == file.graph.nodes.count)
    #expect(file.graph.nodes.count < graph.nodes.count)
  }

  @Test func aLoadedGraphComputesTheSame() throws {
    let (graph, signatures) = model()
    let file = try GraphFile(decoding: bytes(GraphFile.encode(graph, signatures: signatures)))
    let random = RandomState(seed: 7)
    let state = try ReferenceEvaluator(graph.initializer()).run(random: random).updates
    #expect(try ReferenceEvaluator(file.graph.initializer()).run(random: random).updates == state)
    let feeds = [
      "x": try HostArray((0..<15).map { Float($0) / 10 }, shape: [5, 3]), "y": try HostArray(zeros: [5, 2]),
    ]
    for (a, b) in zip(signatures, file.signatures) {
      let (left, right) = (try graph.program(a), try file.graph.program(b))
      #expect(left.nodes.count == right.nodes.count && left.equalities.count == right.equalities.count)
      #expect(left.inputs.map(\.type) == right.inputs.map(\.type) && left.declaredTypes == right.declaredTypes)
      let expected = try ReferenceEvaluator(left).run(feeding: feeds, state: state, random: random)
      let found = try ReferenceEvaluator(right).run(feeding: feeds, state: state, random: random)
      #expect(expected.outputs == found.outputs && expected.updates == found.updates)
    }
    #expect(throws: ElbowError.self) {
      try file.graph.program(file.signatures[0]).bind(["x": HostArray(zeros: [5, 3]), "y": HostArray(zeros: [4, 2])])
    }
  }

  /// A trainer that has read the graph refuses the same data as one that has built it.
  @Test func whatDataHaveToHoldIsKept() throws {
    let graph = Graph()
    let (labels, logits) = (
      graph.placeholder("labels", shape: [nil], dtype: .int64), graph.placeholder("x", shape: [nil, 10])
    )
    let positive = graph.placeholder("positive", shape: [nil])
    let logarithm = log(positive)
    graph.expect(positive, in: 0...(.infinity), for: logarithm, "'log' takes what is positive")
    let loss = mean(softmaxCrossEntropy(logits: logits, labels: labels))
    let signature = Signature("evaluate", outputs: ["loss": loss, "log": logarithm])
    let text = try GraphFile.encode(graph, signatures: [signature])
    let file = try GraphFile(decoding: bytes(text))
    let (written, read) = (graph.dataExpectations(for: [signature]), file.graph.dataExpectations(for: file.signatures))
    #expect(written.count == 2)
    #expect(read.map(\.input) == written.map(\.input) && read.map(\.range) == written.map(\.range))
    #expect(read.map(\.reason) == written.map(\.reason))
    #expect(read.map { $0.source.resolve() } == written.map { $0.source.resolve() })
    for (old, new) in [
      ("\"input\":\"labels\"", "\"input\":\"label\""), ("\"high\":9", "\"high\":-9"),
      ("'log' takes", "'log'\\u001b takes"),
      ("\"node\":", "\"node\":99"),
    ] {
      let start = try #require(text.range(of: "\"expectations\": [")).upperBound
      let end = try #require(text.range(of: "\n]", range: start..<text.endIndex)).lowerBound
      let changed = text.replacingOccurrences(of: old, with: new, range: start..<end)
      #expect(changed != text, "\(old)")
      let error = #expect(throws: ElbowError.self) { try GraphFile(decoding: bytes(changed)) }
      #expect(error?.message.hasPrefix("Expectation ") == true, "\(error?.message ?? "")")
    }
  }

  @Test func aLoadedGraphCanBeBuiltOn() throws {
    let (graph, signatures) = model()
    let loaded = try GraphFile(decoding: bytes(GraphFile.encode(graph, signatures: signatures))).graph
    #expect(loaded.freshSymbol() == graph.freshSymbol())
    #expect(loaded.freshRandomStream() == graph.freshRandomStream())
    #expect(loaded.uniqueName("layer") == "layer_1")
  }

  @Test func everyPrimitiveIsReadAsItWasWritten() throws {
    for type in PrimitiveRegistry.all {
      let graph = Graph()
      var signature = Signature("all")
      for (index, sample) in type.samples.enumerated() {
        let operands = sample.operands.enumerated().map {
          graph.placeholder("x\(index)_\($0)", shape: $1.shape.extents ?? [], dtype: $1.dtype)
        }
        signature.outputs.append((name: "y\(index)", tensor: graph.apply(sample.primitive, operands)))
      }
      let text = try GraphFile.encode(graph, signatures: [signature])
      let file = try GraphFile(decoding: bytes(text))
      #expect(try GraphFile.encode(file.graph, signatures: file.signatures) == text)
    }
  }

  @Test func constantsKeepTheirBits() throws {
    let values: [HostArray] = [
      HostArray([Float.nan, .infinity, -0.0, 0.1]),
      HostArray([Double.pi, .leastNormalMagnitude / 3, .leastNonzeroMagnitude]), HostArray([-0.0]),
      HostArray([Int64.max, .min]), HostArray([true, false]), HostArray([UInt32.max]),
      HostArray([Float](repeating: 0.3, count: 40)),
      HostArray([Float.leastNonzeroMagnitude, .greatestFiniteMagnitude, 16_777_215]), HostArray([UInt8]()),
    ]
    let graph = Graph()
    var signature = Signature("constants")
    for (index, value) in values.enumerated() {
      signature.outputs.append((name: "\(index)", tensor: graph.constant(value)))
    }
    let file = try GraphFile(decoding: bytes(GraphFile.encode(graph, signatures: [signature])))
    let found = file.graph.nodes.compactMap { ($0.primitive as? Constant)?.value }
    #expect(found.map(\.bytes) == values.map(\.bytes))
    #expect(found.map(\.shape) == values.map(\.shape))
  }

  @Test(arguments: [
    (
      "elbow-graph-1", "elbow-graph-9",
      "The graph file has the format 'elbow-graph-9'; this version of Elbow reads 'elbow-graph-1'."
    ),
    (
      "\"op\":\"subtract\"", "\"op\":\"explode\"",
      "('explode') of the graph file has an operation that this version of Elbow does not know."
    ),
    (
      "\"role\":\"counter\"", "\"role\":\"king\"",
      "('steps') has the role 'king'; expected one of parameter, slot, statistic, counter."
    ),
    (
      "\"op\":\"subtract\"", "\"op\":\"subtract\",\"with\":{\"axis\":{\"integer\":1}}",
      "has the attribute 'axis', which this operation does not have."
    ),
    ("\"node\":0", "\"node\":99999999", "names node 99999999; expected a node of the operation 'placeholder'."),
    ("\"random_streams\": 2", "\"random_streams\": 1", "does not fit; expected 2, or more up to 4294967296."),
    ("\"dtype\":\"float32\"", "\"dtype\":\"float16\"", "nodes[0].with.dtype.dtype: there is no dtype 'float16'."),
    ("\"metadata\": {}", "\"metadata\": []", "The graph file is not valid: metadata: expected an object."),
    (
      "\"m\":\"n\"", "\"m\":\"n + m\"",
      "The symbol 'm' of the graph file is replaced by m + n, part of which is replaced itself; expected none."
    ),
  ])
  func whatDoesNotFitIsNamed(_ old: String, _ new: String, _ message: String) throws {
    let (graph, signatures) = model()
    let text = try GraphFile.encode(graph, signatures: signatures)
    let place = try #require(text.range(of: old), "\(text)")
    let error = #expect(throws: ElbowError.self) {
      try GraphFile(decoding: bytes(text.replacingCharacters(in: place, with: new)))
    }
    #expect(error?.kind == .file)
    #expect(error?.message.hasSuffix(message) == true, "\(error?.message ?? "")")
  }

  @Test func whatIsNoGraphFileIsRefused() {
    let deep = "{\"format\":" + String(repeating: "[", count: 200_000)
    for text in [
      "", "[]", "{", "{}", "null", "\u{FEFF}{}", "{\"format\": 3}", deep, "PK\u{3}\u{4}",
      "{\"format\":\"elbow-graph-1\"}",
    ] {
      #expect(throws: ElbowError.self) { try GraphFile(decoding: bytes(text)) }
    }
    #expect(throws: ElbowError.self) { try GraphFile(decoding: [0x7b, 0xff, 0xfe, 0x7d]) }
  }

  /// Whatever happens to a file, it is read or refused, and what is read can be taken apart into programs.
  @Test func damagedFilesAreReadOrRefused() throws {
    let (graph, signatures) = model()
    let original = bytes(try GraphFile.encode(graph, signatures: signatures, metadata: ["model": "m"]))
    var random = TestGenerator(seed: 11)
    let numbers = [
      "-1", "0", "9223372036854775807", "-9223372036854775808", "1e400", "99999999999999999999", "n", "4294967296",
      "3.5",
    ]
    let digits = original.indices.filter { (48...57).contains(original[$0]) }
    var accepted = 0
    for round in 0..<2000 {
      var damaged = original
      switch round % 4 {
      case 0:
        for _ in 0...Int.random(in: 0..<3, using: &random) {
          damaged[Int.random(in: 0..<damaged.count, using: &random)] ^= UInt8(
            1 << Int.random(in: 0..<8, using: &random))
        }
      case 1: damaged.removeLast(Int.random(in: 1..<damaged.count, using: &random))
      case 2:
        guard let place = digits.randomElement(using: &random), let number = numbers.randomElement(using: &random)
        else { continue }
        damaged.replaceSubrange(place...place, with: number.utf8)
      default:
        guard let a = digits.randomElement(using: &random), let b = digits.randomElement(using: &random) else {
          continue
        }
        damaged.swapAt(a, b)
      }
      do {
        let file = try GraphFile(decoding: damaged)
        accepted += 1
        _ = try file.graph.initializer()
        _ = try GraphFile.encode(file.graph, signatures: file.signatures, metadata: file.metadata)
      } catch is ElbowError {}
    }
    #expect(accepted > 0)
  }
}
