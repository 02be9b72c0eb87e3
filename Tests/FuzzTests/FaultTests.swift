import Elbow
import ElbowArrays
import ElbowCodegen
import ElbowGraph
import ElbowPasses
import Foundation
import TestFolders
import Testing

@testable import ElbowFuzz

/// A pass that is wrong: differences become sums.
private struct Forge: Pass {
  let name = "forge"
  func run(_ program: Program) throws -> Program {
    var program = program
    for index in program.nodes.indices where program.nodes[index].primitive is Subtract {
      program.nodes[index].primitive = Add()
    }
    return program
  }
}

/// Faults are found.
@Suite struct FaultTests {
  private func findings(_ plan: GraphPlan, mode: FuzzMode, passes: [any Pass] = []) throws -> [Finding] {
    var setup = Setup()
    setup.library.mode = mode
    return try withTemporaryFolder { folder in
      var findings: [Finding] = []
      var runner = BlockRunner(setup: setup.library, cache: try ArtifactCache(folder: folder)) { event in
        if case .found(let finding) = event { findings.append(finding) }
      }
      runner.pipeline = Pipeline(passes + Pipeline.standard)
      try runner.run([FuzzCase(index: 0, plan: plan, setup: setup)])
      return findings
    }
  }

  private func plan(_ write: (Graph) -> Signature) throws -> GraphPlan {
    let graph = Graph()
    let signature = write(graph)
    return try GraphPlan(graph, [signature])
  }

  @Test(arguments: FuzzMode.allCases) func aWrongPass(_ mode: FuzzMode) throws {
    let plan = try plan { graph in
      let x = graph.placeholder("x", shape: [nil, 5])
      let variable = graph.variable("v", initialValue: graph.ones([5]))
      return Signature(
        "f", outputs: ["y": x - variable], updates: [VariableUpdate(variable, to: variable * 2)])
    }
    #expect(try findings(plan, mode: mode) == [])
    #expect(try findings(plan, mode: mode, passes: [Forge()]).map(\.kind) == [.wrongValue])
  }

  @Test func whatIsNotExactIsNotCompared() throws {
    let plan = try plan { graph in
      let x = graph.placeholder("x", shape: [nil, 5])
      return Signature("f", outputs: ["y": exp(x) - x])
    }
    #expect(try findings(plan, mode: .exact, passes: [Forge()]) == [])
    #expect(try findings(plan, mode: .smooth, passes: [Forge()]).map(\.kind) == [.wrongValue])
  }
}
