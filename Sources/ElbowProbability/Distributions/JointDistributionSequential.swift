import ElbowArrays
import ElbowGraph

/// The distribution of several variables, of which each may depend on those before it.
///
///     log p(x_0, x_1, ...) = log p(x_0) + log p(x_1 | x_0) + ...
///
///     let model = JointDistributionSequential([
///       .of(MultivariateNormalDiag(loc: graph.zeros([2]))),
///       .given { z in Independent(Bernoulli(logits: decoder(z[0])), reinterpretedBatchNDims: 1) },
///     ])
///
/// A function is given the values before it in the order of the model; TensorFlow Probability's has the latest first.
/// The batch shapes of the variables broadcast.
public struct JointDistributionSequential: CustomStringConvertible {
  /// The variables in the order in which they are drawn.
  public let components: [JointComponent]
  /// The name given; the type's if none was.
  public let name: String
  private var model: JointModel

  /// A joint distribution of some variables.
  public init(_ components: [JointComponent], name: String? = nil) {
    self.components = components
    self.name = name ?? "JointDistributionSequential"
    model = JointModel(typeName: "JointDistributionSequential", names: [], components: components)
  }

  /// Independent draws of all variables, in order; each has the shape `sampleShape + batchShape + eventShape` of its
  /// own.
  public func sample(_ sampleShape: Shape = []) -> [Tensor] { model.sample(sampleShape) }
  /// The logarithm of the joint density at a value for each variable.
  public func logProb(_ values: [Tensor]) -> Tensor { model.logProb(values) }
  /// The joint density at a value for each variable.
  public func prob(_ values: [Tensor]) -> Tensor {
    let logProb = logProb(values)
    return logProb.graph.located { exp(logProb) }
  }
  /// Draws of all variables and the logarithm of their joint density.
  public func sampleAndLogProb(_ sampleShape: Shape = []) -> (sample: [Tensor], logProb: Tensor) {
    let values = sample(sampleShape)
    return (values, logProb(values))
  }
  /// The distribution of each variable, those that depend on others given these values.
  public func distributions(given values: [Tensor]) -> [any Distribution] {
    guard values.count == components.count else { return [] }
    return model.distributions { position, _ in values[position] }.distributions
  }

  /// This distribution with checks of the parameters of all variables, also of those that depend on others, in every
  /// run that computes them; see ``Distribution/validateArguments()``.
  public func validateArguments() -> Self {
    var copy = self
    copy.model.validatesArguments = true
    return copy
  }

  /// The batch shape that the variables' broadcast to.
  public var batchShape: Shape { model.shapes.batchShape }
  /// The event shape of each variable.
  public var eventShapes: [Shape] { model.shapes.eventShapes }
  /// `JointDistributionSequential("JointDistributionSequential", batchShape: [], eventShape: [[2], []])`.
  public var description: String {
    let (batchShape, eventShapes) = model.shapes
    return "JointDistributionSequential(\"\(name)\", batchShape: \(batchShape), eventShape: \(eventShapes))"
  }
}
