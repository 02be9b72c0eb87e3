import ElbowCTree

/// The functions of a compiled model in C, in the order of `elbow_library`: each model has them under its own prefix, `vae_create`.
enum CInterface {
  private typealias Parameters = [(type: CType, name: String)]

  private struct Function {
    let name: String
    let result: CType
    let parameters: Parameters
  }

  private static let model: Parameters = [(.model.pointer, "model")]
  private static let signature: Parameters = model + [(.char.constant.pointer, "name")]
  private static let inputs: Parameters = [(.array.constant.pointer, "inputs"), (.int32, "input_count")]
  private static let outputs: Parameters = [(.array.pointer, "outputs"), (.int32, "output_count")]

  private static let all: [Function] = [
    Function(
      name: "create", result: .status,
      parameters: [(CType("elbow_options").constant.pointer, "options"), (.model.pointer.pointer, "model")]),
    Function(name: "destroy", result: .void, parameters: model),
    Function(name: "initialize", result: .status, parameters: model + [(.uint64, "seed")]),
    Function(
      name: "output_shape", result: .status,
      parameters: signature + inputs + [(.int32, "index"), (.int64.pointer, "shape"), (.int32, "capacity")]),
    Function(name: "run", result: .status, parameters: signature + inputs + outputs),
    Function(
      name: "get_state", result: .status,
      parameters: signature + [(.void.pointer, "data"), (.uint64, "byte_count")]),
    Function(
      name: "set_state", result: .status,
      parameters: signature + [(.void.constant.pointer, "data"), (.uint64, "byte_count")]),
    Function(
      name: "get_random_state", result: .void,
      parameters: model + [(.uint64.pointer, "seed"), (.uint64.pointer, "counter")]),
    Function(
      name: "set_random_state", result: .void, parameters: model + [(.uint64, "seed"), (.uint64, "counter")]),
    Function(name: "set_threads", result: .status, parameters: model + [(.int32, "threads")]),
    Function(name: "last_error", result: .char.constant.pointer, parameters: [(.model.constant.pointer, "model")]),
    Function(
      name: "run_steps", result: .status,
      parameters: signature + inputs
        + [(.int64, "batch"), (.int64, "steps"), (.int64.constant.pointer, "order")] + outputs),
  ]

  /// What models with a density have besides.
  private static let drawChains = Function(
    name: "draw_chains", result: .status,
    parameters: signature + inputs
      + [(CType("elbow_sampler_options").constant.pointer, "options"), (CType("elbow_chains").pointer, "chains")])

  /// The functions' names behind the model's prefix.
  static let names = (all + [drawChains]).map(\.name)

  /// The functions' addresses, in the order of `elbow_library`.
  static func table(_ prefix: String, hasDensity: Bool) -> [CExpression] {
    all.map { .name("\(prefix)_\($0.name)") } + [hasDensity ? .name("\(prefix)_\(drawChains.name)") : "NULL"]
  }

  /// The functions of a model: the general ones with the model's description, by which they know its handles.
  static func functions(_ prefix: String, hasDensity: Bool) -> [CFunction] {
    (all + (hasDensity ? [drawChains] : [])).map { function in
      let arguments = [LibraryTables.description(of: prefix)] + function.parameters.map { .name($0.name) }
      let call = CExpression.call("el_model_\(function.name)", arguments)
      return CFunction(
        "\(prefix)_\(function.name)", result: function.result, isStatic: false, parameters: function.parameters,
        body: [function.result == .void ? .expression(call) : .returned(call)])
    }
  }
}
