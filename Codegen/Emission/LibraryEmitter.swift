import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowManifest
import ElbowPrelude
import ElbowSchedule

/// A scheduled signature on its way into a library.
package struct LibrarySignature: Sendable {
  /// The name that callers use.
  package var name: String
  package var schedule: Schedule

  package init(name: String, schedule: Schedule) {
    self.name = name
    self.schedule = schedule
  }
}

/// Writes the C of a model.
package struct LibraryEmitter {
  /// The model's name, for people.
  package let name: String
  /// The beginning of all external symbols.
  package let prefix: String
  package let variables: [VariableDeclaration]
  package let signatures: [LibrarySignature]
  /// The program that gives the variables their first values; its signature is not in the manifest.
  package let initializer: Schedule
  let layout: StateLayout
  private let places: StatePlaces
  let options: EmissionOptions
  private static let largeByteCount = 60_000
  /// How many files there are for units at least before these share files.
  private static let fileCount = 8

  package init(
    name: String, variables: [VariableDeclaration], signatures: [LibrarySignature], initializer: Schedule,
    options: EmissionOptions = EmissionOptions()
  ) throws {
    self.options = options
    self.name = name
    let wish = Naming.sanitized(name, default: "model").lowercased()
    // `el_` and `elbow_` are the library's own.
    prefix = wish == "el" || wish.hasPrefix("el_") || wish.hasPrefix("elbow") ? "model_" + wish : wish
    self.variables = variables
    self.signatures = signatures
    self.initializer = initializer
    layout = try StateLayout(variables)
    places = StatePlaces(variables, layout, prefix: prefix)
    for signature in signatures where signature.schedule.program.symbols.count > 16 {
      throw ElbowError(.invalidArgument, "The signature '\(signature.name)' has more than 16 symbolic extents.")
    }
  }

  /// The identifiers of the signatures, in order.
  private var identifiers: [String] {
    var naming = Naming(reserved: [
      "create", "destroy", "run", "initialize", "output_shape", "get_state", "set_state", "set_threads", "last_error",
      "get_random_state", "set_random_state", "run_steps", "first_values", "library",
    ])
    return signatures.map { "\(prefix)_" + naming.identifier(for: $0.name, default: "signature") }
  }

  /// - Parameters:
  ///   - withLines: Whether comments name the user's lines, which takes time to find out.
  ///   - target: The target that the code will be compiled for, for the manifest.
  package func emit(withLines: Bool, target: Manifest.Target, compiler: Manifest.Compiler) throws -> EmittedLibrary {
    let identifiers = identifiers
    var emitted: [EmittedSignature] = []
    var checked: Set<String> = []
    for (identifier, signature) in zip(identifiers, signatures) {
      let emitter = SignatureEmitter(
        signature.schedule, places, name: identifier, withLines: withLines, options: options)
      if !emitter.checks.isEmpty { checked.insert(identifier) }
      var result = emitter.emit()
      result.rest.append(.function(shapeFunction(signature, identifier)))
      emitted.append(result)
    }
    let first = SignatureEmitter(
      initializer, places, name: "\(prefix)__first_values", withLines: withLines, options: options, runsOnce: true)
    emitted.append(first.emit())
    var units: [EmittedSignature.Unit] = []
    var kernelHeaders: [EmittedLibrary.File] = []
    for signature in emitted {
      let (parts, header) = signature.units()
      units += parts
      if let header { kernelHeaders.append(.init(name: "\(signature.name)__kernels.h", text: CPrinter.text(header))) }
    }
    let shared = sharedDeclarations(identifiers, checked: checked)
    let codes = units.map { CPrinter.text($0.declarations, hasComments: false) }
    let fingerprint = (codes + [CPrinter.text(shared, hasComments: false)]).joined()
    let manifest = try manifest(identifiers, fingerprint: fingerprint, target: target, compiler: compiler)
    let files = LibraryEmitter.files(units, byteCounts: codes.map(\.utf8.count))
    var sources = files.dropFirst().enumerated().map { index, members in
      let name = members.count == 1 ? units[members[0]].name : "\(prefix)__signatures\(index + 1)"
      let declarations = EmittedSignature.withoutRepetitions(members.flatMap { units[$0].declarations })
      return EmittedLibrary.File(name: name + ".c", text: CPrinter.text(unitHead(name) + declarations))
    }
    let small = EmittedSignature.withoutRepetitions(files[0].flatMap { units[$0].declarations })
    sources.append(
      .init(
        name: prefix + ".c",
        text: CPrinter.text(
          unitHead(prefix) + [.include("elbow_steps.h", isSystem: false)]
            + manifestDeclarations(try manifest.encoded()) + small + shared)))
    let headers =
      (Prelude.headers + (options.isProfiled ? [Prelude.profile] : [])).map { .init(name: $0.name, text: $0.text) }
      + kernelHeaders
      + [.init(name: prefix + ".h", text: CPrinter.text(header(identifiers)))]
    return EmittedLibrary(
      prefix: prefix, sources: sources, headers: headers, manifest: manifest, fingerprintText: fingerprint)
  }

  /// The units of each file, to compile side by side: the first is what small units share, then come parts of large signatures
  /// and what is too much for the first. Every file costs reading the headers again, and what several need of them is compiled in
  /// each, so that many small units share files here too.
  private static func files(_ units: [EmittedSignature.Unit], byteCounts: [Int]) -> [[Int]] {
    var (first, others): ([Int], [Int]) = ([], [])
    var shared = 0
    for unit in units.indices.sorted(by: { byteCounts[$0] < byteCounts[$1] }) where !units[unit].isPart {
      shared += byteCounts[unit]
      if shared > largeByteCount { others.append(unit) } else { first.append(unit) }
    }
    let parts = units.indices.filter { units[$0].isPart }.map { [$0] }
    let count = max(fileCount, others.map { byteCounts[$0] }.reduce(0, +) / largeByteCount)
    var files = [(units: [Int], byteCount: Int)](repeating: ([], 0), count: min(count, others.count))
    for unit in others.reversed() {
      guard let least = files.indices.min(by: { files[$0].byteCount < files[$1].byteCount }) else { break }
      files[least].units.append(unit)
      files[least].byteCount += byteCounts[unit]
    }
    return [first.sorted()] + (parts + files.map { $0.units.sorted() }).sorted { $0[0] < $1[0] }
  }

  private func unitHead(_ unit: String) -> [CDeclaration] {
    [
      .comment("\(unit).c: part of the model '\(name)'. Generated by graphc, do not edit.")
    ] + LibraryEmitter.preludeIncludes(options) + [.include("\(prefix).h", isSystem: false)]
  }

  /// The library's headers that every file includes.
  package static func preludeIncludes(_ options: EmissionOptions) -> [CDeclaration] {
    let names = [
      "elbow_contraction.h", "elbow_math.h", "elbow_model.h", "elbow_random.h", "elbow_special.h", "elbow_transpose.h",
    ]
    return ((options.includesBLAS ? ["elbow_blas.h"] : []) + names).map { .include($0, isSystem: false) }
  }

  // MARK: The header

  private func header(_ identifiers: [String]) -> [CDeclaration] {
    let guardName = prefix.uppercased() + "_H"
    var declarations: [CDeclaration] = [
      .comment(
        "\(prefix).h: the model '\(name)'. Generated by graphc, do not edit.\n"
          + "Inputs with a default value may be NULL. elbow.h says what the functions do."),
      .directive("#ifndef \(guardName)"), .directive("#define \(guardName)"), .include("elbow.h", isSystem: false),
      .directive("#ifdef __cplusplus"), .directive("extern \"C\" {"), .directive("#endif"),
      .directive("#pragma GCC visibility push(default)"),
      .comment("The size of `options.state`."),
      .define("\(prefix.uppercased())_STATE_BYTE_COUNT", "\(layout.byteCount)"),
    ]
    declarations +=
      places.definitions + [
        .comment("The functions of elbow_library under this model's own names.")
      ]
    declarations += modelFunctions.map { .prototype($0) }
    for (identifier, signature) in zip(identifiers, signatures) {
      declarations.append(.comment(describe(signature)))
      declarations.append(.prototype(typedFunction(identifier, signature)))
    }
    return declarations + [
      .directive("#pragma GCC visibility pop"), .directive("#ifdef __cplusplus"), .directive("}"), .directive("#endif"),
      .directive("#endif"),
    ]
  }

  private func describe(_ signature: LibrarySignature) -> String {
    let program = signature.schedule.program
    let inputs = program.inputs.map { "\($0.name): \($0.type)" + ($0.defaultValue == nil ? "" : ", optional") }
    let outputs = program.outputs.map { "\($0.name): \(program.type($0.node))" }
    return "\(signature.name)(\(inputs.joined(separator: ", "))) -> (\(outputs.joined(separator: ", ")))"
      + (program.updates.isEmpty ? "" : ", updates \(program.updates.count) variables")
  }

  // MARK: What all signatures share

  private func sharedDeclarations(_ identifiers: [String], checked: Set<String>) -> [CDeclaration] {
    var declarations: [CDeclaration] = []
    for (identifier, signature) in zip(identifiers, signatures) {
      declarations += LibraryTables.declarations(signature, identifier, isChecked: checked.contains(identifier))
    }
    declarations.append(.prototype(runPrototype("\(prefix)__first_values")))
    declarations += LibraryTables.description(prefix, identifiers, variables, layout)
    declarations += modelFunctions.map { .function($0) }
    for (identifier, signature) in zip(identifiers, signatures) {
      declarations.append(.function(typedFunction(identifier, signature)))
    }
    declarations.append(.conditional("defined(ELBOW_SHARED_LIBRARY)", [.function(libraryFunction)]))
    return declarations
  }

  private func runPrototype(_ name: String) -> CFunction {
    CFunction(
      "\(name)__run", result: "elbow_status", isStatic: false,
      parameters: [
        ("elbow_model *", "model"), ("const long *", "symbols"), ("const void *const *", "inputs"),
        ("void *const *", "outputs"),
      ], body: [])
  }

  private func shapeFunction(_ signature: LibrarySignature, _ identifier: String) -> CFunction {
    LibraryTables.shapeFunction(signature, identifier)
  }

  /// `vae_create` and so on: the general functions with the model's description, by which they know its handles.
  private var modelFunctions: [CFunction] {
    let model = (type: "elbow_model *", name: "model")
    let text = (type: "const char *", name: "name")
    func function(_ name: String, _ result: String, _ parameters: [(type: String, name: String)]) -> CFunction {
      let arguments = [LibraryTables.description(of: prefix)] + parameters.map { .name($0.name) }
      let call = CExpression.call("el_model_\(name)", arguments)
      return CFunction(
        "\(prefix)_\(name)", result: result, isStatic: false, parameters: parameters,
        body: [result == "void" ? .expression(call) : .returned(call)])
    }
    let arrays: [(type: String, name: String)] = [("const elbow_array *", "inputs"), ("int32_t", "input_count")]
    return [
      function("create", "elbow_status", [("const elbow_options *", "options"), ("elbow_model **", "model")]),
      function("destroy", "void", [model]),
      function("initialize", "elbow_status", [model, ("uint64_t", "seed")]),
      function(
        "output_shape", "elbow_status",
        [model, text] + arrays + [("int32_t", "index"), ("int64_t *", "shape"), ("int32_t", "capacity")]),
      function(
        "run", "elbow_status", [model, text] + arrays + [("elbow_array *", "outputs"), ("int32_t", "output_count")]),
      function("get_state", "elbow_status", [model, text, ("void *", "data"), ("uint64_t", "byte_count")]),
      function("set_state", "elbow_status", [model, text, ("const void *", "data"), ("uint64_t", "byte_count")]),
      function("get_random_state", "void", [model, ("uint64_t *", "seed"), ("uint64_t *", "counter")]),
      function("set_random_state", "void", [model, ("uint64_t", "seed"), ("uint64_t", "counter")]),
      function("set_threads", "elbow_status", [model, ("int32_t", "threads")]),
      function("last_error", "const char *", [("const elbow_model *", "model")]),
      function(
        "run_steps", "elbow_status",
        [model, text] + arrays + [
          ("int64_t", "batch"), ("int64_t", "steps"), ("const int64_t *", "order"), ("elbow_array *", "outputs"),
          ("int32_t", "output_count"),
        ]),
    ]
  }

  private func typedFunction(_ identifier: String, _ signature: LibrarySignature) -> CFunction {
    LibraryTables.typedFunction(prefix, identifier, signature)
  }

  private var libraryFunction: CFunction {
    let fields: [CExpression] =
      [
        "ELBOW_ABI_VERSION", .call("sizeof", ["elbow_library"]), .member(.name("\(prefix)__manifest"), "text"),
        .binary("-", .call("sizeof", [.member(.name("\(prefix)__manifest"), "text")]), 1), .integer(layout.byteCount),
      ]
      + [
        "create", "destroy", "initialize", "output_shape", "run", "get_state", "set_state", "get_random_state",
        "set_random_state", "set_threads", "last_error", "run_steps",
      ].map { .name("\(prefix)_\($0)") }
    return CFunction(
      "elbow_get_library", result: "const elbow_library *", isStatic: false,
      attributes: "__attribute__((visibility(\"default\")))", parameters: [],
      body: [.declare("static const elbow_library", "library", .list(fields)), .returned(.unary("&", "library"))])
  }

  // MARK: The manifest

  private func manifest(
    _ identifiers: [String], fingerprint: String, target: Manifest.Target, compiler: Manifest.Compiler
  ) throws -> Manifest {
    Manifest(
      name: name, prefix: prefix, abiVersion: 1, graphFingerprint: hexadecimal(Checksum.fnv1a64(fingerprint.utf8)),
      stateLayoutFingerprint: hexadecimal(Checksum.fnv1a64(layout.fingerprintText(variables).utf8)),
      stateByteCount: layout.byteCount, compiler: compiler, target: target,
      variables: variables.map { variable in
        Manifest.Variable(
          name: variable.name, dtype: variable.type.dtype, shape: variable.type.shape.extents ?? [],
          role: Manifest.Variable.Role(rawValue: variable.role.rawValue) ?? .parameter)
      },
      signatures: zip(identifiers, signatures).map { identifier, signature in
        let program = signature.schedule.program
        return Manifest.Signature(
          name: signature.name, function: identifier,
          inputs: program.inputs.map { input in
            Manifest.Input(
              name: input.name, dtype: input.type.dtype, shape: input.type.shape.dimensions.map(\.manifest),
              // JSON has no infinity, nor NaN.
              hasDefault: input.defaultValue != nil,
              defaultValue: input.defaultValue?.doubles.first.flatMap { $0.isFinite ? $0 : nil })
          },
          outputs: program.outputs.map { output in
            Manifest.Output(
              name: output.name, dtype: program.type(output.node).dtype,
              shape: program.type(output.node).shape.dimensions.map(\.manifest), isCheck: output.check != nil)
          },
          isRandom: program.isRandom, updates: program.updates.map { program.variables[$0.variable].name })
      })
  }

  private func manifestDeclarations(_ bytes: [UInt8]) -> [CDeclaration] {
    let text = String(decoding: bytes, as: UTF8.self)
    let pieces = text.chunked(80).map { CPrinter.quoted($0) }.joined(separator: "\n    ")
    let checksum = hexadecimal(Checksum.fnv1a64(bytes))
    return [
      .conditional(
        "defined(__ELF__)", [.directive("#define EL_SECTION __attribute__((section(\"elbow_manifest\"), used))")]),
      .conditional("!defined(__ELF__)", [.directive("#define EL_SECTION __attribute__((used))")]),
      .comment("What the library says of itself, where tools find it without loading the library."),
      .directive("static const struct {\n  elbow_manifest_header header;\n  char text[\(bytes.count + 1)];"),
      .directive("} \(prefix)__manifest EL_SECTION = {"),
      .directive(
        "    {{'E', 'L', 'B', 'O', 'W', 'M', 'A', 'N'}, ELBOW_ABI_VERSION, sizeof(elbow_manifest_header), \(bytes.count), "
          + "UINT64_C(0x\(checksum))},"
      ),
      .directive("    \(pieces),"),
      .directive("};"),
    ]
  }
}

/// Sixteen digits.
func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

extension Dimension {
  var manifest: ManifestDimension { value.map { .fixed($0) } ?? .symbolic(description) }
}

extension String {
  /// Pieces of at most `count` characters.
  func chunked(_ count: Int) -> [String] {
    var pieces: [String] = []
    var rest = self[...]
    while !rest.isEmpty {
      pieces.append(String(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return pieces
  }
}
