@testable import ElbowAnalysis
import ElbowArrays
import ElbowGraph
import ElbowNetworks
@testable import ElbowSchedule
@testable import ElbowToolchain
import ElbowTraining
import Testing

@testable import ElbowCodegen

/// The report of `graphc explain` on kernels: costs, tiles, and what was not fused.
@Suite struct AnalysisTests {
  private func schedule(_ graph: Graph, _ signature: Signature, _ options: BuildOptions = BuildOptions()) throws
    -> Schedule
  {
    try ModelCompiler(name: "test", options: options).schedule(graph.program(signature))
  }

  private func trainingStep(_ options: BuildOptions = BuildOptions()) throws -> Schedule {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 20])
    let y = graph.placeholder("y", shape: [nil, 3])
    let output = Dense(3, name: "out")(Dense(17, activation: relu, name: "hidden")(x))
    let loss = mean((output - y) * (output - y))
    let train = Adam().minimize(loss)
    return try schedule(graph, Signature("train", outputs: ["loss": loss], updates: train.updates), options)
  }

  private func analysis(_ schedule: Schedule, batch: Int = 100) throws -> ScheduleAnalysis {
    let symbols = Dictionary(uniqueKeysWithValues: schedule.program.symbols.map { ($0, batch) })
    return try ScheduleAnalysis(schedule, symbols: symbols)
  }

  @Test func countsADenseLayer() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 20])
    let layer = Dense(17, activation: relu, name: "hidden")(x)
    let schedule = try schedule(graph, Signature("predict", outputs: ["y": layer]))
    let kernels = try analysis(schedule, batch: 10).kernels
    // The product, the bias and the maximum; x, weights, bias and the result, once each.
    #expect(kernels.map(\.cost.flops).reduce(0, +) == Double(2 * 10 * 20 * 17 + 10 * 17 + 10 * 17))
    let contraction = try #require(kernels.first { $0.operations.contains("contraction") })
    // What adds the bias finishes the product's tiles, so that the product by itself is not moved.
    #expect(!schedule.kernels[contraction.number].epilogue.isEmpty)
    #expect(contraction.cost.bytes == Double(4 * (10 * 20 + 20 * 17 + 17 + 10 * 17)))
    #expect(contraction.cost.intensity == contraction.cost.flops / contraction.cost.bytes)
  }

  /// Values that a row shares are computed once a row.
  @Test func countsWhatRunsPerRowOnce() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 1])
    let y = graph.placeholder("y", shape: [nil, 7])
    let schedule = try schedule(graph, Signature("f", outputs: ["z": (x - 1) * y]))
    let kernels = try analysis(schedule, batch: 10).kernels
    #expect(kernels.count == 1)
    #expect(kernels.first?.cost.flops == 80.0)
    #expect(kernels.first?.cost.bytes == Double(4 * (10 + 70 + 70)))
  }

  @Test func functionsCostMore() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 7])
    let schedule = try schedule(graph, Signature("f", outputs: ["y": exp(x)]))
    #expect(try analysis(schedule, batch: 10).kernels.map(\.cost.flops) == [70 * ScalarCost.chain.operations])
  }

  @Test func countsLoopsOfNests() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 6, 6])
    let schedule = try schedule(graph, Signature("f", outputs: ["l": cholesky(x)]))
    let small = try analysis(schedule, batch: 1).kernels.map(\.cost.flops).reduce(0, +)
    let large = try analysis(schedule, batch: 5).kernels.map(\.cost.flops).reduce(0, +)
    #expect(small > 36 && small < 6 * 6 * 6 * 4)
    #expect(large == 5 * small)
  }

  /// An optimiser's loop over neighbouring variables moves all of them.
  @Test func countsFusedLoopsWhole() throws {
    let schedule = try trainingStep()
    let last = try #require(try analysis(schedule).kernels.last { schedule.kernels[$0.number].writes.count == 3 })
    let parameters = 20 * 17 + 17 + 17 * 3 + 3
    // Three variables read and written, and the gradient read.
    #expect(last.cost.bytes >= Double(7 * 4 * parameters))
    #expect(last.cost.bytes < Double(8 * 4 * parameters))
  }

  @Test func listsWhatRunsOnce() throws {
    let schedule = try trainingStep()
    let running = schedule.stages.flatMap { $0.tasks.flatMap(\.kernels) }
    #expect(try analysis(schedule).kernels.map(\.number) == running)
    #expect(try analysis(schedule).tasks.flatMap(\.kernels) == running)
    #expect(Set(running).count == running.count)
  }

  @Test func saysWhyTasksHaveNoTiles() throws {
    let tasks = try analysis(try trainingStep()).tasks
    #expect(tasks.filter { $0.tileRows != nil }.allSatisfy { $0.obstacle == nil && $0.extent == "n" })
    #expect(tasks.contains { $0.tileRows != nil && $0.kernels.count > 1 })
    #expect(tasks.contains { $0.obstacle == .reducesOverTheBatch })
    #expect(tasks.last?.obstacle == .noBatch)
    #expect(tasks.allSatisfy { ($0.tileRows == nil) == ($0.obstacle != nil) })
  }

  /// A map that finishes a product and takes the place of its result writes it all the same; it does not read it.
  @Test func countsWhatIsWrittenInPlace() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 20])
    let hidden = Dense(17, activation: relu, name: "hidden")(x)
    let schedule = try schedule(graph, Signature("f", outputs: ["y": Dense(3, name: "out")(hidden)]))
    let first = try #require(try analysis(schedule, batch: 10).kernels.first { $0.cost.flops > 5000 })
    #expect(first.cost.bytes == Double(4 * (10 * 20 + 20 * 17 + 17 + 10 * 17)))
  }

  /// The products counted are those of the definition; what is carried out may be less.
  @Test func saysWhichConvolutionsTakeFewerMultiplications() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 12, 12, 32])
    let y = conv2D(x, graph.placeholder("w", shape: [5, 5, 32, 32]), padding: .same)
    func convolution(_ contractions: ContractionBackend) throws -> ScheduleAnalysis.KernelReport {
      let schedule = try schedule(
        graph, Signature("f", outputs: ["y": y]), BuildOptions(contractions: contractions))
      let analysis = try analysis(schedule, batch: 2)
      return try #require(analysis.kernels.first { $0.cost.flops > 1e6 })
    }
    let (fewer, direct) = (try convolution(.emitted), try convolution(.direct))
    #expect(fewer.algorithm == "F(4 x 4, 5 x 5)" && direct.algorithm == nil)
    #expect(fewer.cost.flops == Double(2 * 2 * 144 * 25 * 32 * 32))
    #expect(fewer.cost.performedFlops == Double(2 * 2 * 9 * 64 * 32 * 32))
    #expect(direct.cost.performedFlops == direct.cost.flops)
  }

  /// Beyond what caches hold, a kernel's points would cost more than they save.
  @Test func largeKernelsAreMultipliedOut() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 12, 12, 512])
    let y = conv2D(x, graph.placeholder("w", shape: [3, 3, 512, 512]), padding: .same)
    let schedule = try schedule(graph, Signature("f", outputs: ["y": y]))
    #expect(try analysis(schedule, batch: 2).kernels.allSatisfy { $0.algorithm == nil })
  }

  @Test func tunedRowsAreTaken() throws {
    let options = BuildOptions(tileRows: 24)
    let chosen = try analysis(trainingStep(options))
    #expect(Set(chosen.tasks.compactMap(\.tileRows)) == [24])
    // In between the layers of a prediction there is memory for a tile.
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 20])
    let output = Dense(3, name: "out")(Dense(17, activation: relu, name: "hidden")(x))
    let signature = Signature("predict", outputs: ["y": output])
    let bytes = try analysis(schedule(graph, signature, options)).scratchBytes
    #expect(bytes >= 24 * 17 * 4)
    #expect(try analysis(schedule(graph, signature)).scratchBytes > bytes)
  }

  /// A sum over the columns cannot be had before the product is whole.
  @Test func saysWhyAMapDoesNotFinishAProduct() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 20])
    let product = matmul(x, graph.placeholder("w", shape: [20, 17]))
    let schedule = try schedule(graph, Signature("f", outputs: ["y": sum(product * product, axes: [1])]))
    #expect(try analysis(schedule).epilogues.map(\.obstacle) == [.combines])
  }

  @Test func extentsHaveToBeGiven() throws {
    let schedule = try trainingStep()
    #expect(throws: ElbowError.self) { try ScheduleAnalysis(schedule, symbols: [:]) }
  }

  @Test func slowestOfComputingAndMovingCounts() {
    let roofline = Roofline(
      flopsPerSecond: 100,
      levels: [.init(byteCount: 1000, bytesPerSecond: 10), .init(byteCount: 10, bytesPerSecond: 50)])
    #expect(roofline.seconds(flops: 300, bytes: 100, workingSet: 10) == 3)
    #expect(roofline.seconds(flops: 300, bytes: 100, workingSet: 11) == 10)
    #expect(roofline.seconds(flops: 1, bytes: 100, workingSet: 1e9) == 10)
  }
}
