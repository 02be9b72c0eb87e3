import Elbow
import Foundation
import TestFolders
import Testing

/// Graphs that were once compiled wrongly or not at all, each as small as it could be made.
@Suite struct ReproductionTests {
  /// All graphs are signatures of one library, and are run on batches of several sizes.
  @Test(arguments: ContractionBackend.allCases)
  func agreeWithReference(contractions: ContractionBackend) throws {
    let programs = try Reproduction.programs()
    let library = try Reproduction.compiled(programs, BuildOptions(optimization: 1, contractions: contractions))
    let model = try CompiledModel(contentsOf: library, threads: 3)
    var random = SplitMix64(seed: 1)
    for program in programs {
      for batch in [1, 5, 33] {
        let feeds = try Reproduction.feeds(program, batch: batch, &random)
        let expected = try ReferenceEvaluator(program).run(feeding: feeds).outputs
        let found = try model.run(program.name, inputs: feeds)
        for (name, value) in expected {
          let what = "\(program.name), batch of \(batch), \(name)"
          expectAgreement(try #require(found[name]), value, "\(what)")
        }
      }
    }
  }
}

/// Updates are simultaneous, also where variables change places.
@Suite struct ExchangedVariablesTests {
  @Test(arguments: [2, 3], [false, true])
  func variablesChangePlaces(count: Int, computes: Bool) throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [5])
    let variables = (0..<count).map { graph.variable("v\($0)", initialValue: graph.full([5], Double($0 + 1))) }
    let updates = variables.indices.map { index in
      let next = variables[(index + 1) % count]
      return VariableUpdate(variables[index], to: computes ? next * Double(index + 2) : next)
    }
    let step = Signature("step", outputs: ["y": variables[0] + x], updates: updates)
    let feeds = ["x": HostArray([1, 2, 3, 4, 5] as [Float])]
    let reference = try Session(graph, backend: .reference)
    let compiled = try Session(graph, threads: 2, options: BuildOptions(optimization: 1))
    for _ in 0..<4 {
      #expect(try compiled.run(step, feeding: feeds) == reference.run(step, feeding: feeds))
      for index in variables.indices {
        #expect(try compiled.value(of: "v\(index)") == reference.value(of: "v\(index)"))
      }
    }
  }
}

/// A variable's new value that is also read, by what reads the old one.
@Suite struct NewValueTests {
  @Test func oldAndNewValueMeet() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [4, 3])
    let variable = graph.variable("v", initialValue: graph.full([1, 3], 2))
    let next = x.max(axes: [0]).reshaped([1, 3])
    let step = Signature(
      "step", outputs: ["y": matmul(variable, next.transposed([1, 0])).sum()],
      updates: [VariableUpdate(variable, to: next)])
    let reference = try Session(graph, backend: .reference)
    let compiled = try Session(graph, threads: 2, options: BuildOptions(optimization: 1))
    for round in 0..<3 {
      let feeds = ["x": try HostArray((0..<12).map { Float(($0 * 7 + round * 5) % 11) }, shape: [4, 3])]
      #expect(try compiled.run(step, feeding: feeds) == reference.run(step, feeding: feeds))
      #expect(try compiled.value(of: "v") == reference.value(of: "v"))
    }
  }
}

/// Graph files that are refused with a sentence.
@Suite struct RefusedGraphTests {
  @Test(arguments: [
    (
      "undetermined_extent",
      "Signature 0 of the graph file does not fit: 'broadcast' in 'f' depends on the extent n, which no input of 'f' "
        + "determines: it has none. Let the signature compute something from a placeholder with an axis of that extent, or "
        + "give the extent as a number."
    ),
    (
      "loop_placeholder_twice",
      "Node 1 ('scan') of the graph file has attributes that do not fit: The body of a loop has two placeholders named "
        + "'carry0'; expected one."
    ),
    (
      "zero_by_huge",
      "Node 0 ('iota') of the graph file does not fit its operands: a result of shape [0, 9223372036854775807, "
        + "9223372036854775807] is too large to hold."
    ),
    (
      "zero_by_huge_reshape",
      "Node 1 ('reshape') of the graph file does not fit its operands: a result of shape [4611686018427387904, 4, 0] is "
        + "too large to hold."
    ),
  ])
  func areRefused(name: String, message: String) throws {
    let error = #expect(throws: ElbowError.self) { try Reproduction.file(name, in: "Refused") }
    #expect(error?.message == message)
  }

  /// A graph written by hand, past Graph.placeholder.
  @Test func twoInputsOfOneName() throws {
    let graph = Graph()
    let a = graph.placeholder("x", shape: [3])
    let b = graph.apply(Placeholder("x", type: TensorType(.float32, [3])), [])
    let error = #expect(throws: ElbowError.self) { try graph.program(Signature("f", outputs: ["y": a + b])) }
    #expect(error?.message.contains("two placeholders named 'x'") == true && error?.location != nil)
  }
}

/// Extents that sizes cannot be computed of are refused before anything is computed, by compiled code and by the evaluator.
@Suite struct ExtentTests {
  private func model(_ program: Program) throws -> CompiledModel {
    try CompiledModel(contentsOf: Reproduction.compiled([program], BuildOptions(optimization: 0)), threads: 1)
  }

  @Test func negativeExtents() throws {
    let program = try #require(Reproduction.programs().first { $0.name == "difference" })
    let feeds = ["x": HostArray([Float](repeating: 1, count: 1000))]
    #expect(
      throws: ElbowError(
        .feed, "In 'difference', 'iota' has the extent -n + 1000, which would be 0 for n = 1000; expected 1 or more.")
    ) { try ReferenceEvaluator(program).run(feeding: feeds) }
    let error = #expect(throws: ElbowError.self) { try model(program).run(program.name, inputs: feeds) }
    #expect(
      error?.message.contains("In 'difference', 'iota' has the extent -n + 1000, which would be 0; expected 1 or more.")
        == true)
  }

  @Test func specialisedToANegativeExtent() throws {
    let program = try #require(Reproduction.programs().first { $0.name == "difference" })
    let compiler = ModelCompiler(name: "difference", specialization: ["n": 1001])
    let error = #expect(throws: ElbowError.self) { try compiler.schedule(program) }
    #expect(error?.kind == .feed)
  }

  /// An output of the negative extent is no reason for another message.
  @Test func negativeOutputs() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil])
    let rest = Shape([10 - x.shape[0]])
    let program = try graph.program(Signature("f", outputs: ["y": graph.iota(rest, axis: 0), "z": x]))
    let error = #expect(throws: ElbowError.self) {
      try model(program).run("f", inputs: ["x": HostArray([Float](repeating: 0, count: 12))])
    }
    #expect(error?.message.contains("'iota' has the extent -n + 10, which would be -2") == true)
  }

  @Test func sizesThatOverflow() throws {
    let program = try #require(Reproduction.programs().first { $0.name == "cube" })
    let feeds = ["x": HostArray([UInt8](repeating: 1, count: 1 << 21))]
    let error = #expect(throws: ElbowError.self) { try model(program).run(program.name, inputs: feeds) }
    #expect(error?.message.contains("sizes of 4*n*n*n = 36893488147419103232, more than can be held here") == true)
  }

  /// Equalities that no renaming could express are checked by compiled code, too.
  @Test func unequalExtents() throws {
    let text = try Reproduction.text("difference", in: "Graphs")
      .replacingOccurrences(of: #""equalities": []"#, with: #""equalities": [{"left": "n*n", "right": "25"}]"#)
    let file = try GraphFile(decoding: [UInt8](text.utf8))
    let program = try file.graph.program(#require(file.signatures.first))
    let model = try model(program)
    _ = try model.run("f", inputs: ["x": HostArray([Float](repeating: 0, count: 5))])
    let error = #expect(throws: ElbowError.self) {
      try model.run("f", inputs: ["x": HostArray([Float](repeating: 0, count: 6))])
    }
    #expect(error?.message.contains("What 'f' is fed makes n*n = 36 and 25 = 25, which have to be equal.") == true)
  }
}

/// The interface of a library is what was written, whatever the compiler finds to make no difference.
@Suite struct InterfaceTests {
  @Test func inputsStay() throws {
    let program = try #require(Reproduction.programs().first { $0.name == "dropped_input" })
    #expect(program.inputs.map(\.name) == ["p16", "p7"])
    #expect(try Pipeline().run(program).inputs.map(\.name) == ["p16", "p7"])
  }

  @Test func int64IsPrintedInFull() throws {
    let program = try #require(Reproduction.programs().first { $0.name == "int64_extremes" })
    let constant = try #require(program.nodes.lazy.compactMap { $0.primitive as? Constant }.first)
    #expect("\(constant.value)" == "[ 9223372036854775807, -9223372036854775808,  9223372036854775295]")
  }
}

/// The graphs of a folder.
enum Reproduction {
  private static func folder(_ name: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(name)
  }

  /// A graph by its file's name.
  static func file(_ name: String, in folder: String = "Graphs") throws -> GraphFile {
    try GraphFile(decoding: [UInt8](text(name, in: folder).utf8))
  }

  static func text(_ name: String, in folder: String) throws -> String {
    try String(contentsOf: Reproduction.folder(folder).appendingPathComponent(name + ".json"), encoding: .utf8)
  }

  /// The program of each graph, which goes by the file's name.
  static func programs() throws -> [Program] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder("Graphs").path).filter {
      $0.hasSuffix(".json")
    }
    return try names.sorted().map { name in
      let file = try file(String(name.dropLast(5)))
      var program = try file.graph.program(#require(file.signatures.first))
      program.name = String(name.dropLast(5))
      return program
    }
  }

  /// Where compiled code lies, until the process ends.
  private static let cacheFolder = Result { try TemporaryFolder("elbow-reproductions") }

  static func compiled(_ programs: [Program], _ options: BuildOptions) throws -> URL {
    let cache = try ArtifactCache(folder: cacheFolder.get().url)
    var compiler = ModelCompiler(name: "reproductions", options: options)
    compiler.scheduling.isVerified = true
    return try compiler.compile(
      programs, initializer: Graph().initializer(), cache: cache)
  }

  /// Random inputs, every symbol being the size of the batch.
  static func feeds(_ program: Program, batch: Int, _ random: inout SplitMix64) throws -> [String: HostArray] {
    var feeds: [String: HostArray] = [:]
    for input in program.inputs {
      let symbols = Dictionary(uniqueKeysWithValues: program.symbols.map { ($0, batch) })
      let shape = try #require(input.type.shape.evaluated(with: symbols))
      let numbers = (0..<shape.reduce(1, *)).map { _ in Double.random(in: -1...1, using: &random) }
      feeds[input.name] =
        switch input.type.dtype {
        case .float32: try HostArray(numbers.map { Float($0) }, shape: shape)
        case .float64: try HostArray(numbers, shape: shape)
        case .int32: try HostArray(numbers.map { Int32($0 * 10) }, shape: shape)
        case .int64: try HostArray(numbers.map { Int64($0 * 10) }, shape: shape)
        case .uint8: try HostArray(numbers.map { UInt8($0.magnitude * 10) }, shape: shape)
        case .uint32: try HostArray(numbers.map { UInt32($0.magnitude * 10) }, shape: shape)
        case .bool: try HostArray(numbers.map { $0 > 0 }, shape: shape)
        }
    }
    return feeds
  }
}

/// Whether every element agrees: integers exactly, others but for rounding at the scale of the largest.
func expectAgreement(_ found: HostArray, _ expected: HostArray, _ what: Comment) {
  guard found.dtype == expected.dtype, found.shape == expected.shape else {
    Issue.record("\(what): \(found.dtype)\(found.shape), not \(expected.dtype)\(expected.shape)")
    return
  }
  guard expected.dtype.isFloatingPoint else {
    #expect(found == expected, what)
    return
  }
  let scale = expected.doubles.filter(\.isFinite).map(\.magnitude).max() ?? 0
  let bound = (expected.dtype == .float32 ? 1e-5 : 1e-12) * scale
  for (index, (a, b)) in zip(found.doubles, expected.doubles).enumerated() {
    guard a == b || (a.isNaN && b.isNaN) || (a - b).magnitude <= bound else {
      Issue.record("\(what): element \(index) is \(a), not \(b)")
      return
    }
  }
}
