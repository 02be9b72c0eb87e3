import ElbowEmission

extension EmittedLibrary {
  /// `BUILD.txt`: the command lines that compile the files for a target, to be run in their folder.
  ///
  /// - Parameter headers: The folder of the headers that are the same for all models, seen from there; nil if they lie there, too.
  public func instructions(_ options: BuildOptions, headers: String? = nil) -> File {
    let target = options.target
    let names = sources.map(\.name).sorted().joined(separator: " ")
    let suffix = target.isWebAssembly ? "wasm" : "so"
    let compiler = target.isWebAssembly ? "clang --target=\(target.triple ?? target.architecture)" : "cc"
    let include = headers.map { ["-I\($0)"] } ?? []
    func line(_ words: [String]) -> String { "    " + words.joined(separator: " ") }
    var lines = [
      "How to compile the C in this folder for the target '\(target.name)'.", "",
      target.isWebAssembly ? "A module, whose host calls its functions:" : "A library:", "",
      line(
        [compiler] + options.libraryFlags + options.extraFlags + target.libraryFlags + include + [names, "-o"]
          + ["lib\(prefix).\(suffix)"] + options.systemLibraries),
      "", "A program with a main.c of its own:", "",
      line(
        [compiler] + options.programFlags + options.extraFlags + include + [names, "main.c", "-o"]
          + [target.isWebAssembly ? "program.wasm" : "program"] + options.systemLibraries),
    ]
    if let triple = target.triple, let crossCompiler = target.crossCompiler {
      lines += [
        "", "On a machine of another architecture, write one of these instead of cc:", "",
        line(["clang --target=\(triple)"]), line([crossCompiler]),
      ]
    }
    if !target.packages.isEmpty {
      lines += ["", "Debian's packages for that: \(target.packages.joined(separator: " "))"]
    }
    return File(name: "BUILD.txt", text: lines.joined(separator: "\n") + "\n")
  }
}
