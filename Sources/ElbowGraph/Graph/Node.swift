import ElbowArrays

/// One operation of a graph and its result. A node's index in the graph is its identity; operands come before users.
public struct Node: Sendable {
  /// The operation.
  public var primitive: any Primitive
  /// The operands, as indices of earlier nodes.
  public var inputs: [Int]
  /// The result's dtype and shape.
  public var type: TensorType
  /// Where the user made it.
  public var source: SourceReference

  public init(_ primitive: any Primitive, inputs: [Int], type: TensorType, source: SourceReference = .unknown) {
    self.primitive = primitive
    self.inputs = inputs
    self.type = type
    self.source = source
  }
}

/// A named piece of state that outlives a run: a weight, an optimiser's slot, a step counter.
public struct VariableDeclaration: Sendable {
  /// The purpose of a variable. Variables of one role lie together in memory.
  public enum Role: String, Sendable, Codable, CaseIterable {
    /// Trained by gradient.
    case parameter
    /// Kept by an optimiser, one for each parameter.
    case slot
    /// A running figure of the model, such as a moving average.
    case statistic
    /// A count of steps.
    case counter
  }

  /// Unique in the graph; `/` separates scopes.
  public var name: String
  public var type: TensorType
  public var role: Role
  /// The group that a slot belongs to, `adam/m`: slots of one group are laid out as the parameters are.
  public var group: String
  /// The node whose value the variable starts with.
  public var initialValue: Int

  public init(name: String, type: TensorType, role: Role, group: String, initialValue: Int) {
    self.name = name
    self.type = type
    self.role = role
    self.group = group
    self.initialValue = initialValue
  }
}

/// An input of a graph, fed when it runs.
public struct PlaceholderDeclaration: Sendable {
  /// Unique in the graph.
  public var name: String
  public var type: TensorType
  /// The value when nothing is fed; scalars only.
  public var defaultValue: HostArray?
  /// The node that reads it.
  public var node: Int

  package init(name: String, type: TensorType, defaultValue: HostArray? = nil, node: Int) {
    self.name = name
    self.type = type
    self.defaultValue = defaultValue
    self.node = node
  }
}
