import ElbowArrays
import ElbowGraph
import ElbowNetworks
import ElbowTraining

// The model of a network: its function written down for training and for evaluation, with losses and metrics.
extension Network {
  /// The loss with a weight for each example.
  func weighed(_ loss: Tensor, by weight: Tensor?) -> Tensor {
    guard let weight, loss.isValid, weight.isValid else { return loss }
    let fits = weight.rank <= loss.rank && (0..<weight.rank).allSatisfy { weight.shape[$0].canEqual(loss.shape[$0]) }
    guard fits, weight.dtype != .bool, weight.rank > 0 else {
      return graph.invalid(
        .shape,
        "The loss \(loss.type) cannot be weighed by sampleWeight \(weight.type): expected the loss of each example, not their mean, "
          + "and a number for each, of a shape that the loss's begins with.")
    }
    return (weight.rank..<loss.rank).reduce(weight.cast(to: loss.dtype)) { weight, _ in weight.expandedDims(-1) } * loss
  }

  /// The graph with its signatures.
  func makeModel(
    _ name: String, _ optimizer: some Optimizer, _ targets: Tensor,
    _ loss: (_ targets: Tensor, _ output: Output) -> Tensor, _ metrics: [Metric<Output>], _ clipping: GradientClipping?,
    _ signatures: [Signature]
  ) throws -> Model {
    let metricValues = Dictionary(
      metrics.compactMap { metric in metric.value.map { (metric.name, $0) } }
    ) { first, _ in first }
    func version(training: Bool) -> Version {
      let ((output, figures), noted) = graph.collectingParts {
        let output = function(inputs, training)
        var figures: [(name: String, tensor: Tensor)] = [("loss", loss(targets, output))]
        figures += metrics.map { (name: $0.name, tensor: $0.figures(targets, output)) }
        return (output, figures)
      }
      return Version(
        output, figures, ofMeans: Set(metricValues.keys), parts + noted.compactMap { $0 as? any ModelPart })
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
    var model = try Model(name: name, graph: graph, signatures: [train, evaluate, predict] + signatures)
    model.metricValues = metricValues
    return model
  }

  /// One way to use the function: its output, and what is reported of it.
  private struct Version {
    let output: Output
    /// The loss and the metrics as they are given, of examples or of the batch.
    let figures: [(name: String, tensor: Tensor)]
    /// The figures that follow from means, which the tensor has.
    let ofMeans: Set<String>
    /// The same as means, scalars but for those that figures follow from; the first is the loss with those of layers added.
    let means: [(name: String, tensor: Tensor)]
    /// The updates of variables that layers add to a training step.
    let updates: [VariableUpdate]
    var loss: Tensor { means[0].tensor }

    init(
      _ output: Output, _ figures: [(name: String, tensor: Tensor)], ofMeans: Set<String>, _ parts: [any ModelPart]
    ) {
      self.output = output
      self.figures = figures
      self.ofMeans = ofMeans
      // A layer can be a part by itself and in another.
      var (seen, losses, updates) = (Set<Int>(), [Tensor](), [VariableUpdate]())
      for loss in parts.flatMap(\.losses) where seen.insert(loss.id).inserted { losses.append(loss) }
      seen = []
      for update in parts.flatMap(\.updates) where seen.insert(update.variable.id).inserted { updates.append(update) }
      self.updates = updates
      means = figures.enumerated().map { index, figure in
        if index > 0, ofMeans.contains(figure.name) { return figure }
        return (name: figure.name, tensor: index == 0 ? losses.reduce(figure.tensor.mean(), +) : figure.tensor.mean())
      }
    }
  }

  /// A loss of shape `[n, n]` is that of each example with the target of each other one, which no one wants.
  private func checkShapes(of version: Version, _ targets: Tensor, output: Tensor) throws {
    func shape(_ tensor: Tensor) -> [Dimension] { tensor.shape.dimensions.map(graph.canonical) }
    for (name, tensor) in version.figures where tensor.rank > 0 {
      if version.ofMeans.contains(name) {
        guard tensor.shape.extents == nil else { continue }
        throw ElbowError(
          .shape,
          "The metric '\(name)' follows from means of the shape \(tensor.shape); expected a shape that does not depend on the batch.",
          at: tensor.location)
      }
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
}
