import ElbowArrays
import ElbowGraph
@testable import ElbowToolchain
import Foundation
import TestFolders
import Testing

@testable import ElbowCodegen

/// The key that a library is cached under: other programs and other ways to compile them have other keys.
@Suite struct ProgramKeyTests {
  /// A loop of one step, in whose body an array is added of which only the last element differs.
  private func loop(adding last: Float) throws -> Program {
    func node(_ name: String, _ inputs: [Int], _ attributes: [(String, AttributeValue)]) -> AttributeValue {
      .list([.string(name), .integers(inputs), .list(attributes.map { .list([.string($0), $1]) })])
    }
    let addend = try HostArray([Float](repeating: 0, count: 19) + [last], shape: [20])
    let carry: [(String, AttributeValue)] = [
      ("input", .string("carry0")), ("dtype", .dtype(.float32)), ("shape", .shape([20])),
    ]
    let nodes = [
      node("placeholder", [], carry), node("constant", [], [("value", .array(addend))]), node("add", [0, 1], []),
    ]
    let scan = try Scan(attributes: [
      "body": .list([.list(nodes), .integers([2])]), "carries": .integer(1), "count": .integer(1),
      "reversed": .flag(false), "rows": .integer(0), "result": .string("last"), "index": .integer(0),
    ])
    let graph = Graph()
    let result = graph.apply(scan, [graph.placeholder("x", shape: [20])])
    return try graph.program(Signature("f", outputs: ["y": result]))
  }

  private func key(_ programs: [Program], _ compiler: ModelCompiler = ModelCompiler(name: "m")) throws -> String {
    ProgramKey.key(programs, programs[0], compiler, try LibraryBuilder(compiler.options))
  }

  @Test func theBodyOfALoopCounts() throws {
    #expect(try ProgramKey.fingerprint(loop(adding: 1)) != ProgramKey.fingerprint(loop(adding: 2)))
    #expect(try key([loop(adding: 1)]) != key([loop(adding: 2)]))
    #expect(try key([loop(adding: 1)]) == key([loop(adding: 1)]))
  }

  @Test func theWayOfCompilingCounts() throws {
    let program = try loop(adding: 1)
    var compilers = [ModelCompiler(name: "m"), ModelCompiler(name: "n")]
    compilers += [["n": 1], ["n": 2], ["n": 1, "m": 1]].map { ModelCompiler(name: "m", specialization: $0) }
    compilers += [
      BuildOptions(optimization: 1), BuildOptions(extraFlags: ["-DA -DB"]), BuildOptions(extraFlags: ["-DA", "-DB"]),
      BuildOptions(contractions: .direct), BuildOptions(tileRows: 16), BuildOptions(isProfiled: true),
    ].map { ModelCompiler(name: "m", options: $0) }
    var (lessRewriting, lessScheduling) = (ModelCompiler(name: "m"), ModelCompiler(name: "m"))
    lessRewriting.pipeline.passes.removeFirst()
    lessScheduling.scheduling.passes.removeLast()
    compilers += [lessRewriting, lessScheduling]
    let keys = try compilers.map { try key([program], $0) } + [key([program, program])]
    #expect(Set(keys).count == keys.count)
  }

  /// The second of two models that were taken for one gets its own library, also where their C is the same but for the numbers.
  @Test func modelsGetTheirOwnLibraries() throws {
    let compiler = ModelCompiler(name: "m", options: BuildOptions(optimization: 0))
    let graph = Graph()
    let x = graph.placeholder("x", dtype: .int64, defaultValue: 0x20_0000_0000_0000)
    let program = try graph.program(Signature("f", outputs: ["y": x + 0]))
    var other = program
    other.inputs[0].defaultValue = HostArray(scalar: Int64(0x20_0000_0000_0001))
    try withTemporaryFolder { folder in
      let cache = try ArtifactCache(folder: folder)
      let contents = try [program, other].map {
        try Data(contentsOf: compiler.compile([$0], initializer: graph.initializer(), cache: cache))
      }
      #expect(contents[0] != contents[1])
    }
  }
}
