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
  private let parts: [any ModelPart]
  private let function: (_ inputs: Tensor, _ training: Bool) -> Output
  private var trainer: Trainer?
  private var names: FunctionNames?

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

  /// Makes the training step and compiles it.
  ///
  /// Compiled again, with another optimizer or loss, the network keeps its parameters and moving averages.
  ///
  /// - Parameters:
  ///   - name: The model's name.
  ///   - optimizer: The optimiser that changes the weights.
  ///   - targets: The tensor that the output is compared with; the inputs if nil.
  ///   - loss: The loss of each example, or of the batch, a scalar. Its mean is made small, with the losses of layers added.
  ///     The loss of an example may have several elements: its shape then begins as the output's or the targets' does.
  ///   - metrics: Further figures to report; of shapes as the loss.
  ///   - clipping: The rule that keeps gradients from being too large.
  ///   - signatures: Further signatures of the compiled model, besides `train`, `evaluate` and `predict`, which gives `output`.
  ///   - seed: Of the first weights and of everything random.
  ///   - threads: 0 for one per core. Results do not depend on it.
  ///   - options: How code is compiled.
  ///   - cache: Where compiled code is kept; nil for the user's cache.
  ///   - verbose: Whether a line says that the C compiler is waited for.
  /// - Throws: `ElbowError`: the graph's first mistake; or of kind `toolchain` or `file` if nothing can be compiled.
  public func compile(
    name: String = "network", optimizer: some Optimizer, targets: Tensor? = nil,
    loss: (_ targets: Tensor, _ output: Output) -> Tensor, metrics: [Metric<Output>] = [],
    clipping: GradientClipping? = nil, signatures: [Signature] = [], seed: UInt64 = 0, threads: Int = 0,
    options: BuildOptions = BuildOptions(), cache: ArtifactCache? = nil, verbose: Bool = true
  ) throws {
    let model = try namingTheCallersLine {
      try makeModel(name, optimizer, targets ?? inputs, loss, metrics, clipping, signatures)
    }
    var compiler = ModelCompiler(name: name, options: options)
    if verbose { compiler.report = { print($0 + " ...") } }
    let library =
      try compiler
      .compile(graph, model.signatures, cache: cache ?? ArtifactCache.standard())
    let compiled = try CompiledModel(contentsOf: library, seed: seed, threads: threads)
    if let before = trainer?.compiled { try takeOver(before, into: compiled) }
    trainer = try Trainer(model, compiled: compiled)
  }

  /// The graph with its signatures.
  private func makeModel(
    _ name: String, _ optimizer: some Optimizer, _ targets: Tensor,
    _ loss: (_ targets: Tensor, _ output: Output) -> Tensor, _ metrics: [Metric<Output>], _ clipping: GradientClipping?,
    _ signatures: [Signature]
  ) throws -> Model {
    func version(training: Bool) -> Version {
      let ((output, figures), noted) = graph.collectingParts {
        let output = function(inputs, training)
        var figures: [(name: String, tensor: Tensor)] = [("loss", loss(targets, output))]
        figures += metrics.map { (name: $0.name, tensor: $0.figures(targets, output)) }
        return (output, figures)
      }
      return Version(output, figures, parts + noted.compactMap { $0 as? any ModelPart })
    }
    var updates: [VariableUpdate] = []
    let (trained, evaluated) = graph.writing(&names) {
      let trained = version(training: true)
      let parameters = graph.variables(role: .parameter, neededBy: trained.loss)
      updates = optimizer.minimize(trained.loss, variables: parameters, clipping: clipping).updates + trained.updates
      return trained
    } _: {
      version(training: false)
    }
    try graph.check()
    try checkShapes(of: trained, targets, output: evaluated.output.tensor)
    try checkStatistics(of: evaluated.loss, in: updates)

    var train = Signature(.train, updates: updates)
    train.outputs = trained.means
    var evaluate = Signature(.evaluate)
    evaluate.outputs = evaluated.means
    let predict = Signature(.predict, outputs: ["output": evaluated.output.tensor])
    return try Model(name: name, graph: graph, signatures: [train, evaluate, predict] + signatures)
  }

  /// One way to use the function: its output, and what is reported of it.
  private struct Version {
    let output: Output
    /// The loss and the metrics as they are given, of examples or of the batch.
    let figures: [(name: String, tensor: Tensor)]
    /// The same as scalars; the first is the loss with those of layers added.
    let means: [(name: String, tensor: Tensor)]
    /// The updates of variables that layers add to a training step.
    let updates: [VariableUpdate]
    var loss: Tensor { means[0].tensor }

    init(_ output: Output, _ figures: [(name: String, tensor: Tensor)], _ parts: [any ModelPart]) {
      self.output = output
      self.figures = figures
      // A layer can be a part by itself and in another.
      var (seen, losses, updates) = (Set<Int>(), [Tensor](), [VariableUpdate]())
      for loss in parts.flatMap(\.losses) where seen.insert(loss.id).inserted { losses.append(loss) }
      seen = []
      for update in parts.flatMap(\.updates) where seen.insert(update.variable.id).inserted { updates.append(update) }
      self.updates = updates
      means = figures.enumerated().map { index, figure in
        (name: figure.name, tensor: index == 0 ? losses.reduce(figure.tensor.mean(), +) : figure.tensor.mean())
      }
    }
  }

  /// A loss of shape `[n, n]` is that of each example with the target of each other one, which no one wants.
  private func checkShapes(of version: Version, _ targets: Tensor, output: Tensor) throws {
    func shape(_ tensor: Tensor) -> [Dimension] { tensor.shape.dimensions.map(graph.canonical) }
    for (name, tensor) in version.figures where tensor.rank > 0 {
      var own = shape(tensor)
      while own.last == 1 { own.removeLast() }
      guard !shape(output).starts(with: own), !shape(targets).starts(with: own) else { continue }
      throw ElbowError(
        .shape,
        "The \(name == "loss" ? "loss" : "metric '\(name)'") has the shape \(tensor.shape); expected a scalar, or the "
          + "figures of each example, whose shape begins as that of the output, \(output.shape), or of the targets, "
          + "\(targets.shape).", at: tensor.location,
        notes: [
          "an [n, 1] beside an [n] broadcasts to [n, n]: squeezed(axes: [-1]) or expandedDims(-1) makes them alike"
        ])
    }
  }

  /// The parameters and moving averages that training has come to.
  private func takeOver(_ before: CompiledModel, into compiled: CompiledModel) throws {
    let known = Set(before.variableNames)
    for variable in graph.variables where variable.role == .parameter || variable.role == .statistic {
      guard known.contains(variable.name) else { continue }
      try compiled.setValue(before.value(of: variable.name), of: variable.name)
    }
  }

  /// Moving averages that no step moves are those of a layer that is not among the parts.
  private func checkStatistics(of loss: Tensor, in updates: [VariableUpdate]) throws {
    func name(_ variable: Tensor) -> String? { graph.declaration(of: variable)?.name }
    let updated = Set(updates.compactMap { name($0.variable) })
    let needed = graph.variables(role: .statistic, neededBy: loss).compactMap(name)
    guard let forgotten = needed.first(where: { !updated.contains($0) }) else { return }
    throw ElbowError(
      .invalidArgument,
      "No training step would change '\(forgotten)': the layer it belongs to is not called with training, or is missing in "
        + "Network(inputs:parts:).")
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
      try ready.train(
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
    try namingTheCallersLine { try ready.evaluate(on: DataPipeline(data, batchSize: batchSize)) }
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
    get throws { Graph.parameters(among: try ready.model.signatures.flatMap { $0.updates.map(\.variable) }) }
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

  /// The output for inputs of the same graph, with the network's own variables: `let images = vae(codes)`. Before it is compiled, a
  /// function that makes its layers itself makes others.
  ///
  /// - Parameters:
  ///   - inputs: A tensor of the type that the function takes.
  ///   - training: Whether layers are to do what they do while training.
  public func callAsFunction(_ inputs: some TensorConvertible, training: Bool = false) -> Output {
    graph.writingAgain(names) { function(inputs.tensor, training) }
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
