import ElbowArrays
import ElbowGraph
import ElbowNetworks
import ElbowPasses
@testable import ElbowSchedule
import ElbowTraining
import Testing

@testable import ElbowCodegen

/// Schedules are right after every step, and one that is not is found.
@Suite struct ScheduleVerifierTests {
  /// A dense network with its training, so that there is something of everything: tiles, products that finish themselves, results
  /// in their operands' places, sums over slices, loops over all parameters.
  private struct Example {
    let program: Program
    let layout: StateLayout
    let verifier: ScheduleVerifier
    let schedule: Schedule

    init() throws {
      let graph = Graph()
      let x = graph.placeholder("x", shape: [nil, 6])
      let images = graph.placeholder("images", shape: [nil, 6, 6, 2])
      let hidden = Dense(9, activation: tanh)(Dense(5, activation: tanh)(x))
      let features = Conv2D(3, kernelSize: 3, activation: relu)(images)
      let loss = mean(hidden * hidden) + mean(features * features)
      let train = Adam().minimize(loss)
      var signature = Signature("train", updates: train.updates)
      signature.outputs = [(name: "loss", tensor: loss), (name: "hidden", tensor: hidden)]
      program = try Pipeline().run(graph.program(signature))
      layout = try StateLayout(program.variables)
      verifier = try #require(try ScheduleVerifier(Schedule.kernels(of: program, SchedulePipeline())))
      schedule = try SchedulePipeline(isVerified: true).run(program)
    }

    /// The verifier's complaint about the schedule changed.
    func complaint(_ change: (inout Schedule) throws -> Void) rethrows -> String? {
      var changed = schedule
      try change(&changed)
      do {
        try verifier.check(changed, after: "a change")
        return nil
      } catch {
        return "\(error)"
      }
    }
  }

  @Test func aRightScheduleIsRight() throws { #expect(try Example().complaint { _ in } == nil) }

  /// Images so large that gradients are summed slice by slice.
  @Test func slicesAreRight() throws {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 46, 46, 1])
    let features = Conv2D(2, kernelSize: 5, strides: 3, activation: relu)(images)
    let train = Adam().minimize(mean(features * features))
    let program = try Pipeline().run(graph.program(Signature("train", updates: train.updates)))
    let pipeline = SchedulePipeline(isVerified: true, workLimit: 500_000)
    #expect(try !pipeline.run(program).slices.isEmpty)
    #expect(try ScheduleVerifier(Schedule.kernels(of: program, pipeline), workLimit: 500_000) != nil)
  }

  /// The largest of each slice's largest is the largest of all.
  @Test func slicesOfMaximaAreRight() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 33, 33], dtype: .float64)
    let signature = Signature("f", outputs: ["y": x.max(axes: [0, 2])])
    let program = try Pipeline().run(graph.program(signature))
    #expect(try !SchedulePipeline(isVerified: true).run(program).slices.isEmpty)
  }

  /// Each way of being wrong at every place where it is possible.
  @Test func kernelsThatAreMissingOrLateAreFound() throws {
    let example = try Example()
    for stage in example.schedule.stages.indices {
      for task in example.schedule.stages[stage].tasks.indices {
        let kernels = example.schedule.stages[stage].tasks[task].kernels
        for position in kernels.indices {
          let name: Comment = "kernel \(kernels[position])"
          #expect(example.complaint { $0.stages[stage].tasks[task].kernels.remove(at: position) } != nil, name)
        }
      }
    }
    for stage in example.schedule.stages.indices.dropLast() {
      let together = example.complaint {
        $0.stages[stage].tasks += $0.stages.remove(at: stage + 1).tasks
      }
      #expect(together?.contains("is wrong after 'a change'") == true, "stages \(stage) and \(stage + 1) in one")
    }
  }

  @Test func buffersThatShareAPlaceTooLongAreFound() throws {
    let example = try Example()
    // A buffer read where another one lies that has as many elements and is in use.
    var count = 0
    for kernel in example.schedule.kernels.indices where isRun(kernel, example.schedule) {
      guard case .map(let instructions, _) = example.schedule.kernels[kernel].body else { continue }
      for (index, instruction) in instructions.enumerated() {
        guard case .load(let access) = instruction.operation else { continue }
        let buffer = example.schedule.buffers[access.buffer]
        for other in example.schedule.buffers.indices where other != access.buffer {
          let candidate = example.schedule.buffers[other]
          guard candidate.shape == buffer.shape, candidate.storage == buffer.storage else { continue }
          // Old and new value of a variable lie in the same place.
          if case .variable = buffer.storage { continue }
          let complaint = example.complaint { schedule in
            guard case .map(var changed, let outputs) = schedule.kernels[kernel].body else { return }
            changed[index].operation = .load(Access(buffer: other, index: access.index))
            schedule.kernels[kernel].body = .map(instructions: changed, outputs: outputs)
          }
          #expect(complaint != nil, "kernel \(kernel) reads \(other)")
          count += 1
        }
      }
    }
    #expect(count > 0)
  }

  @Test func productsOfOtherElementsAreFound() throws {
    let example = try Example()
    var count = 0
    for kernel in example.schedule.kernels.indices where isRun(kernel, example.schedule) {
      guard case .contraction(let body) = example.schedule.kernels[kernel].body else { continue }
      for operand in [\ContractionBody.left, \.right, \.result] {
        var shifted = body
        shifted[keyPath: operand].index = body[keyPath: operand].index + LinearIndex(1)
        let complaint = example.complaint { $0.kernels[kernel].body = .contraction(shifted) }
        #expect(complaint != nil, "kernel \(kernel)")
        count += 1
      }
    }
    #expect(count >= 12)
  }

  private func isRun(_ kernel: Int, _ schedule: Schedule) -> Bool {
    schedule.stages.flatMap(\.tasks).flatMap(\.kernels).contains(kernel)
  }
}
