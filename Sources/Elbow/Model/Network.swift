import ElbowArrays
import ElbowCodegen
import ElbowData
import ElbowGraph
import ElbowNetworks
import ElbowRuntime
import ElbowTraining

/// A function from inputs to an output, with what trains it: Keras's way to a ``Model`` and a ``Trainer``.
///
/// ```swift
/// let vae = Network(inputs: images, parts: [encoder, decoder]) { x, training in
///   decoder(encoder(x, training: training), training: training)
/// }
/// try vae.compile(optimizer: Adam(learningRate: 1e-3), loss: { x, rvX in -rvX.logProb(x) })
/// try vae.fit(trainDataset, epochs: 15, validationData: evalDataset)
/// ```
///
/// The parameters that the loss depends on are trained. The output is a tensor, or what stands for one, such as a
/// distribution. The function is called for training and for evaluation, which become separate signatures with the same
/// variables, also where the function makes its layers itself.
public final class Network<Output: TensorConvertible> {
  /// The function's argument: a placeholder, or what is made of one.
  public let inputs: Tensor
  /// The graph that the inputs belong to, and all that the network makes.
  public var graph: Graph { inputs.graph }
  let parts: [any ModelPart]
  let function: (_ inputs: Tensor, _ training: Bool) -> Output
  /// The names of layers that the function makes itself; nil before it is first written down.
  var names: FunctionNames?
  /// What the latest ``compile(name:optimizer:targets:loss:sampleWeight:metrics:clipping:signatures:seed:threads:options:cache:verbose:)``
  /// asked for; nil before.
  private var request: Request?
  /// What trains the request's model; nil until it is first needed.
  private var prepared: Trainer?
  /// What was trained before the latest request.
  private var earlier: CompiledModel?

  /// A model that is to be compiled, and how.
  private struct Request {
    let model: Model
    let compiler: ModelCompiler
    let cache: ArtifactCache?
    let seed: UInt64
    let threads: Int
  }

  /// - Parameters:
  ///   - inputs: A placeholder, or what is made of one: the function's argument.
  ///   - parts: The parts with ``ModelPart/losses`` and ``ModelPart/updates`` that belong to a training step, besides Elbow's own
  ///     layers that the function calls.
  ///   - function: The output for inputs; `training` is to be passed on to layers.
  public init(
    inputs: Tensor, parts: [any ModelPart], _ function: @escaping (_ inputs: Tensor, _ training: Bool) -> Output
  ) {
    self.inputs = inputs
    self.parts = parts
    self.function = function
  }

  /// Makes the training step, as ``model``. Its C is compiled when something is first run.
  ///
  /// Compiled again, with another optimizer or loss, the network keeps its parameters and moving averages.
  ///
  /// - Parameters:
  ///   - name: The model's name.
  ///   - optimizer: The optimiser that changes the weights.
  ///   - targets: The tensor that the output is compared with; the inputs if nil.
  ///   - loss: The loss of each example, or of the batch, a scalar. Its mean is made small, with the losses of layers added.
  ///     The loss of an example may have several elements: its shape then begins as the output's or the targets' does.
  ///   - sampleWeight: The weight of each example, such as a placeholder, to which a column of the data goes, or
  ///     `take(graph.constant([1, 5]), labels, axis: 0)` for weights of classes. The loss is the mean over examples of weight times
  ///     loss, as in Keras; metrics and the losses of layers are not weighed. Nil for equal weights.
  ///   - metrics: Further figures to report; of shapes as the loss.
  ///   - clipping: The rule that keeps gradients from being too large.
  ///   - signatures: Further signatures of the compiled model, besides `train`, `evaluate` and `predict`, which gives `output`.
  ///   - seed: Of the first weights and of everything random.
  ///   - threads: 0 for one per core. Results do not depend on it.
  ///   - options: How code is compiled.
  ///   - cache: Where compiled code is kept; nil for the user's cache.
  ///   - verbose: Whether a line says that the C compiler is waited for.
  /// - Throws: `ElbowError`: the graph's first mistake.
  public func compile(
    name: String = "network", optimizer: some Optimizer, targets: Tensor? = nil,
    loss: (_ targets: Tensor, _ output: Output) -> Tensor, sampleWeight: Tensor? = nil, metrics: [Metric<Output>] = [],
    clipping: GradientClipping? = nil, signatures: [Signature] = [], seed: UInt64 = 0, threads: Int = 0,
    options: BuildOptions = BuildOptions(), cache: ArtifactCache? = nil, verbose: Bool = true
  ) throws {
    let model = try namingTheCallersLine {
      try makeModel(
        name, optimizer, targets ?? inputs, { weighed(loss($0, $1), by: sampleWeight) }, metrics, clipping, signatures)
    }
    var compiler = ModelCompiler(name: name, options: options)
    if verbose { compiler.report = { print($0 + " ...") } }
    earlier = prepared?.compiled ?? earlier
    prepared = nil
    request = Request(model: model, compiler: compiler, cache: cache, seed: seed, threads: threads)
  }

  /// What trains the network, for settings such as ``Trainer/checksNumerics``; asked for first, it has the C compiled.
  ///
  /// - Throws: `ElbowError` if the network is not compiled yet, or of kind `toolchain` or `file` if the C cannot be.
  public var trainer: Trainer {
    get throws {
      if let prepared { return prepared }
      let request = try requested()
      let library = try request.compiler
        .compile(graph, request.model.signatures, cache: request.cache ?? ArtifactCache.standard())
      let compiled = try CompiledModel(contentsOf: library, seed: request.seed, threads: request.threads)
      if let earlier { try takeOver(earlier, into: compiled) }
      let trainer = try Trainer(request.model, compiled: compiled)
      (prepared, earlier) = (trainer, nil)
      return trainer
    }
  }

  private func requested() throws -> Request {
    guard let request else {
      throw namingTheCallersLine(
        ElbowError(.invalidArgument, "The network is not compiled yet: call compile(optimizer:loss:) first."))
    }
    return request
  }

  /// The parameters and moving averages that training has come to.
  private func takeOver(_ before: CompiledModel, into compiled: CompiledModel) throws {
    let known = Set(before.variableNames)
    for variable in graph.variables where variable.role == .parameter || variable.role == .statistic {
      guard known.contains(variable.name) else { continue }
      try compiled.setValue(before.value(of: variable.name), of: variable.name)
    }
  }

  /// Trains.
  ///
  /// - Parameters:
  ///   - data: The data set for the steps of each epoch: a column for each placeholder, by name.
  ///   - epochs: How often the data is gone through.
  ///   - validationData: The data set that the model is evaluated on after each epoch; nil for nothing.
  ///   - callbacks: The observers of training, which may stop it.
  ///   - verbose: Whether a line is printed after each epoch.
  ///   - checkpoint: Where to go on, as if training had never stopped; nil for the state that the model is in.
  /// - Returns: The losses and metrics of each epoch.
  /// - Throws: `ElbowError` as ``Trainer/train(on:validation:epochs:callbacks:from:)``.
  @discardableResult
  public func fit(
    _ data: DataPipeline, epochs: Int = 1, validationData: DataPipeline? = nil,
    callbacks: [any TrainingCallback] = [], verbose: Bool = true, from checkpoint: Checkpoint? = nil
  ) throws -> TrainingReport {
    let printer: [any TrainingCallback] = verbose ? [EpochPrinter()] : []
    return try namingTheCallersLine {
      try trainer.train(
        on: data, validation: validationData, epochs: epochs, callbacks: printer + callbacks, from: checkpoint)
    }
  }

  /// Trains on batches of the examples in another order each epoch.
  @discardableResult
  public func fit(
    _ data: Dataset, batchSize: Int = 32, epochs: Int = 1, validationData: Dataset? = nil,
    callbacks: [any TrainingCallback] = [], verbose: Bool = true, from checkpoint: Checkpoint? = nil,
    seed: UInt64 = 0
  ) throws -> TrainingReport {
    try namingTheCallersLine {
      try fit(
        DataPipeline(data, batchSize: batchSize).shuffled(seed: seed), epochs: epochs,
        validationData: validationData.map { try DataPipeline($0, batchSize: batchSize) }, callbacks: callbacks,
        verbose: verbose, from: checkpoint)
    }
  }

  /// The loss and the metrics on data, as they are without training.
  public func evaluate(_ data: Dataset, batchSize: Int = 32) throws -> [NamedLoss] {
    try namingTheCallersLine { try evaluate(DataPipeline(data, batchSize: batchSize)) }
  }

  /// The loss and the metrics on batches, as they are without training.
  public func evaluate(_ data: DataPipeline) throws -> [NamedLoss] {
    try namingTheCallersLine { try trainer.evaluate(on: data) }
  }

  /// The output for inputs, by the names of their placeholders; for a distribution, a sample.
  public func predict(_ feeds: [String: any ArrayConvertible]) throws -> HostArray {
    try namingTheCallersLine {
      guard let output = try compiled.run(.predict, inputs: feeds)["output"] else {
        throw ElbowError(.internal, "The signature 'predict' gave no output.")
      }
      return output
    }
  }

  /// The variables that training changes, once the network is compiled.
  public var parameters: [Tensor] {
    get throws { Graph.parameters(among: try model.signatures.flatMap { $0.updates.map(\.variable) }) }
  }

  /// The variables that training changes, a line each, with shapes and numbers of elements: Keras's `summary()`.
  ///
  /// - Throws: `ElbowError` if the network is not compiled yet.
  public func summary() throws -> String {
    let rows = try parameters.compactMap { tensor in
      graph.declaration(of: tensor).map { ($0.name, tensor.shape.description, tensor.shape.elementCount.value ?? 0) }
    }
    let total = rows.reduce(0) { $0 + $1.2 }
    let lines = [("variable", "shape", "elements")] + rows.map { ($0.0, $0.1, "\($0.2)") } + [("all", "", "\(total)")]
    let widths = (lines.map(\.0.count).max() ?? 0, lines.map(\.1.count).max() ?? 0, lines.map(\.2.count).max() ?? 0)
    func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: width - text.count) }
    return lines.map { name, shape, count in
      "\(padded(name, widths.0))  \(padded(shape, widths.1))  "
        + String(repeating: " ", count: widths.2 - count.count) + count
    }.joined(separator: "\n")
  }

  /// The output for inputs of the same graph, with the network's own variables: `let images = vae(codes)`. It may be called before it
  /// is compiled, and has the variables of that call from then on.
  ///
  /// - Parameters:
  ///   - inputs: A tensor of the type that the function takes.
  ///   - training: Whether layers are to do what they do while training.
  public func callAsFunction(_ inputs: some TensorConvertible, training: Bool = false) -> Output {
    let input = inputs.tensor
    guard names == nil else { return graph.writingAgain(names) { function(input, training) } }
    // Written down twice, it shows which layers the function makes. What layers remember, such as losses, is of the latter version.
    return graph.writing(&names) {
      function(input, training)
    } _: {
      function(input, training)
    }.1
  }

  /// The graph with its signatures, as compiling has made it: for a ``Trainer`` of one's own, or for C code. Its C need not be compiled
  /// for that.
  public var model: Model { get throws { try requested().model } }
  /// The compiled model with its weights.
  public var compiled: CompiledModel { get throws { try trainer.compiled } }
}

extension Network where Output == Tensor {
  /// A network of layers alone: `Network(inputs: features, Sequential { ... })`.
  public convenience init(inputs: Tensor, _ layer: some Layer) {
    self.init(inputs: inputs, parts: [layer]) { layer($0, training: $1) }
  }
}
