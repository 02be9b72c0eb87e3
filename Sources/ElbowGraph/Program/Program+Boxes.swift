import ElbowArrays

extension Program {
  /// The boxes that drawings put each node into, from the outermost in: none is left lying about.
  ///
  /// Inputs lie in a box of their own, and other nodes in their scope (``scopes``). A node without one, such as a constant, lies
  /// with its users: where all of them, the variables that it updates too, have a scope in common. What is used here and there
  /// lies in a box for its line of the user's source, `["Model.swift", "line 62"]`, or where that is not known in
  /// `["without a scope"]`.
  public var boxes: [[String]] {
    func path(_ text: String) -> [String] { text.split(separator: "/").map(String.init) }
    var boxes = scopes.map { path($0) }
    // What the boxes of a node's users, as far as they have been visited, have in common; nil before the first.
    var shared = [[String]?](repeating: nil, count: nodes.count)
    func use(_ node: Int, in box: [String]) {
      shared[node] = shared[node].map { zip($0, box).prefix { $0 == $1 }.map(\.0) } ?? box
    }
    for update in updates { use(update.node, in: path(variables[update.variable].name).dropLast()) }
    for index in nodes.indices.reversed() {
      if nodes[index].primitive is Placeholder {
        boxes[index] = ["inputs"]
      } else if boxes[index].isEmpty {
        boxes[index] = shared[index] ?? []
      }
      for operand in nodes[index].inputs { use(operand, in: boxes[index]) }
    }
    let loose = boxes.indices.filter { boxes[$0].isEmpty }
    for (index, place) in zip(loose, SourceReference.resolve(loose.map { nodes[$0].source })) {
      boxes[index] = place.map { [path($0.file).last ?? $0.file, "line \($0.line)"] } ?? ["without a scope"]
    }
    return boxes
  }
}
