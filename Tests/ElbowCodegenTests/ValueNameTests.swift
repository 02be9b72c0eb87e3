import ElbowArrays
import ElbowGraph
import ElbowNetworks
import ElbowPasses
import ElbowTraining
import Testing

@testable import ElbowCodegen
@testable import ElbowSchedule

/// Names of values and formulas of kernels, as emitted C has them.
@Suite struct ValueNameTests {
  private let graph = Graph()
  private let signature: Signature

  init() {
    let x = graph.placeholder("x", shape: [nil, 20])
    let y = Dense(3, name: "out")(Dense(17, activation: relu, name: "hidden")(x / 255))
    let loss = mean(y * y)
    signature = Signature("train", outputs: ["loss": loss], updates: Adam().minimize(loss).updates)
  }

  @Test func valuesAreCalledAfterLayerAndMeaning() throws {
    let schedule = try SchedulePipeline().run(Pipeline().run(graph.program(signature)))
    let names = Set(schedule.names.values)
    let expected = [
      "x_divide", "hidden", "out_sum", "loss", "out_gradient", "hidden_gradient", "hidden/kernel_gradient",
      "out/bias_gradient",
    ]
    for name in expected { #expect(names.contains(name), "\(name) is not among \(names.sorted())") }
  }

  @Test func kernelsAreCalledAfterTheirResults() throws {
    let schedule = try SchedulePipeline().run(Pipeline().run(graph.program(signature)))
    let running = schedule.stages.flatMap(\.tasks).flatMap(\.kernels)
    let names = running.map { schedule.resultName($0) }
    for name in ["hidden", "loss", "hidden/kernel_gradient"] { #expect(names.contains(name)) }
    #expect(names.contains { $0.hasPrefix("update_hidden/") } && names.contains("update_adam/step"))
  }

  @Test func commentsSayTheFormulaAndItsShape() throws {
    let library = try ModelCompiler(name: "toy").emit(graph, [signature], withLines: false)
    let text = library.sources.map(\.text).joined()
    for formula in [
      "/* x_divide[n, 20] = x / 255 */", "/* hidden[n, 17] = max(x_divide @ hidden_kernel + hidden_bias, 0) */",
      "hidden_kernel_gradient[20, 17] = x_divide @ hidden_gradient */",
      "hidden_bias_gradient[17] = sum(hidden_gradient, axes [0])", "new_adam_step = adam_step + 1",
    ] { #expect(text.contains(formula), "\(formula)") }
    #expect(text.contains("static void toy_train__stage_0(toy_train__frame *f, int thread, int threads) {"))
    #expect(text.contains("(const float *)(f->state + TOY_AT_HIDDEN_KERNEL)"))
    let header = try #require(library.modelHeaders.first { $0.name == "toy.h" })
    #expect(header.text.contains("#define TOY_AT_HIDDEN_KERNEL 64\n"))
  }

  /// Names and formulas of deep graphs need no deep stack.
  @Test func deepGraphsHaveNames() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [4])
    let y = (0..<10_000).reduce(x) { sum, _ in sum + sum }
    let z = (0..<10_000).reduce(x) { value, _ in value.reshaped([2, 2]).transposed([1, 0]).reshaped([4]) }
    var compiler = ModelCompiler(name: "deep")
    compiler.pipeline.passes = []
    let library = try compiler.emit(graph, [Signature("f", outputs: ["y": y, "z": z])], withLines: false)
    #expect(library.sources.map(\.text).joined().contains("out_y[4] = "))
  }

  /// Memory that is used again is called after what it holds at the time.
  @Test func reusedMemoryHasSeveralNames() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 20])
    let product = matmul(x, graph.placeholder("w", shape: [20, 16]))
    let y = matmul(tanh(product), graph.placeholder("v", shape: [16, 3]))
    let signature = Signature("f", outputs: ["y": y])
    let schedule = try SchedulePipeline().run(Pipeline().run(graph.program(signature)))
    let fused = try #require(schedule.kernels.first { !$0.epilogue.isEmpty })
    #expect(Set(fused.results(schedule.program).map(\.buffer)).count == 1)
    // Without a map that finishes its tiles, the product lies where its tanh will.
    var compiler = ModelCompiler(name: "toy")
    compiler.scheduling = compiler.scheduling.without(["fuse-epilogues"])
    let text = try compiler.emit(graph, [signature], withLines: false).sources.map(\.text).joined()
    #expect(text.contains("float *const y_product = f->y_tanh;"))
    #expect(text.contains("/* y_product[n, 16] = x @ w */") && text.contains("/* y_tanh[n, 16] = tanh(y_product) */"))
  }
}
