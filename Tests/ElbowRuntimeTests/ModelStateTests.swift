import ElbowArrays
import Foundation
import Testing

@testable import ElbowRuntime

@Suite struct ModelStateTests {
  @Test func variablesAreReadAndSet() throws {
    let model = try ToyLibrary.model()
    #expect(model.variableNames == ["factor", "table", "steps"])
    #expect(try model.value(of: "table") == HostArray([10, 20] as [Float]))
    try model.setValue(HostArray([1, 2] as [Float]), of: "table")
    #expect(try model.value(of: "table") == HostArray([1, 2] as [Float]))
    try model.initialize(seed: 9)
    #expect(try model.value(of: "table") == HostArray([10, 20] as [Float]))
    #expect(model.randomState == .init(seed: 9))
  }

  @Test func valuesThatDoNotFitAVariableAreRefused() throws {
    let model = try ToyLibrary.model()
    #expect(
      elbowError { try model.setValue(HostArray([1, 2, 3] as [Float]), of: "table") }?.message
        == "The variable 'table' is float32[2] and cannot be set to float32[3].")
    #expect(
      elbowError { try model.setValue(HostArray([1] as [Int64]), of: "table") }?.message
        == "The variable 'table' is float32[2] and cannot be set to int64[1].")
    #expect(
      elbowError { _ = try model.value(of: "tables") }?.message
        == "The model 'toy' has no variable 'tables'. It has 'factor', 'table', 'steps'.")
    // The library has the last word on sizes.
    var manifest = ToyLibrary.manifest
    manifest.variables[1].shape = [3]
    let wrong = try CompiledModel(contentsOf: ToyLibrary(manifest: manifest).build())
    #expect(elbowError { _ = try wrong.value(of: "table") }?.kind == .library)
    #expect(elbowError { try wrong.setValue(HostArray(zeros: [3]), of: "table") }?.kind == .library)
  }

  @Test func theRandomStateIsTheSeedAndACounter() throws {
    let model = try ToyLibrary.model(seed: 5)
    _ = try model.run("state")
    #expect(model.randomState == .init(seed: 5, counter: 1))
    model.randomState = .init(seed: .max, counter: 7)
    #expect(try model.run("state")["state"]?.values(as: Int64.self).prefix(2) == [-1, 7])
  }

  @Test func modelsShareAStateInTurn() throws {
    let library = try ToyLibrary.load()
    let state = try ModelState(for: library.manifest)
    let first = try CompiledModel(library: library, state: state)
    #expect(try first.value(of: "factor") == HostArray(scalar: Float(0)))
    try first.initialize(seed: 3)
    let second = try CompiledModel(library: library, state: state)
    try second.setValue(HostArray(scalar: Float(7)), of: "factor")
    #expect(try first.value(of: "factor") == HostArray(scalar: Float(7)))
    #expect(state.withUnsafeBytes { $0.load(as: Float.self) } == 7)
    #expect(state.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) % 64 } == 0)
    #expect(second.state === state)

    var other = library.manifest
    other.stateLayoutFingerprint = "22"
    let foreign = try ModelState(for: other)
    #expect(elbowError { _ = try CompiledModel(library: library, state: foreign) }?.kind == .library)
    other.stateByteCount = .max
    #expect(elbowError { _ = try ModelState(for: other) }?.kind == .library)
  }

  @Test func twoModelsInOneProcessHaveSeparateStates() throws {
    let first = try ToyLibrary.model()
    var manifest = ToyLibrary.manifest
    manifest.name = "second"
    let second = try CompiledModel(contentsOf: ToyLibrary(manifest: manifest).build())
    try first.setValue(HostArray(scalar: Float(7)), of: "factor")
    #expect(try second.value(of: "factor") == HostArray(scalar: Float(2)))
    #expect(try ToyLibrary.model().value(of: "factor") == HostArray(scalar: Float(2)))
  }

  @Test func threadsRunModelsOfTheirOwn() async throws {
    let library = try ToyLibrary.load()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for task in 1...16 {
        group.addTask {
          let model = try CompiledModel(library: library)
          let call = try model.prepare("scale")
          try model.setValue(HostArray(scalar: Float(task)), of: "factor")
          let x = try HostArray([1, 1, 1] as [Float], shape: [1, 3])
          for run in 1...200 {
            let out = try call.run([x, HostArray([Float(run)]), HostArray(scalar: Float(0))])[0]
            guard try out.values(as: Float.self)[2] == Float(task * run) else { return false }
          }
          return try model.value(of: "steps") == HostArray(scalar: Int64(200))
        }
      }
      for try await right in group { #expect(right) }
    }
  }

  @Test func aPreparedSignatureKeepsItsModelAlive() throws {
    let call = try ToyLibrary.model().prepare("state")
    #expect(try call.run([])[0].values(as: Int64.self).prefix(2) == [0, 0])
  }
}
