import ElbowArrays
import ElbowGraph
import ElbowTraining
import TestSupport
import Testing

/// The examples against the golden models: losses of four steps, gradients and intermediate values of the first, and the
/// weights after three steps of the examples' own Adam, from given weights and noise.
@Suite struct GoldenModels {
  struct Run: Sendable, CustomStringConvertible {
    var model: String
    var dtype: DType
    /// Whether one optimizer is shared by groups of weights and counts a step for each: `after3_shared/`, `loss_shared/`.
    var isShared = false
    var description: String { "\(model) in \(dtype)\(isShared ? ", shared" : "")" }
    var hasConvolutions: Bool { model.contains("conv") || model == "layers_vae" }
    /// The reference evaluator takes minutes for convolutions.
    var backends: [any GoldenBackend] { hasConvolutions ? [CompiledBackend()] : goldenBackends }
    /// Relative, and absolute in units of the largest element expected, since elements are sums that cancel.
    var tolerance: Double { dtype == .float64 ? 1e-9 : 1e-4 }
  }
  static let runs =
    [
      "bnn", "classification", "cs20_vae", "flow_2d_a", "flow_2d_b", "layers_vae", "r_conv_vae_mixture",
      "r_conv_vae_static", "regression",
    ].flatMap { model in
      [DType.float64, .float32].map { Run(model: model, dtype: $0) }
    } + ["r_conv_vae_mixture", "r_conv_vae_static"].map { Run(model: $0, dtype: .float64, isShared: true) }

  @Test(arguments: runs)
  func trainsAsTensorFlowDoes(_ run: Run) throws {
    let builder = try GoldenModelBuilder(run.model, dtype: run.dtype, sharesOptimizer: run.isShared)
    let settings = try #require(try GoldenFile.json("models/models.json")["models"]?[run.model])
    // The golden file's name of a weight, and its name here.
    let weights = builder.graph.variables(role: .parameter).map { weight in
      (golden: builder.goldenName(of: weight), name: builder.graph.declaration(of: weight)?.name ?? "")
    }
    #expect(Set(weights.map(\.golden)) == Set(settings["weights"]?.list.compactMap { $0["name"]?.text } ?? []))
    let program = try builder.program()

    for backend in run.backends {
      let prepared = try backend.prepare(program)
      // All but the memory of the optimiser is replaced: that need not be compiled.
      var state = try ReferenceBackend().run(
        try builder.graph.initializer(), feeding: [:], state: [:], random: RandomState(seed: 0)
      ).updates
      for weight in weights { state[weight.name] = try converted(builder.arrays["init/\(weight.golden)"], run.dtype) }
      for index in 0..<4 {
        let feeds = try feeds(builder, program, step: index % 3)
        let result = try prepared.run(feeding: feeds, state: state)
        for (name, array) in losses(builder, run) where result.outputs[name] != nil {
          let expected = GoldenTensor(shape: [], values: [array.doubles[index]])
          check(result.outputs[name], expected, run, "\(name) of step \(index) on \(backend.name)")
        }
        if let elbo = result.outputs["elbo"] {
          let expected = GoldenTensor(shape: [], values: [losses(builder, run)["loss/total"]?.doubles[index] ?? .nan])
          check(elbo, expected, run, "the ELBO of step \(index)")
        }
        if index == 0 { checkFirstStep(builder, weights.map(\.golden), result.outputs, run, backend.name) }
        if index == 3 { break }
        state.merge(result.updates) { $1 }
      }
      for weight in weights {
        let name = weight.golden
        let expected = try #require(builder.arrays[run.isShared ? "after3_shared/\(name)" : "after3/\(name)"])
        check(state[weight.name], tensor(expected), run, "after3/\(name) on \(backend.name)")
      }
    }
  }

  /// The losses of four steps by the names that the builder gives them.
  private func losses(_ builder: GoldenModelBuilder, _ run: Run) -> [String: HostArray] {
    let folder = run.isShared ? "loss_shared/" : "loss/"
    let found = builder.arrays.filter { $0.key.hasPrefix(folder) }
    return Dictionary(uniqueKeysWithValues: found.map { ("loss/" + $0.key.dropFirst(folder.count), $0.value) })
  }

  private func checkFirstStep(
    _ builder: GoldenModelBuilder, _ names: [String], _ outputs: [String: HostArray], _ run: Run, _ backend: String
  ) {
    let fields = names.map { "grad/\($0)" } + builder.outputs.keys.filter { $0.hasPrefix("act/") }
    for field in fields.sorted() {
      guard let expected = builder.arrays[field] else { continue }
      check(outputs[field], tensor(expected), run, "\(field) on \(backend)")
    }
  }

  private func check(_ actual: HostArray?, _ expected: GoldenTensor, _ run: Run, _ what: String) {
    let largest = expected.values.map { abs($0) }.max() ?? 0
    let found = difference(
      actual, expected, Tolerance(relative: run.tolerance, absolute: run.tolerance * largest))
    #expect(found == nil, "\(run): \(what): \(found ?? "")")
  }

  private func tensor(_ array: HostArray) -> GoldenTensor { GoldenTensor(shape: array.shape, values: array.doubles) }

  private func converted(_ array: HostArray?, _ dtype: DType) throws -> HostArray {
    let array = try #require(array)
    guard array.dtype == .float32, dtype == .float64 else { return array }
    return try HostArray(array.doubles, shape: array.shape)
  }

  private func feeds(_ builder: GoldenModelBuilder, _ program: Program, step: Int) throws -> [String: HostArray] {
    var feeds: [String: HostArray] = [:]
    for input in program.inputs {
      guard var array = builder.arrays[input.name] else { continue }
      if input.name == "eps" {
        let size = array.bytes.count / 3
        array = try HostArray(
          dtype: array.dtype, shape: [Int](array.shape.dropFirst()),
          bytes: [UInt8](array.bytes[step * size..<(step + 1) * size]))
      }
      feeds[input.name] = try converted(array, builder.dtype)
    }
    return feeds
  }
}
