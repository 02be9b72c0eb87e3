import ElbowArrays
import ElbowGraph

/// A case's programs: as they were written, for the evaluator, and as they go to the compiler.
struct PreparedCase {
  let fuzzCase: FuzzCase
  /// The values of the symbols.
  let bindings: [String: Int]
  /// The programs of the signatures.
  let programs: [Program]
  /// The programs that are compiled of each, under names that no other case has.
  let compiled: [Program]
  /// The program that gives the variables their first values.
  let initializer: Program

  var index: Int { fuzzCase.index }
  /// The name of one of the case's entries in a library.
  func entry(_ program: Program) -> String { "g\(index).\(program.name)" }
  /// The name of a variable in a library.
  static func variable(_ name: String, of index: Int) -> String { "g\(index)/\(name)" }

  init(_ fuzzCase: FuzzCase) throws {
    self.fuzzCase = fuzzCase
    let (graph, signatures) = try fuzzCase.plan.graph()
    let run = fuzzCase.setup.run
    bindings = run.bindings(fuzzCase.plan.symbols)
    programs = try signatures.map { try graph.program($0) }
    var source = (graph: graph, signatures: signatures)
    if run.isSaved {
      let text = try GraphFile.encode(graph, signatures: signatures)
      let file = try GraphFile(decoding: [UInt8](text.utf8))
      source = (file.graph, file.signatures)
    }
    let fixed = run.isSpecialized ? bindings.mapValues { Dimension($0) } : [:]
    compiled = try source.signatures.map { try source.graph.program($0).substituting(fixed) }
    initializer = try source.graph.initializer()
  }
}

/// The programs of several cases as those of one model.
struct MergedPrograms {
  var programs: [Program] = []
  var initializer: Program

  init(_ cases: [PreparedCase]) throws {
    initializer = try Graph().initializer()
    for prepared in cases {
      let first = initializer.variables.count
      let renamed = { (program: Program) in
        var program = program.renamingVariables { PreparedCase.variable($0, of: prepared.index) }
        for index in program.updates.indices { program.updates[index].variable += first }
        return program
      }
      let shift = initializer.nodes.count
      let own = renamed(prepared.initializer)
      initializer.nodes += own.nodes.map { node in
        var node = node
        node.inputs = node.inputs.map { $0 + shift }
        return node
      }
      initializer.updates += own.updates.map { update in
        var update = update
        update.node += shift
        return update
      }
      initializer.variables += own.variables
      programs += prepared.compiled.map { program in
        var program = renamed(program)
        program.name = prepared.entry(program)
        return program
      }
    }
    for index in programs.indices { programs[index].variables = initializer.variables }
  }
}

extension Program {
  /// The program with other names for its variables.
  func renamingVariables(_ name: (String) -> String) -> Program {
    var result = self
    for index in nodes.indices {
      guard let read = nodes[index].primitive as? ReadVariable else { continue }
      result.nodes[index].primitive = ReadVariable(name(read.variable), type: read.type)
    }
    for index in variables.indices { result.variables[index].name = name(variables[index].name) }
    return result
  }
}
