import ElbowArrays
import ElbowGraph

/// The distribution of several named variables, of which each may depend on those before it; see
/// ``JointDistributionSequential``.
///
///     let model = JointDistributionNamed([
///       "rate": .of(Gamma(in: graph, concentration: 2, rate: 1)),
///       "count": .given { Poisson(rate: $0["rate"]) },
///     ])
///     let logProb = model.logProb(["rate": rate, "count": count])
public struct JointDistributionNamed: CustomStringConvertible {
  /// The names of the variables in the order in which they are drawn.
  public let names: [String]
  /// The name given; the type's if none was.
  public let name: String
  private var model: JointModel

  /// A joint distribution of some variables, drawn in the order in which they are listed.
  public init(_ components: KeyValuePairs<String, JointComponent>, name: String? = nil) {
    names = components.map(\.key)
    self.name = name ?? "JointDistributionNamed"
    model = JointModel(typeName: "JointDistributionNamed", names: names, components: components.map(\.value))
  }

  /// Independent draws of all variables by name.
  public func sample(_ sampleShape: Shape = []) -> [String: Tensor] {
    Dictionary(zip(names, model.sample(sampleShape))) { first, _ in first }
  }
  /// The logarithm of the joint density at a value for each variable.
  public func logProb(_ values: [String: Tensor]) -> Tensor {
    let ordered = names.compactMap { values[$0] }
    guard Set(names).count == names.count, ordered.count == names.count, values.count == names.count else {
      let graph = values.values.first?.graph ?? Graph()
      return graph.invalid(
        .invalidArgument,
        "'logProb' of JointDistributionNamed: expected values for \(names), all different, but there are "
          + "\(values.keys.sorted()).")
    }
    return model.logProb(ordered)
  }
  /// The joint density at a value for each variable.
  public func prob(_ values: [String: Tensor]) -> Tensor {
    let logProb = logProb(values)
    return logProb.graph.located { exp(logProb) }
  }
  /// Draws of all variables and the logarithm of their joint density.
  public func sampleAndLogProb(_ sampleShape: Shape = []) -> (sample: [String: Tensor], logProb: Tensor) {
    let values = sample(sampleShape)
    return (values, logProb(values))
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
  public var eventShapes: [String: Shape] {
    Dictionary(zip(names, model.shapes.eventShapes)) { first, _ in first }
  }
  /// `JointDistributionNamed("JointDistributionNamed", batchShape: [3], eventShape: [rate: [], count: []])`.
  public var description: String {
    let (batchShape, eventShapes) = model.shapes
    let events = zip(names, eventShapes).map { "\($0): \($1)" }.joined(separator: ", ")
    return "JointDistributionNamed(\"\(name)\", batchShape: \(batchShape), eventShape: [\(events)])"
  }
}
