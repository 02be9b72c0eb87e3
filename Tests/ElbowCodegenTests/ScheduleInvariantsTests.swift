import ElbowArrays
import ElbowGraph
import ElbowNetworks
import ElbowPasses
@testable import ElbowSchedule
import ElbowTraining
import Testing

@testable import ElbowCodegen

/// Schedules that were spoiled by hand, each in one place, and the sentence that says so.
@Suite struct ScheduleInvariantsTests {
  private let schedule: Schedule

  init() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 20])
    let hidden = softmax(Dense(15)(softmax(Dense(17)(x))))
    let y = Dense(3)(hidden)
    let loss = mean(y * y)
    let train = Adam().minimize(loss)
    let signature = Signature("train", outputs: ["loss": loss], updates: train.updates)
    schedule = try SchedulePipeline(isVerified: true).run(Pipeline().run(graph.program(signature)))
  }

  private func fault(_ spoil: (inout Schedule) throws -> Void) throws -> String {
    var spoiled = schedule
    try spoil(&spoiled)
    do {
      try ScheduleInvariants(spoiled).check(after: "test")
      return "none"
    } catch let error as ElbowError {
      return error.message
    }
  }

  /// The place of a tiled task with several kernels.
  private var tiled: (stage: Int, task: Int) {
    get throws {
      for (stage, content) in schedule.stages.enumerated() {
        if let task = content.tasks.firstIndex(where: { $0.isTiled && $0.kernels.count > 1 }) { return (stage, task) }
      }
      throw ElbowError(.internal, "There is no tiled task.")
    }
  }

  @Test func aScheduleIsGood() throws { #expect(try fault { _ in } == "none") }

  @Test func kernelsRunOnce() throws {
    let (stage, task) = try tiled
    let found = try fault { $0.stages[stage].tasks[task].kernels += $0.stages[stage].tasks[task].kernels.prefix(1) }
    #expect(found.contains("runs twice"))
    #expect(found.hasPrefix("The schedule of 'train' is wrong after 'test': "))
  }

  @Test func tasksHaveRowsOfOneExtent() throws {
    let (stage, task) = try tiled
    let found = try fault { $0.stages[stage].tasks[task].extent = 7 }
    #expect(found.contains("does not go through the rows of its task"))
  }

  @Test func kernelsReadWhatIsThere() throws {
    let (stage, task) = try tiled
    #expect(try fault { $0.stages[stage].tasks[task].kernels.reverse() }.contains("which nobody wrote before"))
    #expect(try fault { $0.stages.reverse() }.contains("which nobody wrote before"))
  }

  @Test func tasksOfAStageAreIndependent() throws {
    let found = try fault { schedule in
      let tasks = schedule.stages.remove(at: 1).tasks
      schedule.stages[0].tasks += tasks
    }
    #expect(found.contains("while another task writes it"))
  }

  @Test func everyBufferHasOnePlace() throws {
    #expect(try fault { $0.memory.arena.removeLast() }.contains("does not lie in one place"))
    #expect(try fault { $0.memory.arena.append($0.memory.arena[0]) }.contains("does not lie in one place"))
    #expect(try fault { $0.memory.tiles.removeAll() }.contains("does not lie in one place of a tile"))
  }

  @Test func whatSharesAPlaceIsNotNeededTogether() throws {
    let found = try fault { schedule in
      let slots = schedule.memory.arena
      schedule.memory.arena = [
        MemoryPlan.Slot(buffers: slots.filter { $0.offsets.isEmpty }.flatMap(\.buffers), byteCounts: [1])
      ]
      schedule.memory.arena += slots.filter { !$0.offsets.isEmpty }
    }
    #expect(found.contains("share a place while both are needed"))
    let inTile = try fault { schedule in
      let index = try #require(schedule.memory.tiles.firstIndex { $0.slots.flatMap(\.buffers).count > 1 })
      let buffers = schedule.memory.tiles[index].slots.flatMap(\.buffers)
      schedule.memory.tiles[index].slots = [MemoryPlan.Slot(buffers: buffers, byteCounts: [1])]
    }
    #expect(inTile.contains("share a place while both are needed"))
  }

  @Test func tilesHaveRows() throws {
    let (stage, task) = try tiled
    #expect(try fault { $0.stages[stage].tasks[task].tileRows = 0 }.contains("has no rows"))
  }

  @Test func tilesOfGroupedSumsAreWholeGroups() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 12, 12, 32])
    let w = graph.variable("w", initialValue: graph.ones([5, 5, 32, 32]))
    let y = conv2D(x, w, padding: .same)
    let train = SGD().minimize(mean(y * y))
    let program = try Pipeline().run(graph.program(Signature("train", updates: train.updates)))
    var schedule = try SchedulePipeline().run(program)
    try ScheduleInvariants(schedule).check(after: "test")
    for stage in schedule.stages.indices {
      for task in schedule.stages[stage].tasks.indices where schedule.stages[stage].tasks[task].isTiled {
        schedule.stages[stage].tasks[task].tileRows = 3
      }
    }
    #expect(throws: ElbowError.self) { try ScheduleInvariants(schedule).check(after: "test") }
  }
}
