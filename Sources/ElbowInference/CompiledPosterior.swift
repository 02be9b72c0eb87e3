import Elbow
import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowRuntime

/// A model with data, compiled: its log density, and what follows from a draw.
public final class CompiledPosterior {
  /// The compiled library.
  public let model: CompiledModel
  /// How many numbers a position has.
  public let dimension: Int
  let parameters: [ParameterSite]
  let results: [(name: String, dims: [String], shape: [Int])]
  let observations: [(name: String, dims: [String])]
  let extents: [String: Int]
  let coords: [String: [String]]
  private let data: [String: HostArray]
  private let bayesian: BayesianModel

  /// The names of the signatures.
  enum Entry {
    static let logDensity = "log_density"
    static let constrain = "constrain"
    static let predict = "predict"
    static let logLikelihood = "log_likelihood"
  }

  init(
    _ bayesian: BayesianModel, _ data: [String: HostArray], cache: ArtifactCache, options: BuildOptions,
    report: @escaping @Sendable (String) -> Void
  ) throws {
    let layout = ModelContext(.layout, data, bayesian.coords)
    try bayesian.body(layout)
    try layout.graph.check()
    dimension = layout.parameters.reduce(0) { $0 + $1.count }
    guard dimension > 0 else {
      throw ElbowError(.invalidArgument, "The model '\(bayesian.name)' has no parameters.")
    }
    let context = ModelContext(.position(dimension: dimension), data, bayesian.coords)
    try bayesian.body(context)
    try context.graph.check()
    guard context.parameters.map(\.name) == layout.parameters.map(\.name),
      context.parameters.map(\.unconstrainedShape) == layout.parameters.map(\.unconstrainedShape)
    else {
      throw ElbowError(
        .invalidArgument,
        "The closure of the model '\(bayesian.name)' declared other parameters when it ran again; it must do the same each time."
      )
    }
    let signatures = try CompiledPosterior.signatures(context)
    var compiler = ModelCompiler(name: bayesian.name, options: options)
    compiler.report = report
    let library = try LoadedLibrary(contentsOf: compiler.compile(context.graph, signatures, cache: cache))
    model = try CompiledModel(library: library, threads: 1)
    (self.data, self.bayesian) = (data, bayesian)
    parameters = context.parameters
    results = context.results.map { ($0.name, $0.dims, $0.value.shape.extents ?? []) }
    observations = context.observations.map { ($0.name, $0.dims) }
    extents = context.extents
    coords = bayesian.coords
  }

  private static func signatures(_ context: ModelContext) throws -> [Signature] {
    let graph = context.graph
    let position = context.positionTensor
    let zero = graph.constant(0, dtype: .float64)
    let density = context.terms.reduce(zero) { $0 + $1.value }
    let gradient = gradient(of: density, by: position, unconnected: .zero)
    var signatures = [Signature(Entry.logDensity, outputs: ["log_density": density, "gradient": gradient])]
    var constrain = Signature(Entry.constrain)
    constrain.outputs = context.results.map { ($0.name, $0.value) }
    signatures.append(constrain)
    if !context.observations.isEmpty {
      var likelihood = Signature(Entry.logLikelihood)
      likelihood.outputs = context.observations.map { ($0.name, $0.distribution.logProb($0.value)) }
      signatures.append(likelihood)
      var predict = Signature(Entry.predict)
      predict.outputs = context.observations.map { ($0.name, CompiledPosterior.draw($0.distribution, like: $0.value)) }
      signatures.append(predict)
    }
    try graph.check()
    return signatures
  }

  /// A draw of the shape that data have.
  private static func draw(_ distribution: any Distribution, like value: Tensor) -> Tensor {
    let own = distribution.batchShape.rank + distribution.eventShape.rank
    return distribution.sample(Shape(Array(value.shape.dimensions.prefix(max(0, value.rank - own)))))
      .broadcast(to: value.shape)
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
    let context = ModelContext(.given, data, coords)
    try bayesian.body(context)
    let graph = context.graph
    let zero = graph.constant(0)
    let change = context.jacobians.reduce(zero, +)
    let position = concatenate(context.frees.map { $0.reshaped(to: [$0.shape.elementCount]) }, axis: 0)
    var feeds = try values.mapValues { try $0.hostArray(as: .float64) }
    feeds = Dictionary(uniqueKeysWithValues: feeds.map { ("value of \($0.key)", $0.value) })
    feeds.merge(data) { first, _ in first }
    let signature = Signature("unconstrain", outputs: ["position": position, "change": change])
    let program = try graph.program(signature)
    let used = feeds.filter { feed in program.inputs.contains { $0.name == feed.key } }
    let fed = try Dictionary(
      uniqueKeysWithValues: program.inputs.compactMap { input in
        try used[input.name].map { (input.name, try $0.cast(to: input.type.dtype)) }
      })
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

  /// The outputs of a signature at each of some positions, one after the other.
  func map(_ entry: String, _ positions: [Double], _ body: ([HostArray]) -> Void) throws {
    let prepared = try model.prepare(entry)
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
    let arrays = try data.mapValues { value in
      if let array = value as? HostArray { return array }
      return try value.hostArray(as: .float64)
    }
    return try CompiledPosterior(self, arrays, cache: cache ?? .standard(), options: options, report: report)
  }

  /// Draws from the posterior of the model's parameters.
  ///
  /// - Parameters:
  ///   - data: Arrays by the names that the model declares.
  ///   - chains: How many chains are drawn.
  ///   - warmup: How many draws of each chain the sampler learns from; they are not kept.
  ///   - draws: How many draws of each chain are kept.
  ///   - seed: The number that everything random follows from.
  /// - Throws: as ``compile(_:cache:options:report:)`` and ``CompiledPosterior/sample(_:from:progress:)``.
  public func sample(
    _ data: [String: any ArrayConvertible] = [:], chains: Int = 4, warmup: Int = 1000, draws: Int = 1000,
    seed: UInt64 = 0,
    targetAcceptance: Double = 0.8
  ) throws -> Posterior {
    var options = SamplerOptions()
    (options.chains, options.warmup, options.draws, options.seed) = (chains, warmup, draws, seed)
    options.targetAcceptance = targetAcceptance
    return try compile(data).sample(options)
  }
}
