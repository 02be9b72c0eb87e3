import ElbowArrays
import ElbowGraph

/// Checks that a program is well formed: operands come before users, every type follows from its operands, outputs and
/// updates exist and fit.
package struct Verifier: Sendable {
  package init() {}

  /// - Throws: `ElbowError` of kind `internal` that names the first node that is wrong; `stage` says after what.
  package func check(_ program: Program, after stage: String) throws {
    for (index, node) in program.nodes.enumerated() {
      let place = "After \(stage), node %\(index) (\(type(of: node.primitive).name)) of '\(program.name)'"
      guard node.inputs.allSatisfy({ (0..<index).contains($0) }) else {
        throw ElbowError(.internal, "\(place) uses a later node.", at: node.source.resolve())
      }
      do throws(OperandError) {
        let type = try node.primitive.resultType(of: node.inputs.map { program.nodes[$0].type })
        guard type == node.type else {
          throw OperandError(.internal, "its type is \(node.type), but its operands give \(type)")
        }
      } catch {
        throw ElbowError(.internal, "\(place) is wrong: \(error.message).", at: node.source.resolve())
      }
    }
    for root in program.roots where !program.nodes.indices.contains(root) {
      throw ElbowError(.internal, "After \(stage), '\(program.name)' gives out node %\(root), which does not exist.")
    }
    for update in program.updates where program.variables[update.variable].type != program.type(update.node) {
      throw ElbowError(
        .internal,
        "After \(stage), '\(program.name)' gives the variable '\(program.variables[update.variable].name)' "
          + "a value of type \(program.type(update.node)).")
    }
  }
}
