import ElbowArrays
import ElbowEmission
import ElbowGraph
import ElbowManifest
import ElbowPasses
import ElbowSchedule
import ElbowToolchain
import Foundation

/// The whole way from a graph to a library: programs, passes, schedules, C, machine code.
public struct ModelCompiler: Sendable {
  /// The model's name; made a C identifier, it is the prefix of the library's symbols.
  public var name: String
  /// How the C is made and compiled.
  public var options: BuildOptions
  package var pipeline = Pipeline()
  package var scheduling = SchedulePipeline()
  /// Extents that symbols are fixed to: the code is made for these sizes alone.
  public var specialization: [String: Int]
  /// Receives the warnings of files that are ignored; prints them on standard error by default.
  public var warn: @Sendable (String) -> Void = { Warning.print($0) }
  /// Is told that the C compiler is about to be waited for, `compiling vae: train, evaluate`; nothing by default.
  public var report: @Sendable (String) -> Void = { _ in }

  /// A compiler of models under one name.
  ///
  /// - Parameters:
  ///   - name: The model's name.
  ///   - options: How the C is made and compiled.
  ///   - specialization: Extents that symbols are fixed to, by the symbol's name; empty for code of any size.
  public init(
    name: String, options: BuildOptions = BuildOptions(), specialization: [String: Int] = [:]
  ) {
    self.name = name
    self.options = options
    self.specialization = specialization
  }

  /// A program that has been through the passes, scheduled.
  package func schedule(_ program: Program) throws -> Schedule {
    let fixed = program.substituting(specialization.mapValues { Dimension($0) })
    try fixed.checkExtents(specialization)
    return try scheduling.run(pipeline.run(fixed), options.scheduling)
  }

  /// The C of a graph's signatures.
  ///
  /// - Parameters:
  ///   - withLines: Whether comments name the user's lines.
  ///   - compiler: The compiler that the manifest names.
  public func emit(
    _ graph: Graph, _ signatures: [Signature], withLines: Bool = true, compiler: Manifest.Compiler? = nil
  ) throws -> EmittedLibrary {
    try emit(
      signatures.map { try graph.program($0) }, initializer: graph.initializer(), withLines: withLines,
      compiler: compiler)
  }

  /// The C of programs that share their variables.
  public func emit(
    _ programs: [Program], initializer: Program, withLines: Bool = true, compiler: Manifest.Compiler? = nil
  ) throws -> EmittedLibrary {
    func scheduled(_ program: Program) throws -> Schedule {
      try schedule(withLines ? program.withLocations() : program)
    }
    let emitter = try LibraryEmitter(
      name: name, variables: initializer.variables,
      signatures: programs.map { LibrarySignature(name: $0.name, schedule: try scheduled($0)) },
      initializer: scheduled(initializer), options: options.emission)
    return try emitter.emit(
      withLines: withLines, target: options.manifestTarget,
      compiler: compiler ?? Manifest.Compiler(elbow: ElbowVersion.current, command: "cc", version: "any", flags: []))
  }

  /// Compiles into the cache, unless it is there already.
  ///
  /// - Returns: The library's place.
  public func compile(_ graph: Graph, _ signatures: [Signature], cache: ArtifactCache) throws -> URL {
    try compile(signatures.map { try graph.program($0) }, initializer: graph.initializer(), cache: cache)
  }

  /// Compiles programs that share their variables into the cache, unless they are there already.
  public func compile(_ programs: [Program], initializer: Program, cache: ArtifactCache) throws -> URL {
    try tuned(for: programs, in: cache).compileTuned(programs, initializer: initializer, cache: cache)
  }

  /// The compiler with what was measured to be best for the first of these programs that anything is known of.
  public func tuned(for programs: [Program], in cache: ArtifactCache) -> ModelCompiler {
    guard options.usesTuning, options.target == .native, options.architecture == nil else { return self }
    let store = TuningStore(cache)
    for program in programs {
      do {
        guard let found = try store.tuning(for: program) else { continue }
        var result = self
        if options.tileRows == nil { result.options.tileRows = found.tileRows }
        if let contractions = found.contractions, options.contractions == .emitted {
          if contractions == .openBLAS, let obstacle = OpenBLAS.obstacle {
            warn("'\(name)' was measured to be fastest with OpenBLAS, which is not used: \(obstacle).")
          } else {
            result.options.contractions = contractions
          }
        }
        return result
      } catch {
        warn((error as? ElbowError)?.message ?? "\(error)")
      }
    }
    return self
  }

  private func compileTuned(_ programs: [Program], initializer: Program, cache: ArtifactCache) throws -> URL {
    let builder = try LibraryBuilder(options)
    let shortcut = ProgramKey.key(programs, initializer, self, builder)
    if let known = cache.library(shortcut) { return known }
    if !programs.isEmpty { report("compiling \(name): \(programs.map(\.name).joined(separator: ", "))") }
    let prelude = precompiledPrelude(for: programs + [initializer], builder)
    // Nobody reads the C of a cached library, so nobody waits for comments with line numbers.
    let library = try emit(programs, initializer: initializer, withLines: false, compiler: builder.manifestCompiler())
    let key = try builder.key(library)
    if cache.library(key) != nil { return try cache.link(shortcut, to: key) }
    let work = try cache.workFolder()
    defer { try? FileManager.default.removeItem(at: work) }
    try LibraryBuilder.write(library, to: work)
    let output = work.appendingPathComponent("library.so")
    try builder.build(library, in: work, to: output, prelude: prelude)
    _ = try cache.store(output, as: key)
    return try cache.link(shortcut, to: key)
  }

  /// Writes C, header and manifest to a folder and builds the library beside them.
  ///
  /// - Returns: The library's place, `folder/libNAME.so`.
  public func compile(_ graph: Graph, _ signatures: [Signature], to folder: URL) throws -> URL {
    let builder = try LibraryBuilder(options)
    let (programs, initializer) = (try signatures.map { try graph.program($0) }, try graph.initializer())
    let prelude = precompiledPrelude(for: programs + [initializer], builder)
    let library = try emit(programs, initializer: initializer, compiler: builder.manifestCompiler())
    try LibraryBuilder.write(library, to: folder)
    try AtomicFile.write(library.manifest.encoded(), to: folder.appendingPathComponent("\(library.prefix).json"))
    let output = folder.appendingPathComponent("lib\(library.prefix).so")
    let unfinished = folder.appendingPathComponent(".lib\(library.prefix)-\(UUID().uuidString).so")
    defer {
      let objects = library.sources.map { folder.appendingPathComponent($0.name + ".o") }
      for file in objects + [unfinished] { unlink(file.path) }
    }
    try builder.build(library, in: folder, to: unfinished, prelude: prelude)
    try AtomicFile.move(unfinished, to: output)
    return output
  }

  /// The headers on their way to being read once for all files, if there is enough to compile.
  private func precompiledPrelude(for programs: [Program], _ builder: LibraryBuilder) -> PrecompiledPrelude? {
    PrecompiledPrelude.shared(builder, nodeCount: programs.map(\.nodes.count).reduce(0, +))
  }
}
