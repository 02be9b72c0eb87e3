import ElbowCTree

/// The functions of a compiled model in C, in the order of `elbow_library`: each model has them under its own prefix, `vae_create`.
enum CInterface {
  private typealias Parameters = [(type: String, name: String)]

  private struct Function {
    let name: String
    let result: String
    let parameters: Parameters
  }

  private static let model: Parameters = [("elbow_model *", "model")]
  private static let signature: Parameters = model + [("const char *", "name")]
  private static let inputs: Parameters = [("const elbow_array *", "inputs"), ("int32_t", "input_count")]
  private static let outputs: Parameters = [("elbow_array *", "outputs"), ("int32_t", "output_count")]

  private static let all: [Function] = [
    Function(
      name: "create", result: "elbow_status",
      parameters: [("const elbow_options *", "options"), ("elbow_model **", "model")]),
    Function(name: "destroy", result: "void", parameters: model),
    Function(name: "initialize", result: "elbow_status", parameters: model + [("uint64_t", "seed")]),
    Function(
      name: "output_shape", result: "elbow_status",
      parameters: signature + inputs + [("int32_t", "index"), ("int64_t *", "shape"), ("int32_t", "capacity")]),
    Function(name: "run", result: "elbow_status", parameters: signature + inputs + outputs),
    Function(
      name: "get_state", result: "elbow_status",
      parameters: signature + [("void *", "data"), ("uint64_t", "byte_count")]),
    Function(
      name: "set_state", result: "elbow_status",
      parameters: signature + [("const void *", "data"), ("uint64_t", "byte_count")]),
    Function(
      name: "get_random_state", result: "void",
      parameters: model + [("uint64_t *", "seed"), ("uint64_t *", "counter")]),
    Function(
      name: "set_random_state", result: "void", parameters: model + [("uint64_t", "seed"), ("uint64_t", "counter")]),
    Function(name: "set_threads", result: "elbow_status", parameters: model + [("int32_t", "threads")]),
    Function(name: "last_error", result: "const char *", parameters: [("const elbow_model *", "model")]),
    Function(
      name: "run_steps", result: "elbow_status",
      parameters: signature + inputs
        + [("int64_t", "batch"), ("int64_t", "steps"), ("const int64_t *", "order")] + outputs),
  ]

  /// The functions' names behind the model's prefix.
  static let names = all.map(\.name)

  /// The functions of a model: the general ones with the model's description, by which they know its handles.
  static func functions(_ prefix: String) -> [CFunction] {
    all.map { function in
      let arguments = [LibraryTables.description(of: prefix)] + function.parameters.map { .name($0.name) }
      let call = CExpression.call("el_model_\(function.name)", arguments)
      return CFunction(
        "\(prefix)_\(function.name)", result: function.result, isStatic: false, parameters: function.parameters,
        body: [function.result == "void" ? .expression(call) : .returned(call)])
    }
  }
}
