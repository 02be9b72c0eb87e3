import Elbow

/// The operations of a program by layer, and by line of the source what belongs to none: boxes in boxes, which open and close.
struct LayerTree {
  private let program: Program
  private let signature: Int
  private let paths: [[String]]

  init(_ program: Program, signature: Int) {
    self.program = program
    self.signature = signature
    paths = program.boxes
  }

  var html: HTML {
    let nodes = program.nodes.indices.filter { !(program.nodes[$0].primitive is Constant) }
    return .tag("div", ["class": "layers"], boxes(nodes, depth: 0))
  }

  /// The operations of one box: first the boxes in it, then its own.
  private func boxes(_ nodes: [Int], depth: Int) -> [HTML] {
    func component(_ node: Int) -> String? { depth < paths[node].count ? paths[node][depth] : nil }
    // A hostile file could nest as deeply as it likes.
    guard depth < 16 else { return [operations(nodes)] }
    var inner: [(name: String, nodes: [Int])] = []
    var own: [Int] = []
    for node in nodes {
      guard let name = component(node) else {
        own.append(node)
        continue
      }
      if let index = inner.firstIndex(where: { $0.name == name }) {
        inner[index].nodes.append(node)
      } else {
        inner.append((name, [node]))
      }
    }
    var result = inner.map { part in
      HTML.fold(
        [
          .tag("b", [:], part.name),
          .tag("span", ["class": "note"], operationCount(part.nodes) + parameters(of: part.nodes)),
        ], boxes(part.nodes, depth: depth + 1))
    }
    if !own.isEmpty {
      let list = operations(own)
      let isAll = depth > 0 && inner.isEmpty
      result.append(
        isAll ? list : .fold([.tag("span", ["class": "note"], "\(operationCount(own)) of its own")], [list]))
    }
    return result
  }

  private func operationCount(_ nodes: [Int]) -> String {
    nodes.count == 1 ? "1 operation" : "\(nodes.count.grouped) operations"
  }

  private func parameters(of nodes: [Int]) -> String {
    let reads = Set(nodes.compactMap { (program.nodes[$0].primitive as? ReadVariable)?.variable })
    let count = program.variables.filter { $0.role == .parameter && reads.contains($0.name) }
      .reduce(0) { $0 + ($1.type.shape.elementCount.value ?? 0) }
    return count > 0 ? ", \(count.grouped) parameters" : ""
  }

  private func operations(_ nodes: [Int]) -> HTML {
    .table(
      ["", "operation", "of", "type", "line"],
      nodes.map { index in
        let node = program.nodes[index]
        return [
          .tag("span", ["id": anchor(index), "class": "number"], "%\(index)"),
          .text(title(node)),
          .group(node.inputs.flatMap { [.tag("a", ["href": "#\(anchor($0))"], operand($0)), .text(" ")] }),
          .text("\(node.type)"), .text(node.source.resolve()?.description ?? ""),
        ]
      })
  }

  private func anchor(_ node: Int) -> String { "s\(signature)n\(node)" }

  private func title(_ node: Node) -> String {
    switch node.primitive {
    case let placeholder as Placeholder: "input \(placeholder.input)"
    case let read as ReadVariable: "variable \(read.variable)"
    default: type(of: node.primitive).name
    }
  }

  /// Constants have no line of their own; small ones are shown where they are used.
  private func operand(_ node: Int) -> String {
    guard let constant = program.nodes[node].primitive as? Constant else { return "%\(node)" }
    return constant.scalar.map { "\($0)" } ?? "constant \(constant.type)"
  }
}
