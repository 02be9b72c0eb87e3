import ElbowArrays
import ElbowGraph

/// A program as TensorFlow's `GraphDef`, for TensorBoard's graph view.
///
/// A node is called after its box, its operation and its number, `encoder/hidden/contraction_12`, so that layers, and lines of the
/// source for what belongs to none, become boxes that can be opened.
struct GraphDefinition {
  private(set) var message = ProtobufMessage()

  init(_ program: Program) {
    let boxes = program.boxes
    var names: [String] = []
    for (index, node) in program.nodes.enumerated() {
      names.append(GraphDefinition.name(node, number: index, box: boxes[index]))
    }
    for (index, node) in program.nodes.enumerated() {
      add(names[index], type(of: node.primitive).name, node.inputs.map { names[$0] }, node.type)
    }
    for output in program.outputs {
      add("outputs/\(GraphDefinition.cleaned(output.name))", "output", [names[output.node]], program.type(output.node))
    }
    for update in program.updates {
      let variable = GraphDefinition.cleaned(program.variables[update.variable].name)
      add("updates/\(variable)", "assign", [names[update.node]], program.type(update.node))
    }
    var versions = ProtobufMessage()
    versions.add(1, integer: 22)
    message.add(4, versions)
  }

  private mutating func add(_ name: String, _ operation: String, _ inputs: [String], _ type: TensorType) {
    var node = ProtobufMessage()
    node.add(1, name)
    node.add(2, operation)
    for input in inputs { node.add(3, input) }
    var dtype = ProtobufMessage()
    dtype.add(6, integer: GraphDefinition.code(type.dtype))
    node.add(5, GraphDefinition.attribute("dtype", dtype))
    var shapes = ProtobufMessage()
    shapes.add(7, GraphDefinition.shape(type.shape))
    var list = ProtobufMessage()
    list.add(1, shapes)
    node.add(5, GraphDefinition.attribute("_output_shapes", list))
    message.add(1, node)
  }

  private static func attribute(_ key: String, _ value: ProtobufMessage) -> ProtobufMessage {
    var entry = ProtobufMessage()
    entry.add(1, key)
    entry.add(2, value)
    return entry
  }

  private static func shape(_ shape: Shape) -> ProtobufMessage {
    var message = ProtobufMessage()
    for dimension in shape.dimensions {
      var extent = ProtobufMessage()
      extent.add(1, integer: Int64(dimension.value ?? -1))
      message.add(2, extent)
    }
    return message
  }

  private static func name(_ node: Node, number: Int, box: [String]) -> String {
    let own: String
    switch node.primitive {
    case let placeholder as Placeholder: own = placeholder.input
    case let read as ReadVariable: own = String(read.variable.split(separator: "/").last ?? "variable")
    default: own = type(of: node.primitive).name
    }
    return cleaned((box + ["\(own)_\(number)"]).joined(separator: "/"))
  }

  /// A name with nothing but what TensorFlow allows in one.
  private static func cleaned(_ name: String) -> String {
    let safe = name.map { character -> Character in
      character.isASCII && (character.isLetter || character.isNumber || "_./-".contains(character)) ? character : "_"
    }
    return String(safe).split(separator: "/").joined(separator: "/")
  }

  /// The numbers of TensorFlow's `DataType`.
  private static func code(_ dtype: DType) -> Int64 {
    switch dtype {
    case .float32: 1
    case .float64: 2
    case .int32: 3
    case .uint8: 4
    case .int64: 9
    case .bool: 10
    case .uint32: 22
    }
  }
}
