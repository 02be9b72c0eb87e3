import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// The tables by which the general functions know a model: its variables, and each signature's inputs, outputs and shapes.
enum LibraryTables {
  /// - Parameter isChecked: Whether there is a function that checks the symbols' values.
  static func declarations(
    _ signature: LibrarySignature, _ identifier: String, isChecked: Bool
  ) -> [CDeclaration] {
    let program = signature.schedule.program
    var declarations: [CDeclaration] = []
    for (index, input) in program.inputs.enumerated() {
      guard let value = input.defaultValue else { continue }
      declarations.append(
        .constantArray(
          type: value.dtype.cType, name: "\(identifier)__default_\(index)", values: CLiterals.values(value)))
    }
    let inputs = program.inputs.enumerated().map { index, input in
      parameter(input.name, input.type, input.defaultValue == nil ? "NULL" : .name("\(identifier)__default_\(index)"))
    }
    let outputs = program.outputs.map { parameter($0.name, program.type($0.node), "NULL") }
    let symbols = program.symbols.map { symbol -> CExpression in
      for (index, input) in program.inputs.enumerated() {
        if let axis = input.type.shape.dimensions.firstIndex(where: { $0.symbol == symbol }) {
          return .list([.integer(index), .integer(axis)])
        }
      }
      return .list([0, 0])
    }
    declarations += table(CType("el_parameter"), "\(identifier)__inputs", inputs)
    declarations += table(CType("el_parameter"), "\(identifier)__outputs", outputs)
    declarations += table(CType("el_symbol"), "\(identifier)__symbols", symbols)
    if isChecked {
      declarations.append(
        .prototype(
          CFunction(
            "\(identifier)__check", result: .status, isStatic: false,
            parameters: [(.model.pointer, "model"), (.long.constant.pointer, "symbols")], body: [])))
    }
    declarations += [
      .prototype(shapeFunction(signature, identifier)),
      .prototype(
        CFunction(
          "\(identifier)__run", result: .status, isStatic: false,
          parameters: CType.runParameters, body: [])),
      .constant(
        type: CType("el_signature"), name: "\(identifier)__signature",
        value: .list([
          .string(signature.name), pointer(inputs, "\(identifier)__inputs"), pointer(outputs, "\(identifier)__outputs"),
          pointer(symbols, "\(identifier)__symbols"), .integer(inputs.count), .integer(outputs.count),
          .integer(symbols.count),
          .name("\(identifier)__shape"), isChecked ? .name("\(identifier)__check") : "NULL",
          .name("\(identifier)__run"),
        ])),
    ]
    return declarations
  }

  private static func parameter(_ name: String, _ type: TensorType, _ fallback: CExpression) -> CExpression {
    .list([.string(name), .name("ELBOW_" + type.dtype.rawValue.uppercased()), .integer(type.shape.rank), fallback])
  }

  private static func table(_ type: CType, _ name: String, _ rows: [CExpression]) -> [CDeclaration] {
    rows.isEmpty ? [] : [.constantArray(type: type, name: name, values: rows)]
  }

  private static func pointer(_ rows: [CExpression], _ name: String) -> CExpression {
    rows.isEmpty ? "NULL" : .name(name)
  }

  /// The extents of each input and output as functions of the symbols.
  static func shapeFunction(_ signature: LibrarySignature, _ identifier: String) -> CFunction {
    let program = signature.schedule.program
    let shapes = program.inputs.map(\.type.shape) + program.outputs.map { program.type($0.node).shape }
    var body: [CStatement] = program.symbols.enumerated().flatMap { index, symbol -> [CStatement] in
      let name = Naming.symbol(symbol)
      return [
        // Unsigned, so that what is too large is defined, if wrong, until it is refused.
        .declare(.uint64.constant, name, .cast(.uint64, .subscripted("symbols", .integer(index)))),
        .expression(.cast(.void, .name(name))),
      ]
    }
    body += [
      .expression(.cast(.void, "symbols")), .expression(.cast(.void, "index")), .expression(.cast(.void, "extents")),
    ]
    for (index, shape) in shapes.enumerated() where shape.rank > 0 {
      body.append(
        .conditional(
          .binary(.equal, "index", .integer(index)),
          shape.dimensions.enumerated().map {
            .assign(.subscripted("extents", .integer($0)), .assign, $1.isSymbolic ? .cast(.int64, $1.c) : $1.c)
          }, []))
    }
    return CFunction(
      "\(identifier)__shape", isStatic: false,
      parameters: [(.long.constant.pointer, "symbols"), (.int32, "index"), (.int64.pointer, "extents")], body: body)
  }

  static func description(
    _ prefix: String, _ identifiers: [String], _ variables: [VariableDeclaration], _ layout: StateLayout
  ) -> [CDeclaration] {
    let rows = variables.indices.map { index -> CExpression in
      .list([.string(variables[index].name), .integer(layout.offsets[index]), .integer(layout.byteCounts[index])])
    }
    let signatures = identifiers.map { CExpression.unary(.address, .name("\($0)__signature")) }
    let initialize = CFunction(
      "\(prefix)__set_first_values", result: .status, parameters: [(.model.pointer, "model")],
      body: [.returned(.call("\(prefix)__first_values__run", ["model", "NULL", "NULL", "NULL"]))])
    return table(CType("el_variable"), "\(prefix)__variables", rows)
      + table(CType("el_signature").constant.pointer, "\(prefix)__signatures", signatures)
      + [
        .function(initialize),
        .comment("The model."),
        .constant(
          type: CType("el_description"), name: "\(prefix)__description",
          value: .list([
            pointer(rows, "\(prefix)__variables"), pointer(signatures, "\(prefix)__signatures"), .integer(rows.count),
            .integer(signatures.count), .integer(layout.byteCount), .name("\(prefix)__set_first_values"),
          ])),
      ]
  }

  /// The address of a model's description, which its handles carry as well.
  static func description(of prefix: String) -> CExpression { .unary(.address, .name("\(prefix)__description")) }

  /// `vae_train(model, n, images, loss)`: extents first, then inputs, then outputs.
  static func typedFunction(_ prefix: String, _ identifier: String, _ signature: LibrarySignature) -> CFunction {
    let program = signature.schedule.program
    var naming = Naming(reserved: ["model", "symbols", "inputs", "outputs"])
    let symbols = program.symbols.map { naming.parameter(for: $0) }
    let inputs = program.inputs.map { naming.parameter(for: $0.name, default: "input") }
    let outputs = program.outputs.map { naming.parameter(for: $0.name, default: "output") }
    var parameters: [(type: CType, name: String)] = [(.model.pointer, "model")] + symbols.map { (.long, $0) }
    for (name, input) in zip(inputs, program.inputs) {
      parameters.append((input.type.dtype.cType.constant.pointer, name))
    }
    for (name, output) in zip(outputs, program.outputs) {
      parameters.append((program.type(output.node).dtype.cType.pointer, name))
    }
    func array(_ type: CType, _ name: String, _ values: [String]) -> CStatement {
      .declareArray(type, name, .integer(max(1, values.count)), .list(values.isEmpty ? [0] : values.map { .name($0) }))
    }
    let body: [CStatement] = [
      array(.long.constant, "symbols", symbols), array(.void.constant.pointer, "inputs", inputs),
      array(.void.pointer.constant, "outputs", outputs),
      .returned(
        .call(
          "el_call",
          [
            description(of: prefix), "model", .unary(.address, .name("\(identifier)__signature")), "symbols", "inputs",
            "outputs",
          ])),
    ]
    return CFunction(
      identifier, result: .status, isStatic: false, parameters: parameters, body: body)
  }
}
