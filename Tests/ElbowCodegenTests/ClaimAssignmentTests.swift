import ElbowArrays
@testable import ElbowCodegen
import ElbowGraph
import ElbowNetworks
import ElbowPasses
@testable import ElbowSchedule
@testable import ElbowToolchain
import ElbowTraining
import Testing

/// Which products claim the parameters that the next stage changes.
@Suite struct ClaimAssignmentTests {
  private func step(
    _ optimizer: any Optimizer = Adam()
  ) throws -> (schedule: Schedule, claims: [String]) {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 40])
    let hidden = Dense(30, activation: relu, name: "hidden")(x)
    let output = Dense(3, name: "out")(Dense(50, name: "middle")(hidden))
    let train = optimizer.minimize(mean(output * output))
    let signature = Signature("train", outputs: ["loss": train.loss], updates: train.updates)
    let schedule = try ModelCompiler(name: "test").schedule(graph.program(signature))
    let claimed = schedule.stages.flatMap(\.tasks).flatMap(\.kernels).flatMap { schedule.kernels[$0].claims }
    let names = claimed.compactMap { buffer -> String? in
      guard case .variable(let variable) = schedule.buffers[buffer].storage else { return nil }
      return schedule.program.variables[variable].name
    }
    return (schedule, names.sorted())
  }

  /// Large weights are claimed; small ones, biases, and what only the optimiser uses, are not.
  @Test(arguments: ["adam", "sgd"]) func largeWeightsAreClaimed(_ optimizer: String) throws {
    let (schedule, claims) = try step(optimizer == "adam" ? Adam() : SGD(momentum: 0.9))
    #expect(claims == ["hidden/kernel", "middle/kernel"])
    for kernel in schedule.kernels where !kernel.claims.isEmpty { #expect(kernel.epilogue.isEmpty) }
  }

  /// Of updates that are one kernel, each variable is claimed by the product that is its own gradient, and by no other.
  @Test func everyGradientClaimsItsOwn() throws {
    let graph = Graph()
    var y = graph.placeholder("x", shape: [nil, 40])
    for layer in 0..<4 { y = Dense(40, activation: tanh, name: "layer\(layer)")(y) }
    let train = Adam().minimize(mean(y * y))
    let schedule = try ModelCompiler(name: "test").schedule(
      graph.program(Signature("train", updates: train.updates)))
    var claimed: [Int] = []
    for kernel in schedule.kernels {
      guard case .contraction(let product) = kernel.body else { continue }
      for claim in kernel.claims {
        claimed.append(claim)
        var nodes = [schedule.buffers[claim].node]
        var seen = Set(nodes)
        while let node = nodes.popLast() {
          for input in schedule.program.nodes[node].inputs where seen.insert(input).inserted { nodes.append(input) }
        }
        #expect(seen.contains(schedule.buffers[product.result.buffer].node))
      }
    }
    #expect(claimed.count == 4 && Set(claimed).count == 4)
  }

  /// A weight with two gradients is claimed by one of them: two threads must not write to it.
  @Test func sharedWeightsAreClaimedOnce() throws {
    let graph = Graph()
    let w = graph.variable("w", initialValue: graph.ones([40, 40]))
    let x = graph.placeholder("x", shape: [nil, 40])
    let y = matmul(tanh(matmul(x, w)), w)
    let schedule = try ModelCompiler(name: "test").schedule(
      graph.program(Signature("train", updates: SGD().minimize(mean(y * y)).updates)))
    #expect(schedule.kernels.flatMap(\.claims).count == 1)
  }

  /// Nobody else touches a variable while it is claimed: that would be a race.
  @Test func whatIsClaimedIsNotUsed() throws {
    let schedule = try step().schedule
    for stage in schedule.stages {
      let kernels = stage.tasks.flatMap(\.kernels).map { schedule.kernels[$0] }
      let claimed = Set(kernels.flatMap(\.claims).map { schedule.buffers[$0].storage })
      let used = Set(kernels.flatMap { $0.reads.union($0.writes) }.map { schedule.buffers[$0].storage })
      #expect(claimed.isDisjoint(with: used))
    }
  }

  /// A gradient that the stage after next uses claims nothing: by then the lines may be gone again.
  @Test func onlyTheNextStageCounts() throws {
    let graph = Graph()
    let w = graph.variable("w", initialValue: graph.ones([40, 40]))
    let x = graph.placeholder("x", shape: [nil, 40])
    let y = matmul(x, w)
    let train = SGD().minimize(mean(y * y), clipping: .globalNorm(1))
    let schedule = try ModelCompiler(name: "test").schedule(
      graph.program(Signature("train", updates: train.updates)))
    #expect(schedule.kernels.allSatisfy { $0.claims.isEmpty })
  }

  /// A variable that the product's own stage reads is left alone.
  @Test func variablesInUseAreNotClaimed() throws {
    let graph = Graph()
    let w = graph.variable("w", initialValue: graph.ones([40, 40]))
    let x = graph.placeholder("x", shape: [nil, 40])
    let y = matmul(x, w)
    let train = SGD().minimize(mean(y * y))
    // Put off as long as possible, which is beside the gradient.
    let other = matmul(w, w)
    let signature = Signature("train", outputs: ["other": other], updates: train.updates)
    let schedule = try ModelCompiler(name: "test").schedule(graph.program(signature))
    #expect(schedule.kernels.allSatisfy { $0.claims.isEmpty })
  }

  @Test func claimsAreInTheCode() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 40])
    let y = Dense(30, name: "hidden")(x)
    let train = Adam().minimize(mean(y * y))
    func code(_ contractions: ContractionBackend) throws -> String {
      try ModelCompiler(name: "claims", options: BuildOptions(contractions: contractions)).emit(
        graph, [train.signature("train")]
      ).sources
        .filter { $0.name.hasSuffix(".c") }.map(\.text).joined()
    }
    #expect(try code(.emitted).contains("el_claim("))
    #expect(try !code(.openBLAS).contains("el_claim("))
  }
}
