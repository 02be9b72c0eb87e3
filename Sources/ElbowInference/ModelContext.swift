import ElbowArrays
import ElbowGraph
import ElbowProbability

/// Where a model's closure declares its parameters and data.
public final class ModelContext {
  /// The graph that the model is built in. Numbers for which no dtype is given are float64.
  public let graph = Graph(floatingPoint: .float64)

  /// Where the values of parameters come from.
  enum Values {
    /// Nothing is known yet but shapes.
    case layout
    /// From a position that a sampler gives.
    case position(dimension: Int)
    /// Given by the parameters' names, to be taken back to positions.
    case given
  }

  private let values: Values
  private let given: [String: HostArray]
  private let coords: [String: [String]]
  private var position: Tensor?
  private(set) var extents: [String: Int]

  private(set) var parameters: [ParameterSite] = []
  private var dataTensors: [String: Tensor] = [:]
  /// The terms of the log density of parameters and data.
  private(set) var terms: [Tensor] = []
  /// The values of parameters and of what is made of them.
  private(set) var results: [(name: String, dims: [String], value: Tensor)] = []
  /// The logarithms of the determinants by which maps from positions change volumes.
  private(set) var jacobians: [Tensor] = []
  /// The parameters whose values are inputs, by these inputs' names.
  private var valueNames: [String: String] = [:]
  /// The parameters on the unconstrained scale, where they are given.
  private(set) var frees: [Tensor] = []

  init(_ values: Values, _ given: [String: HostArray], _ coords: [String: [String]]) {
    self.values = values
    self.given = given
    self.coords = coords
    extents = coords.mapValues(\.count)
    if case .position(let dimension) = values { position = graph.placeholder("position", shape: [dimension]) }
  }

  /// The place of a sampler, float64[n].
  var positionTensor: Tensor { position ?? graph.invalid() }

  // MARK: Data

  /// An array that is given with the data.
  ///
  /// - Parameters:
  ///   - name: The name that it is given by.
  ///   - dims: The names of its dimensions; as many as it has, or none for dimensions without names.
  ///   - dtype: What it is converted to.
  public func data(_ name: String, dims: [String] = [], dtype: DType = .float64) -> Tensor {
    graph.located {
      if let known = dataTensors[name] {
        return known.dtype == dtype
          ? known : graph.invalid(.dtype, "The data '\(name)' are declared as \(known.dtype) and as \(dtype).")
      }
      guard let array = given[name] else {
        return graph.invalid(
          .data,
          "The model needs the data '\(name)', but given are only \(ModelContext.quoted(given.keys.sorted())).")
      }
      guard dims.isEmpty || dims.count == array.shape.count else {
        return graph.invalid(
          .shape,
          "The data '\(name)' have the shape \(array.shape), but \(dims.count) named dimensions, \(ModelContext.quoted(dims))."
        )
      }
      for (dim, extent) in zip(dims, array.shape) { guard agree(dim, extent, name) else { return graph.invalid() } }
      let tensor = graph.placeholder(name, shape: array.shape.map { $0 }, dtype: dtype)
      dataTensors[name] = tensor
      return tensor
    }
  }

  private func agree(_ dim: String, _ extent: Int, _ owner: String) -> Bool {
    if let known = extents[dim], known != extent {
      _ = graph.invalid(
        .shape,
        coords[dim] != nil
          ? "The dimension '\(dim)' has \(known) labels, but '\(owner)' has \(extent) positions along it."
          : "The dimension '\(dim)' has the extent \(known), but '\(owner)' has \(extent) positions along it.")
      return false
    }
    extents[dim] = extent
    return true
  }

  /// How many positions a dimension has: from its labels, or from data declared before.
  public func extent(_ dim: String) -> Int {
    graph.located {
      if let extent = extents[dim] { return extent }
      _ = graph.invalid(
        .shape,
        "The dimension '\(dim)' is not known here: neither labels (`coords`) nor data declared before say how many positions it has."
      )
      return 1
    }
  }

  // MARK: Parameters

  /// A parameter with a prior.
  ///
  /// - Parameters:
  ///   - name: Unique in the model.
  ///   - prior: Its distribution, which is continuous.
  ///   - dims: The dimensions that it is repeated along, from the left; the prior's batch broadcasts with them.
  ///   - bijector: The map from any numbers onto its values; by default the one of the distribution. With another one, such as
  ///     `Ascending`, the prior is not normalised anew.
  ///   - parameterization: What samplers move in; it changes nothing else.
  /// - Returns: The parameter's value.
  public func sample(
    _ name: String, _ prior: some Distribution, dims: [String] = [], bijector: (any Bijector)? = nil,
    parameterization: Parameterization = .centered
  ) -> Tensor {
    graph.located {
      guard prior.isValid, isNew(name) else { return graph.invalid() }
      let sampleShape = Shape(dims.map { Dimension(extent($0)) })
      guard let batch = graph.broadcastShape([sampleShape, prior.batchShape]) else {
        return graph.invalid(
          .shape,
          "The parameter '\(name)' has the dimensions \(ModelContext.quoted(dims)) \(sampleShape), with which the batch "
            + "\(prior.batchShape) of its prior does not broadcast.")
      }
      let shape = batch + prior.eventShape
      if parameterization == .nonCentered {
        guard let standard = LocationScale(prior) else {
          return graph.invalid(
            .invalidArgument,
            "The parameter '\(name)' cannot be non-centred: \(prior.traits.typeName) has no location and scale. Leave "
              + "'parameterization' out.")
        }
        return record(
          name, dims, standard.value(unconstrained(name, shape, Bijectors.Identity(), density: standard.logProb)))
      }
      guard let map = bijector ?? prior.defaultEventSpaceBijector else {
        return graph.invalid(
          .invalidArgument,
          "The parameter '\(name)' has a discrete distribution, \(prior), which has no gradient. Sum it out: "
            + "MixtureSameFamily, or a logarithm of a sum in 'factor'.")
      }
      return record(name, dims, unconstrained(name, shape, map) { prior.logProb($0) })
    }
  }

  /// A parameter with a constant density, which is improper where its values have no bounds.
  ///
  /// - Parameters:
  ///   - name: Unique in the model.
  ///   - shape: The shape of its value, behind the dimensions.
  ///   - dims: Its dimensions.
  ///   - bijector: The map from any numbers onto its values, such as `Bijectors.Exp()` for numbers above 0.
  /// - Returns: The parameter's value.
  public func parameter(
    _ name: String, shape: [Int] = [], dims: [String] = [], bijector: any Bijector = Bijectors.Identity()
  ) -> Tensor {
    graph.located {
      guard isNew(name) else { return graph.invalid() }
      let shape = Shape(dims.map { Dimension(extent($0)) } + shape.map { Dimension($0) })
      return record(name, dims, unconstrained(name, shape, bijector, density: nil))
    }
  }

  private func isNew(_ name: String) -> Bool {
    guard Graph.isName(name), !results.contains(where: { $0.name == name }) else {
      _ = graph.invalid(
        .invalidArgument,
        "A parameter cannot be named '\(name.printable())': names are not empty, and unique in a model.")
      return false
    }
    return true
  }

  private func record(_ name: String, _ dims: [String], _ value: Tensor) -> Tensor {
    results.append((name, dims, value))
    return value
  }

  /// A parameter's value from its part of the position, with the density's terms for both.
  private func unconstrained(
    _ name: String, _ shape: Shape, _ bijector: any Bijector, density: ((Tensor) -> Tensor)?
  ) -> Tensor {
    let eventRank = bijector.inverseMinEventNDims
    guard shape.rank >= eventRank, let event = try? bijector.inverseEventShape(shape.suffix(eventRank)),
      let extents = (shape.dropLast(eventRank) + event).extents, let full = shape.extents
    else {
      return graph.invalid(
        .shape, "The parameter '\(name)' has the shape \(shape), which is none that \(bijector) maps onto.")
    }
    let offset = parameters.reduce(0) { $0 + $1.count }
    let site = ParameterSite(name: name, shape: full, offset: offset, unconstrainedShape: extents)
    parameters.append(site)
    let free = place(site, bijector)
    let value = bijector.forward(free).broadcast(to: shape)
    jacobians.append(bijector.forwardLogDetJacobian(free).broadcast(to: shape.dropLast(eventRank)).sum())
    if let density { terms.append(density(value).sum()) }
    return value
  }

  private func place(_ site: ParameterSite, _ bijector: any Bijector) -> Tensor {
    if case .given = values {
      let input = "value of \(site.name)"
      valueNames[input] = site.name
      let free = bijector.inverse(graph.placeholder(input, shape: site.shape.map { $0 }))
        .reshaped(to: site.unconstrainedShape)
      frees.append(free)
      return free
    }
    guard let position, site.offset + site.count <= position.shape[0].value ?? 0 else {
      return graph.zeros(site.unconstrainedShape)
    }
    return position[site.offset..<site.offset + site.count].reshaped(to: site.unconstrainedShape)
  }

  /// The parameter whose value an input is; nil for data.
  func valueName(ofInput input: String) -> String? { valueNames[input] }

  // MARK: What follows from parameters

  /// Says what was observed: the data of this name have the distribution.
  ///
  /// - Parameters:
  ///   - name: The name that the data are given by.
  ///   - distribution: Their distribution; its batch broadcasts with the data's.
  ///   - value: What was observed, made of data; by default the data of that name.
  ///   - dims: The names of the data's dimensions.
  public func observe(
    _ name: String, _ distribution: some Distribution, value: Tensor? = nil, dims: [String] = []
  ) {
    graph.located {
      guard distribution.isValid else { return }
      let value = value ?? data(name, dims: dims)
      guard value.isValid else { return }
      terms.append(distribution.logProb(value).sum())
    }
  }

  /// Keeps what is made of parameters along with their draws.
  ///
  /// - Returns: The value itself.
  @discardableResult
  public func deterministic(_ name: String, _ value: some TensorConvertible, dims: [String] = []) -> Tensor {
    graph.located { isNew(name) ? record(name, dims, value.tensor) : graph.invalid() }
  }

  /// Adds a term to the logarithm of the density; the sum of its elements counts.
  public func factor(_ logDensity: some TensorConvertible) {
    graph.located { terms.append(logDensity.tensor.sum()) }
  }

  static func quoted(_ names: [String]) -> String {
    names.isEmpty ? "none" : names.map { "'\($0.printable())'" }.joined(separator: ", ")
  }
}
