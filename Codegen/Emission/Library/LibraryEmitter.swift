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
  /// The bytes of C that a file has at most before units get others.
  private var largeByteCount: Int { options.callsFunctions ? 240_000 : 60_000 }
  /// How many files there are for units at least before these share files.
  private var fileCount: Int { options.callsFunctions ? 2 : 8 }

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

  /// Whether there is a signature from which chains can be drawn: of a position, and what else it needs, it gives the logarithm of a
  /// density and the gradient of that.
  var hasDensity: Bool {
    signatures.contains { signature in
      let program = signature.schedule.program
      guard let position = program.inputs.first?.type, program.outputs.count == 2 else { return false }
      let results = program.outputs.map { program.type($0.node) }
      return position.dtype == .float64 && position.shape.rank == 1
        && results == [TensorType(.float64, .scalar), position]
    }
  }

  /// The identifiers of the signatures, in order.
  private var identifiers: [String] {
    var naming = Naming(reserved: Set(CInterface.names).union(["first_values", "library", "manifest"]))
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
    let files = files(units, byteCounts: codes.map(\.utf8.count))
    var sources = files.dropFirst().enumerated().map { index, members in
      let name = members.count == 1 ? units[members[0]].name : "\(prefix)__signatures\(index + 1)"
      let declarations = EmittedSignature.withoutRepetitions(members.flatMap { units[$0].declarations })
      return EmittedLibrary.File(name: name + ".c", text: CPrinter.text(unitHead(name) + declarations))
    }
    let includes = (["elbow_steps.h"] + (hasDensity ? ["elbow_sampler.h"] : [])).map {
      CDeclaration.include($0, isSystem: false)
    }
    let small = EmittedSignature.withoutRepetitions(files[0].flatMap { units[$0].declarations })
    sources.append(
      .init(
        name: prefix + ".c",
        text: CPrinter.text(unitHead(prefix) + includes + small + shared)))
    sources.append(try manifestFile(manifest))
    let prelude = Prelude.headers(isProfiled: options.isProfiled, hasDensity: hasDensity)
    return EmittedLibrary(
      prefix: prefix, sources: sources,
      modelHeaders: kernelHeaders + [.init(name: prefix + ".h", text: CPrinter.text(header(identifiers)))],
      prelude: prelude.map { .init(name: $0.name, text: $0.text) }, manifest: manifest, fingerprintText: fingerprint)
  }

  /// The units of each file, to compile side by side: the first is what small units share, then come parts of large signatures
  /// and what is too much for the first. Every file costs reading the headers again, and what several need of them is compiled in
  /// each, so that many small units share files here too.
  private func files(_ units: [EmittedSignature.Unit], byteCounts: [Int]) -> [[Int]] {
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
    declarations += CInterface.functions(prefix, hasDensity: hasDensity).map { .prototype($0) }
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
    declarations += CInterface.functions(prefix, hasDensity: hasDensity).map { .function($0) }
    for (identifier, signature) in zip(identifiers, signatures) {
      declarations.append(.function(typedFunction(identifier, signature)))
    }
    return declarations
  }

  private func runPrototype(_ name: String) -> CFunction {
    CFunction(
      "\(name)__run", result: .status, isStatic: false,
      parameters: CType.runParameters, body: [])
  }

  private func shapeFunction(_ signature: LibrarySignature, _ identifier: String) -> CFunction {
    LibraryTables.shapeFunction(signature, identifier)
  }

  private func typedFunction(_ identifier: String, _ signature: LibrarySignature) -> CFunction {
    LibraryTables.typedFunction(prefix, identifier, signature)
  }
}
