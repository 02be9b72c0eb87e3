import ElbowGraph

/// The passes that every program goes through before it is scheduled.
package struct Pipeline: Sendable {
  package var passes: [any Pass]
  /// Whether the verifier runs after each pass.
  package var isVerified: Bool

  package init(_ passes: [any Pass] = Pipeline.standard, isVerified: Bool = true) {
    self.passes = passes
    self.isVerified = isVerified
  }

  package static let standard: [any Pass] = [
    OptimizeLoopBodies(),
    SimplifyAlgebra(),
    FoldConstants(),
    EliminateCommonSubexpressions(),
    ReuseActivations(),
    LowerConvolutions(),
    LowerWindowReductions(),
    CanonicalizeContractions(),
    // Again: folding and merging leave new constants and identities behind.
    SimplifyAlgebra(),
    FoldConstants(),
    EliminateCommonSubexpressions(),
    EliminateDeadNodes(),
  ]

  /// The passes by name, each once.
  package static let names: [String] = standard.map(\.name).reduce(into: []) { names, name in
    if !names.contains(name) { names.append(name) }
  }

  /// Those that make a program smaller or faster, and can be left out: the others make what can be scheduled.
  package static let optional: [String] = {
    let required: [any Pass] = [LowerConvolutions(), LowerWindowReductions(), CanonicalizeContractions()]
    return names.filter { name in !required.contains { $0.name == name } }
  }()

  /// The pipeline without some passes, by name.
  package func without(_ names: Set<String>) -> Pipeline {
    var copy = self
    copy.passes.removeAll { names.contains($0.name) }
    return copy
  }

  /// Runs all passes.
  ///
  /// - Parameter observe: Called with each pass and the program before and after it.
  package func run(
    _ program: Program, observe: (any Pass, Program, Program) -> Void = { _, _, _ in }
  ) throws -> Program {
    var current = program
    if isVerified { try Verifier().check(current, after: "building") }
    for pass in passes {
      let next = try pass.run(current)
      if isVerified { try Verifier().check(next, after: pass.name) }
      observe(pass, current, next)
      current = next
    }
    return current
  }
}
