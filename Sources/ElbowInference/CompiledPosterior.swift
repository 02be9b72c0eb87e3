import Elbow
import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowRuntime
import Foundation

/// A model's graph for data of some shapes: what is compiled of it.
struct TracedModel {
  /// The names of the signatures.
  enum Entry {
    static let logDensity = "log_density"
    static let constrain = "constrain"
  }

  let context: ModelContext
  /// How many numbers a position has.
  let dimension: Int
  let signatures: [Signature]

  init(_ model: BayesianModel, _ data: [String: HostArray]) throws {
    // Once for the shapes, which say how long a position is.
    let layout = try TracedModel.run(model, ModelContext(.layout, data, model.coords))
    dimension = layout.parameters.reduce(0) { $0 + $1.count }
    guard dimension > 0 else {
      throw ElbowError(.invalidArgument, "The model '\(model.name)' has no parameters.")
    }
    context = try TracedModel.run(model, ModelContext(.position(dimension: dimension), data, model.coords))
    guard context.parameters.map(\.name) == layout.parameters.map(\.name),
      context.parameters.map(\.unconstrainedShape) == layout.parameters.map(\.unconstrainedShape)
    else {
      throw ElbowError(
        .invalidArgument,
        "The closure of the model '\(model.name)' declared other parameters when it ran again; it must do the same each time."
      )
    }
    signatures = try TracedModel.signatures(context)
  }

  /// Runs a model's closure.
  static func run(_ model: BayesianModel, _ context: ModelContext) throws -> ModelContext {
    try model.body(context)
    try context.graph.check()
    return context
  }

  private static func signatures(_ context: ModelContext) throws -> [Signature] {
    let zero = context.graph.constant(0)
    let density = (context.terms + context.jacobians).reduce(zero, +)
    let gradient = gradient(of: density, by: context.positionTensor, unconnected: .zero)
    var constrain = Signature(Entry.constrain)
    constrain.outputs = context.results.map { ($0.name, $0.value) }
    try context.graph.check()
    return [Signature(Entry.logDensity, outputs: ["log_density": density, "gradient": gradient]), constrain]
  }
}

/// A model with data, compiled: its log density, and the parameters that a position stands for.
public final class CompiledPosterior {
  typealias Entry = TracedModel.Entry

  /// The compiled library.
  public let model: CompiledModel
  /// How many numbers a position has.
  public let dimension: Int
  let results: [(name: String, dims: [String], shape: [Int])]
  let coords: [String: [String]]
  private let data: [String: HostArray]
  private let bayesian: BayesianModel

  init(
    _ bayesian: BayesianModel, _ data: [String: HostArray], cache: ArtifactCache, options: BuildOptions,
    report: @escaping @Sendable (String) -> Void
  ) throws {
    let traced = try TracedModel(bayesian, data)
    var compiler = ModelCompiler(name: bayesian.name, options: options)
    compiler.report = report
    let library = try LoadedLibrary(
      contentsOf: compiler.compile(traced.context.graph, traced.signatures, cache: cache))
    model = try CompiledModel(library: library, threads: 1)
    (self.data, self.bayesian) = (data, bayesian)
    dimension = traced.dimension
    results = traced.context.results.map { ($0.name, $0.dims, $0.value.shape.extents ?? []) }
    coords = bayesian.coords
  }

  /// The inputs of a signature behind the position, or all where it has none.
  private func inputs(_ prepared: PreparedSignature) throws -> [HostArray?] {
    try prepared.signature.inputs.filter { $0.name != "position" }.map { input in
      guard let array = data[input.name] else {
        throw ElbowError(.internal, "The compiled model asks for '\(input.name)', which is no data.")
      }
      return array.dtype == input.dtype ? array : try array.cast(to: input.dtype)
    }
  }

  /// The logarithm of the density at a position, up to a constant, and its gradient.
  ///
  /// - Parameter position: The parameters on the unconstrained scale, in the order of declaration.
  /// - Throws: ``ElbowError`` where the position has another number of elements.
  public func logDensity(at position: [Double]) throws -> (value: Double, gradient: [Double]) {
    let prepared = try model.prepare(Entry.logDensity)
    let outputs = try prepared.run([HostArray(position)] + inputs(prepared))
    return (outputs[0].doubles[0], outputs[1].doubles)
  }

  /// The position of values of the parameters, and the logarithm of the determinant by which the map back changes volumes there: the
  /// density of the values themselves is that much less.
  ///
  /// - Parameter values: A value for each parameter by its name; for non-centred ones that of the standard distribution.
  /// - Throws: ``ElbowError`` where values are missing or have other shapes.
  public func unconstrain(
    _ values: [String: any ArrayConvertible]
  ) throws -> (position: [Double], logJacobian: Double) {
    let context = try TracedModel.run(bayesian, ModelContext(.given, data, coords))
    let change = context.jacobians.reduce(context.graph.constant(0), +)
    let position = concatenate(context.frees.map { $0.reshaped(to: [$0.shape.elementCount]) }, axis: 0)
    let program = try context.graph.program(
      Signature("unconstrain", outputs: ["position": position, "change": change]))
    var fed: [String: HostArray] = [:]
    for input in program.inputs {
      let given =
        try context.valueName(ofInput: input.name).map { try values[$0]?.hostArray(as: .float64) } ?? data[input.name]
      guard let array = given else {
        throw ElbowError(.feed, "The parameter '\(context.valueName(ofInput: input.name) ?? input.name)' has no value.")
      }
      fed[input.name] = try array.cast(to: input.type.dtype)
    }
    let result = try ReferenceEvaluator(program).run(feeding: fed)
    return (result.outputs["position"]?.doubles ?? [], result.outputs["change"]?.doubles.first ?? 0)
  }

  /// Draws chains.
  ///
  /// - Throws: ``ElbowError`` for options that cannot be, and where no finite density is found to begin with.
  public func sample(
    _ options: SamplerOptions, from states: [ChainState]? = nil,
    progress: PreparedSignature.SamplerProgress? = nil
  ) throws -> Posterior {
    let prepared = try model.prepare(Entry.logDensity)
    let draws = try prepared.sample(inputs(prepared), options: options, from: states, progress: progress)
    return try Posterior(of: self, draws, options)
  }

  /// The parameters, and what is made of them, at each of some positions, one after the other.
  func constrain(_ positions: [Double], _ body: ([HostArray]) -> Void) throws {
    let prepared = try model.prepare(Entry.constrain)
    let takesPosition = prepared.signature.inputs.contains { $0.name == "position" }
    var inputs = try inputs(prepared)
    if takesPosition { inputs.insert(nil, at: 0) }
    var outputs: [HostArray] = []
    for first in stride(from: 0, to: positions.count, by: dimension) {
      if takesPosition { inputs[0] = HostArray(Array(positions[first..<first + dimension])) }
      try prepared.run(inputs, into: &outputs)
      body(outputs)
    }
  }
}

extension BayesianModel {
  /// Compiles the model for data of these shapes.
  ///
  /// - Parameters:
  ///   - data: Arrays by the names that the model declares.
  ///   - cache: Where compiled libraries are kept; that of all programs if nil.
  ///   - options: How the C is compiled.
  ///   - report: Is told that the C compiler is about to be waited for.
  /// - Throws: `ElbowError` for mistakes in the model, with the line; for data that do not fit; and where the compiler fails.
  public func compile(
    _ data: [String: any ArrayConvertible], cache: ArtifactCache? = nil, options: BuildOptions = BuildOptions(),
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> CompiledPosterior {
    try CompiledPosterior(
      self, BayesianModel.arrays(data), cache: cache ?? .standard(), options: options, report: report)
  }

  /// Writes the C of the model for data of these shapes into a folder, with the headers that it needs: `NAME_draw_chains` draws from
  /// `log_density`, and `NAME_constrain` gives the parameters of a position.
  ///
  /// - Parameters:
  ///   - data: Arrays by the names that the model declares; only their shapes count.
  ///   - folder: Where the files go; it is made if it is not there.
  ///   - options: How the C is made.
  /// - Throws: `ElbowError` for mistakes in the model, with the line, and where files cannot be written.
  public func emit(
    _ data: [String: any ArrayConvertible], to folder: URL, options: BuildOptions = BuildOptions()
  ) throws {
    let traced = try TracedModel(self, BayesianModel.arrays(data))
    let library = try ModelCompiler(name: name, options: options).emit(traced.context.graph, traced.signatures)
    try LibraryBuilder.write(library, to: folder)
  }

  private static func arrays(_ data: [String: any ArrayConvertible]) throws -> [String: HostArray] {
    try data.mapValues { try $0.hostArray(as: .float64) }
  }

  /// Draws from the posterior of the model's parameters.
  ///
  /// - Parameters:
  ///   - data: Arrays by the names that the model declares.
  ///   - chains: How many chains are drawn.
  ///   - warmup: How many draws of each chain the sampler learns from; they are not kept.
  ///   - draws: How many draws of each chain are kept.
  ///   - seed: The number that everything random follows from.
  ///   - targetAcceptance: The mean probability of acceptance that the step size is chosen for, between 0 and 1.
  /// - Throws: as ``compile(_:cache:options:report:)`` and ``CompiledPosterior/sample(_:from:progress:)``.
  public func sample(
    _ data: [String: any ArrayConvertible] = [:], chains: Int = 4, warmup: Int = 1000, draws: Int = 1000,
    seed: UInt64 = 0, targetAcceptance: Double = 0.8
  ) throws -> Posterior {
    var options = SamplerOptions()
    (options.chains, options.warmup, options.draws, options.seed) = (chains, warmup, draws, seed)
    options.targetAcceptance = targetAcceptance
    return try compile(data).sample(options)
  }
}
