import ElbowArrays
@testable import ElbowCodegen
import ElbowGraph
import ElbowNetworks
import ElbowPasses
@testable import ElbowSchedule
import ElbowTraining
import Testing

/// The kernels, stages and memory that a training step gets.
@Suite struct ScheduleTests {
  private func schedule(_ graph: Graph, _ signature: Signature) throws -> Schedule {
    try SchedulePipeline(isVerified: true).run(Pipeline().run(graph.program(signature)))
  }

  /// Two dense layers and a squared error.
  private func trainingStep() throws -> Schedule {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 20])
    let y = graph.placeholder("y", shape: [nil, 3])
    let output = Dense(3, name: "out")(Dense(17, activation: relu, name: "hidden")(x))
    let loss = mean((output - y) * (output - y))
    let train = Adam().minimize(loss)
    return try schedule(graph, Signature("train", outputs: ["loss": loss], updates: train.updates))
  }

  @Test func trainsInFewStages() throws {
    // The batch, row by row; sums over the batch; the optimiser.
    #expect(try trainingStep().stages.count == 3)
  }

  /// A transposed weight is read as it lies where there is much to sum up, copied by whoever multiplies by it where it is
  /// small, and else once, a stage before.
  @Test(arguments: [
    (300, 50, RightOrder.depth, 1), (64, 4, .depth, 1), (64, 5, .copied, 1), (20, 100, .copied, 1),
    (100, 300, .columns, 2),
  ])
  func transposedWeights(depth: Int, columns: Int, order: RightOrder, stages: Int) throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, depth])
    let w = graph.placeholder("w", shape: [columns, depth])
    let y = relu(matmul(x, w, transposeB: true))
    let schedule = try schedule(graph, Signature("product", outputs: ["y": y]))
    #expect(schedule.kernels.compactMap(\.rightOrder) == [order])
    #expect(schedule.stages.count == stages)
  }

  @Test func optimiserIsOneLoop() throws {
    let schedule = try trainingStep()
    let last = try #require(schedule.stages.last)
    let updating = last.tasks.filter { task in
      task.kernels.contains { schedule.kernels[$0].writes.count == 3 }
    }
    #expect(updating.count == 1)
    #expect(schedule.gangs.count == 1)
    #expect(schedule.gangs.first?.members.count == 4)
  }

  /// Variables between two that are updated alike are not touched.
  @Test func loopsDoNotPassOverOthers() throws {
    let graph = Graph()
    let names = ["a", "b", "c", "d"]
    let variables = names.map { graph.variable($0, initialValue: graph.zeros([20])) }
    let updates = zip(names, variables).map { VariableUpdate($1, to: $0 == "b" ? $1 * $1 : $1 * 2) }
    let schedule = try schedule(graph, Signature("update", updates: updates))
    let extents = schedule.stages.flatMap(\.tasks).compactMap(\.extent?.value).sorted()
    // a alone, b alone, c and d together: 64 bytes hold 16 numbers, so that 20 take the place of 32.
    #expect(extents == [20, 20, 52])
  }

  @Test func activationsFinishContractions() throws {
    let schedule = try trainingStep()
    let finished = schedule.kernels.filter { !$0.epilogue.isEmpty }
    #expect(!finished.isEmpty)
  }

  @Test func activationsNeedMemoryForATileOnly() throws {
    let schedule = try trainingStep()
    #expect(schedule.buffers.contains { $0.storage == .tile })
    // The buffers that cross into the next stage, for the sums over the batch, are the layers' operands and gradients.
    let batched = schedule.buffers.filter { $0.storage == .arena && $0.shape.dimensions.first?.isSymbolic == true }
    #expect(batched.count <= 4)
  }

  /// Two, four or eight threads get as many slices each, and their parts take little more than they may.
  @Test func slicesDivideEvenly() {
    for bytes in stride(from: 1000, to: 6 << 20, by: 9973) {
      let limit = SliceAssignment.limit(partBytes: bytes)
      #expect([4, 8, 16].contains(limit))
      #expect(limit == 4 || limit * bytes <= SliceAssignment.partialBytes * 4 / 3)
      #expect(limit == 16 || 2 * limit * bytes > SliceAssignment.partialBytes * 4 / 3)
    }
  }

  @Test func swappedVariablesAreUpdatedTogether() throws {
    let graph = Graph()
    let a = graph.variable("a", initialValue: graph.constant([1, 2, 3]))
    let b = graph.variable("b", initialValue: graph.constant([4, 5, 6]))
    let signature = Signature("swap", updates: [VariableUpdate(a, to: b * 1.5), VariableUpdate(b, to: a * 2.5)])
    #expect(try schedule(graph, signature).stages.count == 2)
  }

  /// Where the rows of the batch are the work, one row is for one thread; sums over the batch are shared whatever its size.
  @Test func threadsAreNoMoreThanRowsToShare() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 20])
    let product = matmul(x, graph.placeholder("w", shape: [20, 17]))
    let rows = try schedule(graph, Signature("rows", outputs: ["y": relu(product)]))
    #expect(rows.sharedExtent?.symbols == Set(rows.program.symbols))
    #expect(try schedule(graph, Signature("sum", outputs: ["y": sum(product, axes: [0])])).sharedExtent != nil)
    let gradient = matmul(x, relu(product), transposeA: true)
    #expect(try schedule(graph, Signature("gradient", outputs: ["g": gradient])).sharedExtent == nil)
  }
}
