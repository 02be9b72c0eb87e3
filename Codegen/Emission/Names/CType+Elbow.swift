import ElbowCTree

/// Types of elbow.h and of the prelude.
extension CType {
  static let status = CType("elbow_status")
  static let model = CType("elbow_model")
  static let array = CType("elbow_array")
  static let team = CType("el_team")

  /// The parameters of the function that runs a signature: `model, symbols, inputs, outputs`.
  static let runParameters: [(type: CType, name: String)] = [
    (.model.pointer, "model"), (.long.constant.pointer, "symbols"), (.void.constant.pointer.constant.pointer, "inputs"),
    (.void.pointer.constant.pointer, "outputs"),
  ]
}
