import Elbow
import Foundation
import TestFolders
import Testing

/// Compiled code under the thread sanitizer.
@Suite struct ThreadSanitizerTests {
  @Test func separateHandlesShareNothing() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 20])
    let y = graph.placeholder("y", shape: [nil, 3])
    let error = Dense(3, name: "out")(Dense(60, activation: relu, name: "hidden")(x)) - y
    let train = Adam().minimize(mean(error * error))
    // Large enough that weights are claimed for one thread while they are about to be changed.
    let library = try ModelCompiler(name: "pair").emit(graph, [train.signature("train")], withLines: false)
    #expect(library.sources.contains { $0.text.contains("el_claim(") && $0.name.hasSuffix(".c") })
    try withTemporaryFolder { folder in
      try LibraryBuilder.write(library, to: folder)
      let driver = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "Fixtures/two_handles.c")
      let program = folder.appendingPathComponent("two_handles")
      let sources = library.sources.map { folder.appendingPathComponent($0.name).path } + [driver.path]
      // Not every compiler comes with the sanitizer's library; one of them has to.
      let compilers = ["clang", "/usr/bin/clang", "gcc", "cc"].compactMap { RunningProcess.find($0) }
      let built = try compilers.contains { compiler in
        try RunningProcess(
          compiler,
          ["-std=gnu11", "-O1", "-g", "-fsanitize=thread", "-Wno-psabi", "-I\(folder.path)"] + sources
            + ["-o", program.path, "-lm", "-lpthread"]
        ).finish().status == 0
      }
      try #require(built, "No C compiler could link the thread sanitizer: install libclang-rt-dev or gcc.")
      // Without address randomisation, which older sanitizers do not cope with.
      let arguments = RunningProcess.find("setarch").map { ($0, ["-R", program.path]) } ?? (program, [])
      let result = try RunningProcess(arguments.0, arguments.1).finish()
      #expect(result.status == 0 && result.output.contains("equal"), "\(result.output)")
    }
  }
}
