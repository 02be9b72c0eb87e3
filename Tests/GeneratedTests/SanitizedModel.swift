import Elbow
import struct ElbowGraph.Dimension
import Foundation
import TestFolders

/// An emitted model with a program that runs all of it (`sanitized.c`), for compilers' sanitizers.
struct SanitizedModel {
  let library: EmittedLibrary

  /// A tool that watches a program.
  enum Sanitizer: String, CaseIterable {
    case addressAndUndefined, thread, undefined32

    var flags: [String] {
      switch self {
      case .addressAndUndefined:
        ["-fsanitize=address,undefined,float-cast-overflow", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]
      case .thread: ["-fsanitize=thread"]
      case .undefined32:
        // By an instruction that ends the program, since the sanitizer's library is rarely there for 32 bits. The kernel's
        // headers are the same for both; without gcc-multilib they lie where only 64-bit programs look.
        [
          "-m32", "-msse2", "-mfpmath=sse", "-idirafter", "/usr/include/x86_64-linux-gnu",
          "-fsanitize=undefined,float-cast-overflow", "-fsanitize-undefined-trap-on-error",
        ]
      }
    }
  }

  /// Whether GCC is here and links programs for this sanitizer.
  static func isHere(_ sanitizer: Sanitizer) -> Bool {
    guard let gcc = RunningProcess.find("gcc") else { return false }
    let isLinked = try? withTemporaryFolder { folder in
      let source = folder.appendingPathComponent("empty.c")
      try Data("#include <sys/syscall.h>\nint main(void) { return 0; }\n".utf8).write(to: source)
      let program = folder.appendingPathComponent("empty")
      let arguments = sanitizer.flags + [source.path, "-o", program.path, "-lm", "-lpthread"]
      guard try RunningProcess(gcc, arguments).finish().status == 0 else { return false }
      return try RunningProcess(program, []).finish().status == 0
    }
    return isLinked == true
  }

  /// Compiles the model and the program, and runs it.
  ///
  /// - Returns: The output of the compiler or the program, and whether all is well.
  func outcome(_ sanitizer: Sanitizer) throws -> (isRight: Bool, output: String) {
    guard let gcc = RunningProcess.find("gcc") else { throw ElbowError(.toolchain, "There is no GCC.") }
    return try withTemporaryFolder { folder in
      try LibraryBuilder.write(library, to: folder)
      try Data(interface.utf8).write(to: folder.appendingPathComponent("inputs.h"))
      let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      let program = folder.appendingPathComponent("program")
      let sources =
        library.sources.map { folder.appendingPathComponent($0.name) }
        + [tests.appendingPathComponent("sanitized.c")]
      // Little optimised, so that the code is near to what is written, and quickly compiled.
      let built = try RunningProcess(
        gcc,
        ["-std=gnu11", "-O1", "-g", "-DELBOW_SMALL", "-DELBOW_SHARED_LIBRARY", "-Wno-psabi"] + sanitizer.flags
          + ["-I", folder.path, "-I", tests.path] + sources.map(\.path) + ["-o", program.path, "-lm", "-lpthread"]
      ).finish()
      guard built.status == 0 else { return (false, built.output) }
      // Without address randomisation, which older sanitizers do not cope with.
      let command = RunningProcess.find("setarch").map { ($0, ["-R", program.path]) } ?? (program, [])
      let result = try RunningProcess(command.0, command.1).finish()
      return (result.status == 0 && result.output.hasSuffix("OK\n"), "status \(result.status)\n" + result.output)
    }
  }
}

// MARK: - What the program is told

extension SanitizedModel {
  /// `inputs.h`: tables of what the manifest says, and a function for the shapes of each signature's inputs.
  var interface: String {
    let signatures = library.manifest.signatures
    var text = ""
    for (number, signature) in signatures.enumerated() {
      text += Self.shapesFunction(signature, number)
      text += Self.table(
        "inputs_\(number)", signature.inputs.map { ($0.name, $0.dtype, $0.shape.count, $0.hasDefault) })
      text += Self.table("outputs_\(number)", signature.outputs.map { ($0.name, $0.dtype, $0.shape.count, false) })
    }
    text += "static const signature_kind signatures[] = {\n"
    for (number, signature) in signatures.enumerated() {
      text +=
        "  {\(Self.quoted(signature.name)), inputs_\(number), outputs_\(number), \(signature.inputs.count), "
        + "\(signature.outputs.count), \(Self.symbols(signature).count), shapes_\(number)},\n"
    }
    text += "};\nenum { signature_count = \(signatures.count) };\nstatic const variable_kind variables[] = {\n"
    for variable in library.manifest.variables {
      let byteCount = variable.shape.reduce(variable.dtype.byteCount, *)
      text += "  {\(Self.quoted(variable.name)), \(byteCount)},\n"
    }
    return text + "  {\"\", 0},\n};\nenum { variable_count = \(library.manifest.variables.count) };\n"
  }

  private static func dimension(_ dimension: ManifestDimension) -> Dimension {
    Dimension(parsing: dimension.description) ?? Dimension(0)
  }

  private static func symbols(_ signature: Manifest.Signature) -> [String] {
    signature.inputs.flatMap(\.shape).reduce(into: Set<String>()) { $0.formUnion(dimension($1).symbols) }.sorted()
  }

  /// In unsigned arithmetic, since symbols are given values for which extents overflow.
  private static func shapesFunction(_ signature: Manifest.Signature, _ number: Int) -> String {
    let places = Dictionary(uniqueKeysWithValues: symbols(signature).enumerated().map { ($1, "symbols[\($0)]") })
    func literal(_ value: Int) -> String { "(uint64_t)INT64_C(\(value))" }
    var text = "static void shapes_\(number)(const uint64_t *symbols, int64_t (*shapes)[MOST_RANK]) {\n"
    text += "  (void)symbols, (void)shapes;\n"
    for (index, input) in signature.inputs.enumerated() {
      for (axis, extent) in input.shape.map(dimension).enumerated() {
        let terms = extent.terms.map { term in
          ([literal(term.coefficient)] + term.symbols.map { places[$0] ?? "0" }).joined(separator: " * ")
        }
        let sum = ([literal(extent.constant)] + terms).joined(separator: " + ")
        text += "  shapes[\(index)][\(axis)] = (int64_t)(\(sum));\n"
      }
    }
    return text + "}\n"
  }

  private static func table(_ name: String, _ arrays: [(String, DType, Int, Bool)]) -> String {
    let rows = arrays.map { name, dtype, rank, hasDefault in
      "  {\(quoted(name)), ELBOW_\(dtype.rawValue.uppercased()), \(rank), \(hasDefault ? 1 : 0)},\n"
    }
    return "static const array_kind \(name)[] = {\n" + rows.joined() + "  {\"\", 0, 0, 0},\n};\n"
  }

  /// A literal of C.
  private static func quoted(_ text: String) -> String {
    let characters = text.utf8.map { byte in
      let digits = String(byte, radix: 8)
      return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
    return "\"" + characters.joined() + "\""
  }
}
