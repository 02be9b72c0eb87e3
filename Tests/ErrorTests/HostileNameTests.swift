import Elbow
import Foundation
import TestFolders
import Testing

/// Names that try to leave a comment, a string, an identifier or a folder.
@Suite struct HostileNameTests {
  static let names: [String] = [
    "a\"; system(\"x\"); //", "../../x", "*/ int x; /*", "\\u0000", "\\", "a\\", "what??/", "??/", "%s%n%d",
    "#include <x>",
    String(repeating: "\u{e9}", count: 100), String(repeating: "\u{1F600}", count: 50), "int", "main", "_", "0",
    "e\u{301}", "\u{202E}x", "a b", ".", "..", "/", "-o", "first_values", "library", "errno", "\u{2028}",
    "$(id)", "`id`", "'; DROP TABLE", "CON", "inputs", "outputs", "model", "symbols", "NULL",
  ]

  private func model(_ name: String) -> (graph: Graph, signatures: [Signature]) {
    let graph = Graph()
    let x = graph.placeholder(name, shape: [nil, 2])
    let w = graph.variable(name, initialValue: graph.ones([2]))
    let y = tanh(x * w)
    return (graph, [Signature(name, outputs: [name: y], updates: [VariableUpdate(w, to: w + 1)])])
  }

  @Test(arguments: names) func aNameStaysAName(_ name: String) throws { try check(name) }

  /// Models named like the library's own headers and types.
  @Test(arguments: ["elbow", "elbow_math", "el"]) func aModelNamedLikeTheLibrary(_ name: String) throws {
    try check(name)
  }

  private func check(_ name: String) throws {
    let (graph, signatures) = model(name)
    try graph.check()
    let library = try ModelCompiler(name: name).emit(graph, signatures)
    for file in library.sources + library.headers {
      #expect(file.name.wholeMatch(of: /[A-Za-z0-9_]+\.[ch]/) != nil, "\(file.name)")
      #expect(file.text.utf8.allSatisfy { $0 < 127 })
    }
    let files = (library.sources + library.headers).map(\.name)
    #expect(Set(files).count == files.count, "two files of one name")
    let read = try Manifest(decoding: library.manifest.encoded())
    #expect(read.name.utf8.elementsEqual(name.utf8))
    #expect(read.variables.map { [UInt8]($0.name.utf8) } == [[UInt8](name.utf8)])
    #expect(read.signatures.map(\.name) == [name])
    #expect(read.signatures.first?.inputs.map(\.name) == [name])
    #expect(read.signatures.first?.outputs.map(\.name) == [name])
    try withTemporaryFolder { folder in
      let inside = folder.appendingPathComponent("a/b")
      try LibraryBuilder.write(library, to: inside)
      let written = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
      #expect(written == (["a", "a/b"] + Set(files).map { "a/b/\($0)" }).sorted())
      for flags in [["-std=gnu11"], ["-std=c11", "-D_GNU_SOURCE", "-trigraphs"]] {
        let sources = library.sources.map { inside.appendingPathComponent($0.name).path }
        let result = try RunningProcess(
          CCompiler().url, flags + ["-fsyntax-only", "-Wall", "-Wextra", "-march=native", "-I", inside.path] + sources
        ).finish()
        #expect(result.status == 0, "\(name): \(result.output.prefix(1500))")
      }
    }
  }

  /// All of them together, compiled, loaded and run.
  @Test func aModelOfHostileNamesRuns() throws {
    let graph = Graph()
    var signatures: [Signature] = []
    for (index, name) in HostileNameTests.names.enumerated() where !name.unicodeScalars.contains("\u{301}") {
      let x = graph.placeholder(name, shape: [nil])
      let w = graph.variable(name, initialValue: graph.constant(Double(index)))
      signatures.append(Signature(name, outputs: [name: x + w]))
    }
    try withTemporaryFolder { folder in
      let compiler = ModelCompiler(name: "*/ \"hostile\" ??/", options: BuildOptions(optimization: 0))
      let model = try CompiledModel(contentsOf: compiler.compile(graph, signatures, to: folder), threads: 1)
      for (index, name) in HostileNameTests.names.enumerated() where !name.unicodeScalars.contains("\u{301}") {
        let outputs = try model.run(name, inputs: [name: HostArray([Float(1)])])
        #expect(outputs[name] == HostArray([Float(index + 1)]))
      }
    }
  }

  /// Names that emitted functions give to what is their own, or take from the library.
  @Test func aModelOfLocalNamesRuns() throws {
    let names = [
      "i0", "i1", "i2", "v0", "v1", "v2", "x0", "x1", "total0", "block0", "lanes0", "row", "row_end", "column", "width",
      "context", "rows", "step", "shared", "frame", "f", "first", "last", "threads", "s", "t", "tile", "dim_n", "key0",
      "el_f32", "el_load_f32", "el_smaller", "EL_LANES", "elbow_model", "int32_t", "INFINITY", "memcpy", "epilogue",
    ]
    let graph = Graph()
    var signatures: [Signature] = []
    for (index, name) in names.enumerated() {
      let x = graph.placeholder(name, shape: [nil, 3])
      let w = graph.variable(name, initialValue: graph.ones([3, 3]))
      let b = graph.variable("b\(index)", initialValue: graph.ones([3]))
      let y = tanh(matmul(x, w) + b) + cumsum(x + 1, axis: 1) + x.sum(axes: [1]).expandedDims(-1)
      signatures.append(Signature("f\(index)", outputs: [name: y, "drawn": y + graph.randomUniform(y.shape)]))
    }
    try withTemporaryFolder { folder in
      let compiler = ModelCompiler(name: "locals", options: BuildOptions(optimization: 0))
      let compiled = try compiler.compile(graph, signatures, to: folder)
      let model = try CompiledModel(contentsOf: compiled, threads: 1)
      let input = try HostArray([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
      let expected = try model.run("f0", inputs: [names[0]: input])[names[0]]
      #expect(expected?.shape == [2, 3])
      for (index, name) in names.enumerated() {
        let found = try model.run("f\(index)", inputs: [name: input])
        #expect(found[name] == expected && found["drawn"]?.shape == [2, 3], "\(name)")
      }
    }
  }

  /// Signatures whose functions' names meet those that the emitter makes from others.
  @Test(arguments: [["a", "A"], ["a b", "a_b", "a/b"], ["run", "create", "create_2"]])
  func namesThatMeet(_ names: [String]) throws { try compileAndRun(names) }

  @Test(arguments: [["a", "a_run"], ["a", "a_shape"]]) func namesThatMeetHelpers(_ names: [String]) throws {
    try compileAndRun(names)
  }

  private func compileAndRun(_ names: [String]) throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil])
    let signatures = names.map { Signature($0, outputs: ["y": x * 2]) }
    try withTemporaryFolder { folder in
      let compiler = ModelCompiler(name: "meet", options: BuildOptions(optimization: 0))
      let library = try CompiledModel(contentsOf: compiler.compile(graph, signatures, to: folder), threads: 1)
      for name in names {
        #expect(try library.run(name, inputs: ["x": HostArray([Float(2)])])["y"] == HostArray([Float(4)]))
      }
    }
  }

  @Test(arguments: ["", "a\u{0}b", "a\nb", "\u{7f}", "\u{85}", String(repeating: "x", count: 201)])
  func controlCharactersAndEndlessNamesAreRefused(_ name: String) {
    let graph = Graph()
    _ = graph.placeholder(name)
    #expect(message { try graph.check() }?.contains("A placeholder cannot be named") == true)
    let other = Graph()
    _ = other.variable(name, initialValue: other.ones([2]))
    #expect(message { try other.check() }?.contains("A variable cannot be named") == true)
  }
}
