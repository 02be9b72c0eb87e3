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

  /// A node as given; whether the operands fit is not checked.
  ///
  /// - Parameters:
  ///   - primitive: The operation.
  ///   - inputs: The operands, as indices of earlier nodes.
  ///   - type: The result's dtype and shape.
  ///   - source: Where the user made it.
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
  /// The dtype and shape of its values.
  public var type: TensorType
  /// The purpose it serves.
  public var role: Role
  /// The group that a slot belongs to, `adam/m`: slots of one group are laid out as the parameters are.
  public var group: String
  /// The node whose value the variable starts with.
  public var initialValue: Int

  /// A declaration as given.
  ///
  /// - Parameters:
  ///   - name: The name with its scopes, unique in the graph.
  ///   - type: The dtype and shape of its values.
  ///   - role: The purpose it serves.
  ///   - group: The group that a slot belongs to, `adam/m`.
  ///   - initialValue: The node whose value the variable starts with.
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
  /// The dtype and shape of what is fed.
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
