import ElbowArrays
import ElbowGraph

/// Small changes of a plan. Each may give a plan whose operations do not fit; ``GraphPlan/retyped()`` says so.
extension GraphPlan {
  /// The plan with the type of every node as it follows from its operands; nil if an operation does not fit them.
  func retyped() -> GraphPlan? {
    var result = self
    for index in nodes.indices {
      let operands = nodes[index].inputs.map { result.nodes[$0].type }
      guard let type = try? nodes[index].primitive.resultType(of: operands), type.shape.rank <= 12 else { return nil }
      if let extents = type.shape.extents, extents.contains(where: { $0 < 0 }) { return nil }
      result.nodes[index].type = type
    }
    for index in variables.indices {
      result.variables[index].type = result.nodes[variables[index].initialValue].type
      guard result.variables[index].type.shape.extents != nil else { return nil }
    }
    let types = Dictionary(uniqueKeysWithValues: result.variables.map { ($0.name, $0.type) })
    for node in result.nodes {
      if let read = node.primitive as? ReadVariable, types[read.variable] != read.type { return nil }
    }
    for entry in entries {
      for update in entry.updates where result.nodes[update.node].type != result.variables[update.variable].type {
        return nil
      }
    }
    for index in placeholders.indices { result.placeholders[index].type = result.nodes[placeholders[index].node].type }
    return result
  }

  /// The plan with an entry, an output or an update less.
  func withoutParts() -> [GraphPlan] {
    var plans: [GraphPlan] = []
    func add(_ change: (inout GraphPlan) -> Void) {
      var plan = self
      change(&plan)
      if plan.entries.contains(where: { !$0.outputs.isEmpty || !$0.updates.isEmpty }) {
        plans.append(plan.withoutUnused())
      }
    }
    for entry in entries.indices where entries.count > 1 { add { $0.entries.remove(at: entry) } }
    for entry in entries.indices {
      for output in entries[entry].outputs.indices { add { $0.entries[entry].outputs.remove(at: output) } }
      for update in entries[entry].updates.indices { add { $0.entries[entry].updates.remove(at: update) } }
    }
    return plans
  }

  private func isRead(_ node: Int) -> Bool {
    nodes.contains { $0.inputs.contains(node) }
      || entries.contains { $0.outputs.contains { $0.node == node } || $0.updates.contains { $0.node == node } }
  }

  /// The plan without the variables and placeholders that nothing reads.
  func withoutUnused() -> GraphPlan {
    var plan = withoutDeadNodes()
    plan.placeholders = plan.placeholders.filter { plan.isRead($0.node) }
    for index in plan.variables.indices.reversed() {
      let name = plan.variables[index].name
      let reads = plan.nodes.indices.filter { (plan.nodes[$0].primitive as? ReadVariable)?.variable == name }
      let isUpdated = plan.entries.contains { $0.updates.contains { $0.variable == index } }
      guard !isUpdated, !reads.contains(where: plan.isRead) else { continue }
      plan.variables.remove(at: index)
      for entry in plan.entries.indices {
        for update in plan.entries[entry].updates.indices where plan.entries[entry].updates[update].variable > index {
          plan.entries[entry].updates[update].variable -= 1
        }
      }
    }
    return plan.withoutDeadNodes()
  }

  /// The plan in which one node's users read another, earlier node instead.
  func replacing(_ node: Int, with other: Int) -> GraphPlan {
    var plan = self
    for index in plan.nodes.indices {
      plan.nodes[index].inputs = plan.nodes[index].inputs.map { $0 == node ? other : $0 }
    }
    for entry in plan.entries.indices {
      for output in plan.entries[entry].outputs.indices where plan.entries[entry].outputs[output].node == node {
        plan.entries[entry].outputs[output].node = other
      }
      for update in plan.entries[entry].updates.indices where plan.entries[entry].updates[update].node == node {
        plan.entries[entry].updates[update].node = other
      }
    }
    return plan.withoutUnused()
  }

  /// The plans that have one output or one update of all.
  func withOneRoot() -> [GraphPlan] {
    entries.indices.flatMap { entry -> [GraphPlan] in
      let outputs = entries[entry].outputs.map { Entry(name: entries[entry].name, outputs: [$0], updates: []) }
      let updates = entries[entry].updates.map { Entry(name: entries[entry].name, outputs: [], updates: [$0]) }
      return (outputs + updates).map { root in
        var plan = self
        plan.entries = [root]
        return plan.withoutUnused()
      }
    }
  }

  /// The plan with placeholders in the place of all that is so many steps before what leaves it; nil if nothing is.
  func cut(at depth: Int) -> GraphPlan? {
    var distance = [Int](repeating: .max, count: nodes.count)
    for entry in entries {
      for root in entry.outputs.map(\.node) + entry.updates.map(\.node) { distance[root] = 0 }
    }
    for index in nodes.indices.reversed() where distance[index] < .max {
      for input in nodes[index].inputs { distance[input] = min(distance[input], distance[index] + 1) }
    }
    return feeding(nodes.indices.filter { distance[$0] == depth && !(nodes[$0].primitive is any InputPrimitive) })
  }

  /// The plan with placeholders in the place of some nodes; nil if it cannot have any there.
  func feeding(_ fed: [Int]) -> GraphPlan? {
    var plan = self
    var number = placeholders.compactMap { $0.name.hasPrefix("p") ? Int($0.name.dropFirst()) : nil }.max() ?? 0
    for node in fed {
      let (primitive, type) = (nodes[node].primitive, nodes[node].type)
      let isFixed =
        primitive is Placeholder || primitive is ReadVariable && isUpdated(node)
        || variables.contains { $0.initialValue == node } || (type.shape.extents ?? [1]).contains(0)
      if isFixed { continue }
      number += 1
      plan.nodes[node] = Node(Placeholder("p\(number)", type: type), inputs: [], type: type)
      plan.placeholders.append(PlaceholderDeclaration(name: "p\(number)", type: type, node: node))
    }
    return plan.placeholders.count == placeholders.count ? nil : plan.withoutUnused()
  }

  private func isUpdated(_ node: Int) -> Bool {
    guard let name = (nodes[node].primitive as? ReadVariable)?.variable else { return false }
    return entries.contains { $0.updates.contains { variables[$0.variable].name == name } }
  }

  /// The plans in which an output or an update is an operand of what it was.
  func withEarlierRoots() -> [GraphPlan] {
    var plans: [GraphPlan] = []
    for entry in entries.indices {
      for output in entries[entry].outputs.indices {
        for input in Set(nodes[entries[entry].outputs[output].node].inputs).sorted() {
          var plan = self
          plan.entries[entry].outputs[output].node = input
          plans.append(plan.withoutUnused())
        }
      }
    }
    return plans
  }

  /// The plan with other numbers in the place of an extent, in all shapes.
  ///
  /// - Parameter multiples: Whether multiples of the extent become multiples of the other.
  func replacingExtent(_ extent: Int, by other: Int, multiples: Bool) -> GraphPlan? {
    func mapped(_ value: Int) -> Int {
      if value == extent { return other }
      return multiples && extent > 1 && value != 0 && value % extent == 0 ? value / extent * other : value
    }
    return mappingExtents(mapped)
  }

  private func mappingExtents(_ mapped: (Int) -> Int) -> GraphPlan? {
    mappingShapes { shape in
      Shape(
        shape.dimensions.map { dimension in
          dimension.terms.reduce(Dimension(mapped(dimension.constant))) { sum, term in
            sum + term.symbols.reduce(Dimension(mapped(term.coefficient))) { $0 * Dimension(symbol: $1) }
          }
        })
    }
  }

  /// The plans without extents above a bound: in all shapes, or in those of placeholders.
  func limitingExtents(to bound: Int) -> [GraphPlan] {
    let places = inputPlaces { $0 > bound }
    guard !places.isEmpty else { return [] }
    return [mappingExtents { min($0, bound) }].compactMap { $0 } + [replacingExtents(at: places, by: bound)]
  }

  /// The plans with another extent in the place of one in the shapes of placeholders alone: on all axes that have it, on one,
  /// or on two, as those are over which a product sums.
  func replacingInputExtent(_ extent: Int, by other: Int) -> [GraphPlan] {
    let places = inputPlaces { $0 == extent }
    var choices = [places] + places.map { [$0] }
    if places.count > 2, places.count < 8 {
      choices += places.indices.flatMap { first in
        places.indices.dropFirst(first + 1).map { [places[first], places[$0]] }
      }
    }
    return choices.filter { !$0.isEmpty }.map { replacingExtents(at: $0, by: other) }
  }

  /// The axes of placeholders whose extents are known and as they should be.
  private func inputPlaces(where isChosen: (Int) -> Bool) -> [(node: Int, axis: Int)] {
    nodes.indices.flatMap { node -> [(node: Int, axis: Int)] in
      guard nodes[node].primitive is Placeholder else { return [] }
      let shape = nodes[node].type.shape
      return shape.dimensions.indices.filter { shape[$0].value.map(isChosen) ?? false }.map { (node, $0) }
    }
  }

  private func replacingExtents(at places: [(node: Int, axis: Int)], by other: Int) -> GraphPlan {
    var plan = self
    for (node, axis) in places {
      guard let placeholder = plan.nodes[node].primitive as? Placeholder else { continue }
      var dimensions = placeholder.type.shape.dimensions
      dimensions[axis] = Dimension(other)
      let type = TensorType(placeholder.type.dtype, Shape(dimensions))
      plan.nodes[node] = Node(Placeholder(placeholder.input, type: type), inputs: [], type: type)
    }
    return plan
  }

  /// The plan with a fixed extent in the place of a symbol.
  func replacingSymbol(_ symbol: String, by extent: Int) -> GraphPlan? {
    mappingShapes { $0.substituting([symbol: Dimension(extent)]) }
  }

  private func mappingShapes(_ change: (Shape) -> Shape) -> GraphPlan? {
    var plan = self
    for index in nodes.indices {
      guard let primitive = nodes[index].primitive.mappingShapes(change) else { return nil }
      plan.nodes[index].primitive = primitive
    }
    return plan
  }

  /// The plans with a simpler number in an attribute of one node.
  func withSimplerAttributes() -> [GraphPlan] {
    nodes.indices.flatMap { index -> [GraphPlan] in
      let primitive = nodes[index].primitive
      if primitive is any InputPrimitive { return [] }
      return primitive.simplified().map { simpler in
        var plan = self
        plan.nodes[index].primitive = simpler
        return plan
      }
    }
  }
}

extension Primitive {
  fileprivate func mappingShapes(_ change: (Shape) -> Shape) -> Self? {
    guard !attributes.isEmpty else { return self }
    return try? Self(attributes: attributes.mapValues { $0.mappingShapes(change) })
  }

  /// The primitive with one number less.
  fileprivate func simplified() -> [Self] {
    attributes.sorted { $0.key < $1.key }.flatMap { name, value -> [Self] in
      value.simplified().compactMap { simpler in
        try? Self(attributes: attributes.merging([name: simpler]) { $1 })
      }
    }
  }
}

extension AttributeValue {
  fileprivate func mappingShapes(_ change: (Shape) -> Shape) -> AttributeValue {
    switch self {
    case .shape(let shape): return .shape(change(shape))
    case .list(let values): return .list(values.map { $0.mappingShapes(change) })
    case .array(let array):
      guard let shape = change(Shape(array.shape)).extents, shape != array.shape,
        let count = try? HostArray.byteCount(dtype: array.dtype, shape: shape), !array.bytes.isEmpty,
        let changed = try? HostArray(
          dtype: array.dtype, shape: shape, bytes: (0..<count).map { array.bytes[$0 % array.bytes.count] })
      else { return self }
      return .array(changed)
    default: return self
    }
  }

  fileprivate func simplified() -> [AttributeValue] {
    func smaller(_ values: [Int]) -> [[Int]] {
      values.indices.flatMap { index in
        [0, 1].filter { $0 < values[index] }.map { value in
          var changed = values
          changed[index] = value
          return changed
        }
      }
    }
    switch self {
    case .integer(let value): return [0, 1].filter { $0 < value }.map { .integer($0) }
    case .integers(let values): return smaller(values).map { .integers($0) }
    case .flag(true): return [.flag(false)]
    case .shape(let shape): return (shape.extents.map(smaller) ?? []).map { .shape(Shape($0)) }
    default: return []
    }
  }
}
