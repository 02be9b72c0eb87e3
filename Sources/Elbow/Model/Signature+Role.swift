import ElbowGraph
import ElbowManifest

extension Signature {
  /// A signature that has a meaning.
  public init(
    _ role: SignatureRole, outputs: KeyValuePairs<String, Tensor> = [:], updates: [VariableUpdate] = []
  ) {
    self.init(role.rawValue, outputs: outputs, updates: updates)
  }

  /// The meaning of its name; nil if it is the model's own.
  public var role: SignatureRole? { SignatureRole(rawValue: name) }
}
