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
/// What is trained are the parameters that the loss depends on. The output is a tensor, or what stands for one, such as a distribution. The function is called once for training and once
/// for evaluation, which become separate signatures.
public final class Network<Output: TensorConvertible> {
  public let inputs: Tensor
  public var graph: Graph { inputs.graph }
  private let parts: [any ModelPart]
  private let function: (_ inputs: Tensor, _ training: Bool) -> Output
  private var trainer: Trainer?

  /// - Parameters:
  ///   - inputs: A placeholder, or what is made of one: the function's argument.
  ///   - parts: The layers of the function, whose ``ModelPart/losses`` and ``ModelPart/updates`` belong to a training step.
  ///   - function: The output for inputs; `training` is to be passed on to layers.
  public init(
    inputs: Tensor, parts: [any ModelPart], _ function: @escaping (_ inputs: Tensor, _ training: Bool) -> Output
  ) {
    self.inputs = inputs
    self.parts = parts
    self.function = function
  }

  /// Makes the training step and compiles it.
  ///
  /// - Parameters:
  ///   - name: What the model is called.
  ///   - optimizer: What changes the weights.
  ///   - targets: What the output is compared with; the inputs if nil.
  ///   - loss: The loss of each example, or of the batch. Its mean is made small, with the losses of the parts added.
  ///   - metrics: What else is reported.
  ///   - clipping: What keeps gradients from being too large.
  ///   - signatures: What else the compiled model shall offer, besides `train`, `evaluate` and `predict`, which gives `output`.
  ///   - seed: Of the first weights and of everything random.
  ///   - threads: 0 for one per core. Results do not depend on it.
  ///   - options: How code is compiled.
  ///   - cache: Where compiled code is kept; nil for the user's cache.
  /// - Throws: `ElbowError`: the graph's first mistake; or of kind `toolchain` or `file` if nothing can be compiled.
  public func compile(
    name: String = "network", optimizer: some Optimizer, targets: Tensor? = nil,
    loss: (_ targets: Tensor, _ output: Output) -> Tensor, metrics: [Metric<Output>] = [],
    clipping: GradientClipping? = nil, signatures: [Signature] = [], seed: UInt64 = 0, threads: Int = 0,
    options: BuildOptions = BuildOptions(), cache: ArtifactCache? = nil
  ) throws {
    let targets = targets ?? inputs
    func outputs(training: Bool) -> (figures: [(name: String, tensor: Tensor)], output: Output) {
      let output = function(inputs, training)
      let total = parts.flatMap(\.losses).reduce(loss(targets, output).mean(), +)
      return ([("loss", total)] + metrics.map { ($0.name, $0.mean(targets, output)) }, output)
    }
    let trained = outputs(training: true)
    let total = trained.figures[0].tensor
    var step = optimizer.minimize(
      total, variables: graph.variables(role: .parameter, neededBy: total), clipping: clipping)
    step.updates += parts.flatMap(\.updates)
    let evaluated = outputs(training: false)
    try graph.check()
    try checkStatistics(of: evaluated.figures[0].tensor, in: step)

    var train = Signature("train", updates: step.updates)
    train.outputs = trained.figures
    var evaluate = Signature("evaluate")
    evaluate.outputs = evaluated.figures
    let predict = Signature("predict", outputs: ["output": evaluated.output.tensor])
    let model = try Model(name: name, graph: graph, signatures: [train, evaluate, predict] + signatures)
    let library = try ModelCompiler(name: name, options: options)
      .compile(graph, model.signatures, cache: cache ?? ArtifactCache.standard())
    trainer = try Trainer(model, compiled: CompiledModel(contentsOf: library, seed: seed, threads: threads))
  }

  /// Moving averages that no step moves are those of a layer that is not among the parts.
  private func checkStatistics(of loss: Tensor, in step: TrainingOperation) throws {
    func name(_ variable: Tensor) -> String? { graph.declaration(of: variable)?.name }
    let updated = Set(step.updates.compactMap { name($0.variable) })
    let needed = graph.variables(role: .statistic, neededBy: loss).compactMap(name)
    guard let forgotten = needed.first(where: { !updated.contains($0) }) else { return }
    throw ElbowError(
      .invalidArgument,
      "No training step would change '\(forgotten)': the layer it belongs to is missing in Network(inputs:parts:), or "
        + "is not called with training.")
  }

  /// Trains.
  ///
  /// - Parameters:
  ///   - data: What the steps of each epoch are given: a column for each placeholder, by name.
  ///   - epochs: How often the data is gone through.
  ///   - validationData: What the model is evaluated on after each epoch; nil for nothing.
  ///   - callbacks: What watches training, and may stop it.
  ///   - checkpoint: Where to go on, as if training had never stopped; nil for the state that the model is in.
  /// - Returns: The losses and metrics of each epoch.
  /// - Throws: `ElbowError` as ``Trainer/train(on:validation:epochs:callbacks:from:)``.
  @discardableResult
  public func fit(
    _ data: DataPipeline, epochs: Int = 1, validationData: DataPipeline? = nil,
    callbacks: [any TrainingCallback] = [], from checkpoint: Checkpoint? = nil
  ) throws -> TrainingReport {
    try ready.train(on: data, validation: validationData, epochs: epochs, callbacks: callbacks, from: checkpoint)
  }

  /// Trains on batches of the examples in another order each epoch.
  @discardableResult
  public func fit(
    _ data: Dataset, batchSize: Int = 32, epochs: Int = 1, validationData: Dataset? = nil,
    callbacks: [any TrainingCallback] = [], from checkpoint: Checkpoint? = nil, seed: UInt64 = 0
  ) throws -> TrainingReport {
    try fit(
      DataPipeline(data, batchSize: batchSize).shuffled(seed: seed), epochs: epochs,
      validationData: validationData.map { try DataPipeline($0, batchSize: batchSize) }, callbacks: callbacks,
      from: checkpoint)
  }

  /// The loss and the metrics on data, as they are without training.
  public func evaluate(_ data: Dataset, batchSize: Int = 32) throws -> [NamedLoss] {
    try ready.evaluate(on: DataPipeline(data, batchSize: batchSize))
  }

  /// The output for inputs, by the names of their placeholders; for a distribution, a sample.
  public func predict(_ feeds: [String: HostArray]) throws -> HostArray {
    guard let output = try compiled.run("predict", inputs: feeds)["output"] else {
      throw ElbowError(.internal, "The signature 'predict' gave no output.")
    }
    return output
  }

  /// The graph with its signatures, once compiled.
  public var model: Model { get throws { try ready.model } }
  /// The compiled model with its weights.
  public var compiled: CompiledModel { get throws { try ready.compiled } }

  private var ready: Trainer {
    get throws {
      guard let trainer else {
        throw ElbowError(.invalidArgument, "The network is not compiled yet: call compile(optimizer:loss:) first.")
      }
      return trainer
    }
  }
}

extension Network where Output == Tensor {
  /// A network of layers alone: `Network(inputs: features, Sequential { ... })`.
  public convenience init(inputs: Tensor, _ layer: some Layer) {
    self.init(inputs: inputs, parts: [layer]) { layer($0, training: $1) }
  }
}
