import ElbowArrays

/// The computation of one step of a ``Scan``: a program of its own.
///
/// Its inputs go by number: `step`, a scalar of int32; `carry0`, ..., what the step before left; `row0`, ..., the step's rows of
/// sequences; `capture0`, ..., what is the same in every step. An input that nothing reads may be missing. Its outputs are
/// the carries for the next step, `carry0`, ..., and then what the step leaves besides, `output0`, ....
public struct ScanBody: Sendable {
  /// The step as a program, whose inputs and outputs have the names below.
  public var program: Program
  /// How many values go from step to step.
  public let carryCount: Int
  /// How many values a step leaves besides.
  public let outputCount: Int

  /// The names that inputs and outputs have.
  public static func carry(_ index: Int) -> String { "carry\(index)" }
  /// The name of a sequence's row as an input: `row0`, `row1`, ....
  public static func row(_ index: Int) -> String { "row\(index)" }
  /// The name of an input that is the same in every step: `capture0`, `capture1`, ....
  public static func capture(_ index: Int) -> String { "capture\(index)" }
  /// The name of an output besides the carries: `output0`, `output1`, ....
  public static func output(_ index: Int) -> String { "output\(index)" }
  /// The name of the input that holds the number of the step.
  public static let step = "step"

  /// The computation of one step.
  ///
  /// - Parameters:
  ///   - program: The step, whose outputs are first the carries and then what it leaves besides.
  ///   - carryCount: How many values go from step to step.
  ///   - outputCount: How many values a step leaves besides.
  public init(_ program: Program, carryCount: Int, outputCount: Int) {
    self.program = program
    self.carryCount = carryCount
    self.outputCount = outputCount
  }

  /// The type of a step's result: the carries, and then the outputs.
  public func resultType(_ index: Int) -> TensorType { program.type(program.outputs[index].node) }
}

extension ScanBody: Hashable {
  public static func == (a: ScanBody, b: ScanBody) -> Bool {
    a.carryCount == b.carryCount && a.outputCount == b.outputCount
      && a.program.outputs.map(\.node) == b.program.outputs.map(\.node)
      && a.program.nodes.count == b.program.nodes.count
      && zip(a.program.nodes, b.program.nodes).allSatisfy {
        $0.inputs == $1.inputs && $0.type == $1.type && key($0.primitive) == key($1.primitive)
      }
  }

  private static func key(_ primitive: any Primitive) -> AnyHashable { AnyHashable(primitive) }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(carryCount)
    hasher.combine(program.nodes.count)
    hasher.combine(program.outputs.map(\.node))
  }
}

// MARK: As an attribute

extension ScanBody {
  /// The body as lists, which is how files hold it: every node is its operation, its operands and its attributes.
  var attribute: AttributeValue {
    let nodes = program.nodes.map { node -> AttributeValue in
      let attributes = node.primitive.attributes.sorted { $0.key < $1.key }
      return .list([
        .string(type(of: node.primitive).name), .integers(node.inputs),
        .list(attributes.map { .list([.string($0.key), $0.value]) }),
      ])
    }
    return .list([.list(nodes), .integers(program.outputs.map(\.node))])
  }

  /// Reads what ``attribute`` gives, and checks all of it.
  init(_ attribute: AttributeValue, carryCount: Int) throws {
    guard case .list(let parts) = attribute, parts.count == 2, case .list(let lines) = parts[0],
      case .integers(let results) = parts[1], carryCount >= 0, results.count >= carryCount
    else { throw ElbowError(.file, "The body of a loop is not a list of nodes and a list of results.") }
    var nodes: [Node] = []
    var names: Set<String> = []
    for line in lines {
      let node = try ScanBody.node(line, after: nodes)
      if let name = (node.primitive as? Placeholder)?.input, !names.insert(name).inserted {
        throw ElbowError(.file, "The body of a loop has two placeholders named '\(name.prefix(40))'; expected one.")
      }
      nodes.append(node)
    }
    guard results.allSatisfy(nodes.indices.contains) else {
      throw ElbowError(.file, "A result of a loop's body is not one of its nodes.")
    }
    self.init(nodes: nodes, results: results, carryCount: carryCount)
  }

  /// A body of nodes whose inputs are placeholders.
  init(nodes: [Node], results: [Int], carryCount: Int) {
    var inputs: [String: Program.Input] = [:]
    for case let placeholder as Placeholder in nodes.map(\.primitive) {
      inputs[placeholder.input] = .init(name: placeholder.input, type: placeholder.type, defaultValue: nil)
    }
    let outputs = results.enumerated().map { index, node in
      Program.Output(
        name: index < carryCount ? ScanBody.carry(index) : ScanBody.output(index - carryCount), node: node)
    }
    let program = Program(
      name: "loop", nodes: nodes, inputs: inputs.values.sorted { $0.name < $1.name }, outputs: outputs, updates: [],
      variables: [], equalities: [], declaredTypes: [:])
    self.init(
      program.withoutDeadNodes().withoutUnusedInputs(), carryCount: carryCount, outputCount: results.count - carryCount)
  }

  private static func node(_ line: AttributeValue, after nodes: [Node]) throws -> Node {
    guard case .list(let parts) = line, parts.count == 3, case .string(let name) = parts[0],
      case .integers(let inputs) = parts[1], case .list(let list) = parts[2],
      let made = PrimitiveRegistry.named(name), made.mayStandInLoops, inputs.allSatisfy(nodes.indices.contains)
    else { throw ElbowError(.file, "A node of a loop's body is not an operation on earlier nodes.") }
    var attributes: Attributes = [:]
    for pair in list {
      guard case .list(let both) = pair, both.count == 2, case .string(let key) = both[0] else {
        throw ElbowError(.file, "An attribute in a loop's body is not a name and a value.")
      }
      attributes[key] = both[1]
    }
    let primitive = try made.init(attributes: attributes)
    do throws(OperandError) {
      let type = try primitive.resultType(of: inputs.map { nodes[$0].type })
      try Graph.checkSize(type)
      return Node(primitive, inputs: inputs, type: type)
    } catch {
      throw ElbowError(.file, "In a loop's body '\(name)' does not fit its operands: \(error.message).")
    }
  }
}

extension Primitive {
  /// Variables are read before a loop, and random numbers drawn: in its body every step would draw the same.
  static var mayStandInLoops: Bool { self != ReadVariable.self && self != RandomBits.self && self != Invalid.self }
}
