import ElbowArrays

/// A new value for a variable, which it takes when a run ends. All updates of a run see the values it began with.
public struct VariableUpdate {
  /// The tensor that reads the variable.
  public var variable: Tensor
  /// The variable's new value.
  public var value: Tensor

  public init(_ variable: Tensor, to value: Tensor) {
    self.variable = variable
    self.value = value
  }
}

/// A named entry into a graph: what is computed for the caller, and which variables change.
public struct Signature {
  public var name: String
  public var outputs: [(name: String, tensor: Tensor)]
  public var updates: [VariableUpdate]

  public init(_ name: String, outputs: KeyValuePairs<String, Tensor> = [:], updates: [VariableUpdate] = []) {
    self.name = name
    self.outputs = outputs.map { (name: $0.key, tensor: $0.value) }
    self.updates = updates
  }
}
