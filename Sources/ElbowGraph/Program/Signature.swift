import ElbowArrays

/// A new value for a variable, which it takes when a run ends. All updates of a run see the values it began with.
public struct VariableUpdate {
  /// The tensor that reads the variable.
  public var variable: Tensor
  /// The variable's new value.
  public var value: Tensor

  /// A new value for a variable; making a program of it throws where the types differ.
  ///
  /// - Parameters:
  ///   - variable: The tensor that reads the variable.
  ///   - value: The new value, of the variable's type.
  public init(_ variable: Tensor, to value: Tensor) {
    self.variable = variable
    self.value = value
  }
}

/// A named entry into a graph: what is computed for the caller, and which variables change.
public struct Signature {
  /// The name that callers use.
  public var name: String
  /// The results, each under a name of its own, in order.
  public var outputs: [(name: String, tensor: Tensor)]
  /// The variables that a run changes, each once at most.
  public var updates: [VariableUpdate]

  /// A signature; making a program of it throws where names or updates occur twice.
  ///
  /// - Parameters:
  ///   - name: The name that callers use.
  ///   - outputs: The results, each under a name of its own, in order.
  ///   - updates: The variables that a run changes, each once at most.
  public init(_ name: String, outputs: KeyValuePairs<String, Tensor> = [:], updates: [VariableUpdate] = []) {
    self.name = name
    self.outputs = outputs.map { (name: $0.key, tensor: $0.value) }
    self.updates = updates
  }
}
