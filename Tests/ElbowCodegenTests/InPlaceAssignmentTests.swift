import ElbowArrays
import ElbowGraph
import ElbowNetworks
import ElbowPasses
@testable import ElbowSchedule
import ElbowTraining
import Testing

@testable import ElbowCodegen

/// Which maps leave their result where an operand was.
@Suite struct InPlaceAssignmentTests {
  private let graph = Graph()

  private func schedule(_ outputs: [Tensor], _ updates: [VariableUpdate] = []) throws -> Schedule {
    var signature = Signature("test", updates: updates)
    for (index, output) in outputs.enumerated() { signature.outputs.append((name: "y\(index)", tensor: output)) }
    return try SchedulePipeline(isVerified: true).run(Pipeline().run(graph.program(signature)))
  }

  /// The number of maps, on their own or as the end of a product, that write to a buffer that they read.
  private func inPlace(_ schedule: Schedule) -> Int {
    let kernels = schedule.stages.flatMap(\.tasks).flatMap(\.kernels).map { schedule.kernels[$0] }
    return kernels.flatMap { $0.epilogue.isEmpty ? [$0] : $0.epilogue }
      .filter { !$0.reads.isDisjoint(with: $0.writes) }.count
  }

  /// A matrix by rows of the batch that a product puts into memory.
  private func product(_ x: Tensor, _ name: String) -> Tensor {
    matmul(x, graph.variable(name, initialValue: graph.ones([24, 24])))
  }

  private func rows() -> Tensor { graph.placeholder("x", shape: [nil, 24]) }

  /// The gradient by the logits takes their place, though it is in memory that all threads see and they are not.
  @Test func gradientsTakeThePlaceOfLogits() throws {
    let logits = Dense(40, name: "logits")(Dense(30, activation: relu, name: "hidden")(rows()))
    let loss = mean(sum(softplus(logits) - logits * 0.5, axes: [1]))
    let train = Adam().minimize(loss)
    let schedule = try schedule([loss], train.updates)
    #expect(inPlace(schedule) >= 2)
    let used = schedule.stages.flatMap(\.tasks).flatMap(\.kernels)
      .reduce(into: Set<Int>()) { $0.formUnion(schedule.kernels[$1].reads.union(schedule.kernels[$1].writes)) }
    let wide = used.filter { schedule.buffers[$0].shape.dimensions.last == 40 && schedule.buffers[$0].shape.rank == 2 }
    let batched = wide.filter { schedule.buffers[$0].shape.dimensions[0].isSymbolic }
    #expect(batched.count == 1)
  }

  /// Operands that are needed again stay where they are.
  @Test func operandsInUseStay() throws {
    let a = product(rows(), "w")
    let b = product(tanh(a), "v")
    #expect(inPlace(try schedule([product(a * b, "u")])) == 1)
    // Without the second use, both maps work in place.
    let free = Graph()
    let x = free.placeholder("x", shape: [nil, 24])
    let weights = (0..<3).map { free.variable("w\($0)", initialValue: free.ones([24, 24])) }
    let chain = weights.dropFirst().reduce(matmul(x, weights[0])) { matmul(tanh($0), $1) }
    let plain = try ModelCompiler(name: "test").schedule(free.program(Signature("test", outputs: ["y": chain])))
    #expect(inPlace(plain) == 2)
  }

  /// A product reads its operand's rows to the end, so what finishes its tiles must not write there.
  @Test func productsKeepTheirOperands() throws {
    let a = tanh(product(rows(), "w"))
    let b = product(a, "v")
    let schedule = try schedule([product(b + a, "u") + product(tanh(b) * a, "t")])
    #expect(inPlace(schedule) >= 2)
    for kernel in schedule.stages.flatMap(\.tasks).flatMap(\.kernels).map({ schedule.kernels[$0] }) {
      guard case .contraction(let body) = kernel.body else { continue }
      #expect(!kernel.writes.contains(body.left.buffer) && !kernel.writes.contains(body.right.buffer))
    }
  }

  /// Elements that others are computed from must not be written over.
  @Test func neighboursAreNotWrittenOver() throws {
    let a = product(rows(), "w")
    let turned = a.reversed(axes: [1])
    #expect(inPlace(try schedule([product(tanh(a) * turned, "u")])) == 0)
  }

  /// Images are rows of pixels to a product.
  @Test func axesDoNotMatter() throws {
    let images =
      product(rows(), "w").reshaped([-1, 4, 6]) + graph.variable("bias", initialValue: graph.ones([4, 6]))
    #expect(inPlace(try schedule([product(tanh(images).reshaped([-1, 24]), "u")])) == 1)
  }

  /// They do to what has a loop nest of its own, here a cumulative sum, which finds its way by the axes.
  @Test(arguments: [true, false]) func nestsKeepTheirAxes(isImage: Bool) throws {
    let sums = cumsum(product(rows(), "w").reshaped(isImage ? [-1, 4, 6] : [-1, 24]), axis: 1)
    let bias = graph.variable("bias", initialValue: graph.ones([24]))
    let schedule = try schedule([product(tanh(sums.reshaped([-1, 24]) + bias), "u")])
    let kernels = schedule.stages.flatMap(\.tasks).filter(\.isTiled).flatMap(\.kernels).map { schedule.kernels[$0] }
    let nest = try #require(kernels.firstIndex { if case .nest = $0.body { true } else { false } })
    #expect(kernels[(nest + 1)...].contains { !$0.writes.isDisjoint(with: kernels[nest].writes) } == !isImage)
  }
}
