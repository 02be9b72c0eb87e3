import ElbowArrays
import Testing

@testable import ElbowGraph

/// The digest that cached libraries and checkpoints are known by changes with any bit of a program.
@Suite struct CanonicalBytesTests {
  /// A primitive that has whatever attributes it is given.
  private struct Altered: Primitive {
    static let name = "altered"
    let attributes: Attributes
    init(attributes: Attributes) { self.attributes = attributes }
    func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType { TensorType(.float32, .scalar) }
    func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] { [] }
    func evaluate(_ context: EvaluationContext) throws -> HostArray { HostArray(scalar: Float(0)) }
  }

  private func digest(_ program: Program) -> String {
    var bytes = CanonicalBytes()
    bytes.add(program)
    return bytes.digest
  }

  /// The digest of a program of one node and its operand.
  private func digest(_ attributes: Attributes) throws -> String {
    let graph = Graph()
    // The input that determines the extents n and m, which attributes may depend on.
    let given = graph.placeholder("given", shape: [nil, nil])
    let result = graph.apply(Altered(attributes: attributes), [given])
    return digest(try graph.program(Signature("f", outputs: ["y": result])))
  }

  private static func flips(_ value: Int) -> [Int] { (0..<Int.bitWidth).map { value ^ (1 << $0) } }

  /// Every list that differs in one element, lacks the last, or has the first once more at the end.
  private func variants<Element>(of list: [Element], _ variants: (Element) -> [Element]) -> [[Element]] {
    let changed = list.indices.flatMap { index in
      variants(list[index]).map { element in
        var copy = list
        copy[index] = element
        return copy
      }
    }
    return changed + (list.isEmpty ? [] : [[Element](list.dropLast()), list + list.prefix(1)])
  }

  private func variants(of text: String) -> [String] {
    // Bytes of ASCII stay such, and so a text stays what it is in UTF-8.
    variants(of: [UInt8](text.utf8)) { byte in (0..<7).map { byte ^ (1 << $0) } }
      .map { String(decoding: $0, as: UTF8.self) } + [text + "\0", " " + text]
  }

  private func variants(of dimension: Dimension) -> [Dimension] {
    let numbers = CanonicalBytesTests.flips(0).map { Dimension($0) }
    return numbers.map { dimension + $0 } + numbers.map { dimension + $0 * Dimension(symbol: "n") }
      + [Dimension(symbol: "n"), Dimension(symbol: "m"), Dimension(symbol: "n") * Dimension(symbol: "n")]
  }

  private func variants(of array: HostArray) throws -> [HostArray] {
    let bits = array.bytes.indices.flatMap { index in
      (0..<(array.dtype == .bool ? 1 : 8)).map { bit in
        var bytes = array.bytes
        bytes[index] ^= 1 << bit
        return bytes
      }
    }
    let dtypes = DType.allCases.filter { $0.byteCount == array.dtype.byteCount && $0 != .bool }
    return try bits.map { try HostArray(dtype: array.dtype, shape: array.shape, bytes: $0) }
      + dtypes.map { try HostArray(dtype: $0, shape: array.shape, bytes: array.bytes) }
      + [array.reshaped(to: array.shape + [1]), array.reshaped(to: [1] + array.shape)]
  }

  /// Every value that differs from one in a bit of what it holds, however deep.
  private func variants(of value: AttributeValue) throws -> [AttributeValue] {
    switch value {
    case .integer(let value): return CanonicalBytesTests.flips(value).map { .integer($0) }
    case .integers(let values): return variants(of: values, CanonicalBytesTests.flips).map { .integers($0) }
    case .string(let text): return variants(of: text).map { .string($0) }
    case .flag(let value): return [.flag(!value)]
    case .dtype(let dtype): return DType.allCases.filter { $0 != dtype }.map { .dtype($0) } + [.string(dtype.rawValue)]
    case .shape(let shape): return variants(of: shape.dimensions) { variants(of: $0) }.map { .shape(Shape($0)) }
    case .list(let values):
      let inner = try values.map { try variants(of: $0) }
      let changed = values.indices.flatMap { index in
        inner[index].map { element in
          var copy = values
          copy[index] = element
          return AttributeValue.list(copy)
        }
      }
      return changed + variants(of: values) { [.list([$0])] }.map { .list($0) }
    case .array(let array): return try variants(of: array).map { .array($0) }
    }
  }

  private func checkVariants(of attributes: Attributes) throws {
    var all: Set<Attributes> = [attributes]
    for (name, value) in attributes {
      for variant in try variants(of: value) {
        var changed = attributes
        changed[name] = variant
        all.insert(changed)
      }
      for other in variants(of: name) {
        var changed = attributes
        changed[name] = nil
        changed[other] = value
        all.insert(changed)
      }
    }
    let digests = try Set(all.map { try digest($0) })
    #expect(digests.count == all.count)
  }

  @Test(arguments: SampleCase.all) func everyBitOfAnAttributeCounts(_ testCase: SampleCase) throws {
    try checkVariants(of: testCase.sample.primitive.attributes)
  }

  /// Loops hold their bodies' nodes as lists: every primitive with its attributes is put into one.
  @Test func everyBitOfANestedProgramCounts() throws {
    // Attributes that are long or deep in the samples are tried by them.
    for primitive in PrimitiveRegistry.all where primitive != Scan.self {
      guard let sample = primitive.samples.first?.primitive else { continue }
      let pairs = sample.attributes.sorted { $0.key < $1.key }
      let node: [AttributeValue] = [
        .string(primitive.name), .integers([0, 1]),
        .list(pairs.map { .list([.string($0.key), $0.value]) }),
      ]
      try checkVariants(of: ["body": .list([.list([.list(node)]), .integers([0])])])
    }
  }

  /// The end of an array that is too long to be shown, within lists.
  @Test func theEndOfALongArrayCounts() throws {
    func body(_ last: Float) throws -> Attributes {
      let array = HostArray([Float](repeating: 0, count: 1000) + [last])
      return ["body": .list([.list([.string("value"), .array(array)])])]
    }
    #expect(try digest(body(1)) != digest(body(2)))
    #expect(try digest(body(1)) == digest(body(1)))
  }

  @Test func everyPartOfAProgramCounts() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let rate = graph.placeholder("rate", dtype: .int64, defaultValue: 0x20_0000_0000_0000)
    let v = graph.variable("v", initialValue: graph.zeros([3]))
    let w = graph.variable("w", initialValue: graph.zeros([3]))
    let y = sum(x) * rate.cast(to: .float32) + sum(v * w)
    let program = try graph.program(
      Signature("f", outputs: ["y": y], updates: [VariableUpdate(v, to: w), VariableUpdate(w, to: v)]))
    func changed(_ change: (inout Program) throws -> Void) rethrows -> String {
      var copy = program
      try change(&copy)
      return digest(copy)
    }
    // 2^53 and the number after it, which is none of float64.
    let other = HostArray(scalar: Int64(0x20_0000_0000_0001))
    let digests = [
      digest(program),
      changed { $0.inputs[1].defaultValue = other },
      changed { $0.inputs[1].defaultValue = nil },
      changed { $0.inputs[0].name = "z" },
      changed { $0.inputs[0].type.dtype = .float64 },
      changed { $0.inputs.swapAt(0, 1) },
      changed { $0.outputs[0].name = "z" },
      changed { $0.outputs[0].node = 0 },
      changed { $0.outputs[0].check = .unknown },
      changed { $0.updates.swapAt(0, 1) },
      changed { $0.updates[0].variable = 1 },
      changed { $0.updates[0].node = 0 },
      changed { $0.variables.swapAt(0, 1) },
      changed { $0.variables[0].name = "u" },
      changed { $0.variables[0].type.shape = [4] },
      changed { $0.variables[0].role = .slot },
      changed { $0.variables[0].group = "g" },
      changed { $0.nodes[0].type.shape = [Dimension(symbol: "m"), 3] },
      changed { $0.nodes[program.nodes.count - 1].inputs.reverse() },
      changed { $0.equalities.append(DimensionEquality(left: 2, right: 3, source: .unknown)) },
      changed { $0.equalities.append(DimensionEquality(left: 3, right: 2, source: .unknown)) },
    ]
    #expect(Set(digests).count == digests.count)
    #expect(changed { $0.name = "g" } == digests[0])
  }
}
