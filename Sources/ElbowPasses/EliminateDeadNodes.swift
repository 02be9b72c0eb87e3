import ElbowGraph

/// Drops what no output and no update needs.
package struct EliminateDeadNodes: Pass {
  package let name = "eliminate-dead-nodes"

  package init() {}

  package func run(_ program: Program) throws -> Program { program.withoutDeadNodes() }
}
