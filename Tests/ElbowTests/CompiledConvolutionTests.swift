import Elbow
import ElbowCodegen
import ElbowPasses
import Foundation
import TestFolders
import Testing

/// Small convolutional networks: compiled code against the reference evaluator, for a batch of any size.
@Suite struct CompiledConvolutionTests {
  /// Strided, transposed, depthwise and pooling layers, whose loss sums over the batch, and every gradient.
  private static func network(
    _ size: Int, _ channels: Int, depthwise: Bool = true
  ) -> (graph: Graph, signature: Signature) {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, size, size, channels])
    func kernel(_ name: String, _ extents: [Int]) -> Tensor {
      graph.variable(name, initialValue: Initializer.glorotUniform(extents, graph: graph, dtype: .float32))
    }
    let kernels = [
      kernel("strided", [3, 3, channels, 5]), kernel("depthwise", [3, 3, 5, 1]), kernel("transposed", [3, 3, 4, 5]),
      kernel("last", [3, 2, 1, 4]), kernel("spread", [4, 4, 3, 1]),
    ]
    let bias = graph.variable("bias", initialValue: graph.zeros([5]))
    var x = relu(conv2D(images, kernels[0], strides: [2, 2], padding: .same) + bias)
    if depthwise { x = x + depthwiseConv2D(x, kernels[1], padding: .same) }
    let wide = conv2DTranspose(x, kernels[2], strides: [2, 2], padding: .same)
    let single = conv2DTranspose(leakyRelu(wide), kernels[3], strides: [1, 3], padding: .valid)
    let point = maxPool2D(single, size: [4, 4], padding: .same).mean(axes: [1, 2]).reshaped(
      to: Shape([single.shape[0], 1, 1, 1]))
    let spread = conv2DTranspose(point, kernels[4], padding: .valid)
    let loss = mean(single * single) + mean(tanh(spread)) + mean(avgPool2D(wide, size: [2, 2]))
    var signature = Signature("gradients", outputs: ["loss": loss, "spread": spread])
    for (index, gradient) in gradients(of: loss, by: kernels + [bias], unconnected: .zero).enumerated() {
      signature.outputs.append((name: "g\(index)", tensor: gradient))
    }
    return (graph, signature)
  }

  @Test(arguments: [(size: 8, channels: 3, batch: 1), (8, 3, 7), (12, 16, 6)])
  func agreesWithReference(_ size: Int, _ channels: Int, _ batch: Int) throws {
    let (graph, signature) = Self.network(size, channels)
    var random = SplitMix64(seed: 11)
    let feeds = ["images": try HostArray.random(.float32, [batch, size, size, channels], -1...1, &random)]
    let expected = try Session(graph, seed: 3, backend: .reference).run(signature, feeding: feeds)
    let found = try Session(graph, seed: 3, threads: 2, cache: temporaryCache()).run(signature, feeding: feeds)
    for (name, _) in signature.outputs {
      expectClose(try #require(found[name]), try #require(expected[name]), name, tolerance: 1e-4)
    }
  }

  /// Tiles of any size, timed or not, compute the same but for the order of sums, whatever the number of threads.
  @Test(arguments: [(size: 8, channels: 3), (12, 16)])
  func tileRowsAreAChoice(_ size: Int, _ channels: Int) throws {
    let (graph, signature) = Self.network(size, channels)
    var random = SplitMix64(seed: 17)
    let feeds = ["images": try HostArray.random(.float32, [21, size, size, channels], -1...1, &random)]
    let cache = try temporaryCache()
    let expected = try Session(graph, seed: 3, threads: 1, cache: cache).run(signature, feeding: feeds)
    for (rows, isProfiled) in [(1, false), (3, true), (5000, false)] {
      let options = BuildOptions(optimization: 1, tileRows: rows, isProfiled: isProfiled)
      let one = try Session(graph, seed: 3, threads: 1, options: options, cache: cache).run(signature, feeding: feeds)
      for (name, _) in signature.outputs {
        expectClose(try #require(one[name]), try #require(expected[name]), "\(name), \(rows) rows", tolerance: 1e-4)
      }
      if isProfiled { continue }
      let two = try Session(graph, seed: 3, threads: 2, options: options, cache: cache).run(signature, feeding: feeds)
      for (name, _) in signature.outputs { #expect(two[name]?.bytes == one[name]?.bytes, "\(name), \(rows) rows") }
    }
  }

  /// A session takes what was measured for its signature, as another library than without.
  @Test func sessionsUseWhatWasMeasured() throws {
    let (graph, signature) = Self.network(8, 3)
    var random = SplitMix64(seed: 17)
    let feeds = ["images": try HostArray.random(.float32, [5, 8, 8, 3], -1...1, &random)]
    try withTemporaryFolder { folder in
      let cache = try ArtifactCache(folder: folder)
      func libraries(_ options: BuildOptions = BuildOptions(optimization: 0)) throws -> Set<String> {
        try Session(graph, seed: 3, options: options, cache: cache).run(signature, feeding: feeds)
        return Set(try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".so") })
      }
      let plain = try libraries()
      try TuningStore(cache).remember(Tuning(tileRows: 3), for: graph.program(signature))
      #expect(try libraries(BuildOptions(optimization: 0, usesTuning: false)) == plain)
      #expect(try libraries().count > plain.count)
    }
  }

  @Test(arguments: [1, 3, 21, 64])
  func threadsDoNotMatter(_ batch: Int) throws {
    let (graph, signature) = Self.network(12, 16)
    var random = SplitMix64(seed: 5)
    let feeds = ["images": try HostArray.random(.float32, [batch, 12, 12, 16], -1...1, &random)]
    let cache = try temporaryCache()
    let one = try Session(graph, seed: 3, threads: 1, cache: cache).run(signature, feeding: feeds)
    for threads in [2, 3, 5] {
      let several = try Session(graph, seed: 3, threads: threads, cache: cache).run(signature, feeding: feeds)
      for (name, _) in signature.outputs {
        #expect(try several[name]?.bytes == #require(one[name]).bytes, "\(name)")
      }
    }
  }

  /// Images of 9 kB are read again while they are in cache, not in a later stage.
  @Test func largeRowsAreSummedSliceBySlice() throws {
    let (graph, signature) = Self.network(12, 16, depthwise: false)
    let schedule = try SchedulePipeline().run(Pipeline().run(graph.program(signature)))
    #expect(schedule.slices.count == 1)
    let partial = schedule.kernels.filter(\.isPartial)
    #expect(partial.count >= 6)
    let tiled = schedule.stages.filter { stage in
      stage.tasks.contains { task in task.isTiled && task.kernels.contains { schedule.kernels[$0].isPartial } }
    }
    #expect(tiled.count == 1, "forward and backward are one stage")
    // Nothing as large as the batch's activations is kept.
    for buffer in schedule.buffers where buffer.storage == .arena && buffer.shape.dimensions.first?.isSymbolic == true {
      let used = schedule.kernels.contains { kernel in
        kernel.accesses.contains { schedule.buffers[$0.buffer].node == buffer.node }
      }
      if used { #expect((buffer.strides[0].value ?? 0) < 256, "\(buffer.shape)") }
    }
  }

  @Test func convolutionsBecomeContractions() throws {
    let (graph, signature) = Self.network(8, 3)
    let program = try Pipeline().run(graph.program(signature))
    #expect(!program.nodes.contains { $0.primitive is Convolution || $0.primitive is ReduceWindow })
    #expect(program.nodes.filter { $0.primitive is Contraction }.count >= 9)
  }
}
