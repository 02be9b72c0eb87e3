import ElbowGraph

/// Drops what no output and no update needs.
public struct EliminateDeadNodes: Pass {
  public let name = "eliminate-dead-nodes"

  public init() {}

  public func run(_ program: Program) throws -> Program { program.withoutDeadNodes() }
}
