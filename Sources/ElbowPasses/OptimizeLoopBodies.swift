import ElbowGraph

/// Puts the bodies of loops through passes of their own.
package struct OptimizeLoopBodies: Pass {
  package let name = "optimize-loop-bodies"

  package init() {}

  package func run(_ program: Program) throws -> Program {
    // Nodes that are results of one loop have equal bodies, and have to keep them so.
    var known: [ScanBody: ScanBody] = [:]
    var result = program
    for (index, node) in program.nodes.enumerated() {
      guard let scan = node.primitive as? Scan else { continue }
      let body = try known[scan.body] ?? optimized(scan.body)
      known[scan.body] = body
      result.nodes[index].primitive = scan.with(body)
    }
    return result
  }

  private func optimized(_ body: ScanBody) throws -> ScanBody {
    ScanBody(
      try Pipeline().run(body.program).withoutUnusedInputs(), carryCount: body.carryCount, outputCount: body.outputCount
    )
  }
}
