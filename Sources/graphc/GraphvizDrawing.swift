import Elbow

/// A program in Graphviz's language.
struct GraphvizDrawing {
  let text: String

  init(_ program: Program) {
    var lines = ["digraph \(GraphvizDrawing.quoted(program.name)) {", "  node [shape=box, fontname=\"sans-serif\"];"]
    for (index, node) in program.nodes.enumerated() {
      let label: String
      switch node.primitive {
      case let placeholder as Placeholder: label = placeholder.input
      case let read as ReadVariable: label = read.variable
      default: label = type(of: node.primitive).name
      }
      let style = node.inputs.isEmpty ? ", style=rounded" : ""
      lines.append("  n\(index) [label=\(GraphvizDrawing.quoted("\(label)\n\(node.type)"))\(style)];")
      for input in node.inputs { lines.append("  n\(input) -> n\(index);") }
    }
    for (index, output) in program.outputs.enumerated() {
      lines.append("  o\(index) [label=\(GraphvizDrawing.quoted(output.name)), shape=ellipse];")
      lines.append("  n\(output.node) -> o\(index);")
    }
    for (index, update) in program.updates.enumerated() {
      let name = program.variables[update.variable].name
      lines.append("  u\(index) [label=\(GraphvizDrawing.quoted(name)), shape=cylinder];")
      lines.append("  n\(update.node) -> u\(index);")
    }
    text = (lines + ["}"]).joined(separator: "\n")
  }

  /// A string of Graphviz; names come from files and may hold anything.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text {
      switch character {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    return result + "\""
  }
}
