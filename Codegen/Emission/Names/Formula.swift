import ElbowArrays
import ElbowGraph

/// A node's value as a formula, for comments: `max(images @ kernel + bias, 0)`. Views that only put elements elsewhere are left
/// out, and what gets too long is cut: `...`.
struct Formula {
  private let program: Program
  private let name: (Int) -> String?
  /// The pieces of the nodes that are written out, made in order, for graphs are deep.
  private var known: [Int: Part] = [:]

  /// - Parameters:
  ///   - inside: The nodes that are written out.
  ///   - name: The names of others.
  init(_ program: Program, computing inside: Set<Int>, name: @escaping (Int) -> String?) {
    (self.program, self.name) = (program, name)
    for node in inside.sorted() {
      let part = written(node)
      known[node] = part.text.utf8.count > Formula.mostCharacters ? Part(text: "...") : part
    }
  }

  /// The formula of a node, however long.
  func text(_ node: Int) -> String { written(node).text }

  /// A piece of a formula, and how tightly it is bound: sums 1, products 2, signs 3, all others 4.
  private struct Part {
    var text: String
    var level = 4

    /// The text as an operand of an operator.
    func bound(_ outer: Int) -> String { level < outer ? "(\(text))" : text }
  }

  /// Longer operands are cut.
  private static let mostCharacters = 160

  private func part(_ node: Int) -> Part { known[node] ?? named(node) }

  private func named(_ node: Int) -> Part {
    switch program.nodes[node].primitive {
    case let constant as Constant: Part(text: constant.scalar.map(Formula.number) ?? name(node) ?? "constant")
    case let read as ReadVariable: Part(text: Naming.sanitized(read.variable))
    case let input as Placeholder: Part(text: Naming.sanitized(input.input))
    default:
      name(node).map { Part(text: $0) } ?? view(node)
        ?? Part(text: type(of: program.nodes[node].primitive).name)
    }
  }

  /// A view that nothing is computed for: its operand.
  private func view(_ node: Int) -> Part? {
    switch program.nodes[node].primitive {
    case is Broadcast, is Reshape, is Cast, is StopGradient: return part(program.nodes[node].inputs[0])
    case is Transpose:
      let operand = part(program.nodes[node].inputs[0])
      return Part(text: program.type(node).shape.rank == 2 ? operand.bound(4) + ".T" : "transpose(\(operand.text))")
    default: return nil
    }
  }

  private func written(_ node: Int) -> Part {
    let inputs = program.nodes[node].inputs
    func operand(_ index: Int) -> Part { part(inputs[index]) }
    func infix(_ sign: String, _ level: Int) -> Part {
      let (left, right) = (operand(0), operand(1))
      return Part(text: "\(left.bound(level)) \(sign) \(right.bound(level + 1))", level: level)
    }
    func call(_ function: String, _ more: String = "") -> Part {
      Part(text: "\(function)(\(inputs.indices.map { operand($0).text }.joined(separator: ", "))\(more))")
    }
    switch program.nodes[node].primitive {
    case is any InputPrimitive: return named(node)
    case let extent as ExtentOf: return Part(text: "\(extent.dimension)")
    case is Add: return infix("+", 1)
    case is Subtract: return infix("-", 1)
    case is Multiply: return infix("*", 2)
    case is Divide: return infix("/", 2)
    case is Contraction: return infix("@", 2)
    case is Negate: return Part(text: "-\(operand(0).bound(3))", level: 3)
    case let compare as Compare: return infix(Formula.sign(compare.relation), 0)
    case is Select: return choice(node)
    case let reduction as Reduce:
      let rank = program.type(inputs[0]).shape.rank
      return call(
        Formula.function(reduction.operation), reduction.axes.count == rank ? "" : ", axes \(reduction.axes)")
    case let bitwise as Bitwise: return call(bitwise.operation.rawValue)
    case is any GeneratingPrimitive: return Part(text: type(of: program.nodes[node].primitive).name + "()")
    case let primitive: return view(node) ?? call(type(of: primitive).name)
    }
  }

  /// `0 < x ? x : 0` is `max(x, 0)`, and a number too small to be normal taken as 0 is flushed.
  private func choice(_ node: Int) -> Part {
    let operands = program.nodes[node].inputs.map { part($0) }
    let inputs = program.nodes[node].inputs
    if let compare = program.nodes[inputs[0]].primitive as? Compare, compare.relation == .less {
      if let absolute = program.nodes[program.nodes[inputs[0]].inputs[0]].inputs.first, operands[1].text == "0",
        program.nodes[program.nodes[inputs[0]].inputs[0]].primitive is Absolute, absolute == inputs[2]
      {
        return Part(text: "flushed(\(operands[2].text))")
      }
      let sides = program.nodes[inputs[0]].inputs.map { part($0).text }
      if sides == [operands[2].text, operands[1].text] { return Part(text: "max(\(sides[1]), \(sides[0]))") }
      if sides == [operands[1].text, operands[2].text] { return Part(text: "min(\(sides[0]), \(sides[1]))") }
    }
    return Part(text: "\(operands[0].bound(1)) ? \(operands[1].bound(1)) : \(operands[2].bound(1))", level: 0)
  }

  private static func function(_ operation: Reduce.Operation) -> String {
    switch operation {
    case .sum: "sum"
    case .maximum: "max"
    case .minimum: "min"
    }
  }

  private static func sign(_ relation: Compare.Relation) -> String {
    switch relation {
    case .less: "<"
    case .lessOrEqual: "<="
    case .equal: "=="
    case .notEqual: "!="
    }
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(Float(value))"
  }
}
