import ElbowArrays
import Foundation
import Testing

@testable import ElbowRuntime

@Suite struct CompiledModelTests {
  let x = try? HostArray((1...6).map(Float.init), shape: [2, 3])
  let weights = HostArray([1, 10] as [Float])

  @Test func runsASignatureOnNamedInputs() throws {
    let model = try ToyLibrary.model()
    let outputs = try model.run("scale", inputs: ["x": try #require(x), "weights": weights])
    #expect(outputs["out"] == (try HostArray([2.5, 4.5, 6.5, 80.5, 100.5, 120.5] as [Float], shape: [2, 3])))
    #expect(try outputs["odd"]?.values(as: Bool.self) == [false, true, false, true, false])
    let biased = try model.run(
      "scale", inputs: ["x": try #require(x), "weights": weights, "bias": .init(scalar: Float(0))])
    #expect(try biased["out"]?.values(as: Float.self).last == 120)
    #expect(try model.value(of: "steps") == HostArray(scalar: Int64(2)))
    #expect(model.signatures.map(\.name) == ["scale", "fail", "state", "pad"])
  }

  @Test func repeatedRunsReuseOutputsAndShapes() throws {
    let model = try ToyLibrary.model()
    let call = try model.prepare("scale")
    var outputs: [HostArray] = []
    try call.run([x, weights, nil], into: &outputs)
    let address = outputs[0].withUnsafeBytes { $0.baseAddress }
    for _ in 0..<10 { try call.run([x, weights, nil], into: &outputs) }
    #expect(outputs[0].withUnsafeBytes { $0.baseAddress } == address)
    func shapeCalls() throws -> Int64? { try model.run("state")["state"]?.values(as: Int64.self)[2] }
    // Two outputs of `scale`, and the first time the one of `state`.
    #expect(try shapeCalls() == 3)

    let kept = outputs
    let one = try HostArray(Array(repeating: Float(1), count: 3), shape: [1, 3])
    try model.run("scale", inputs: [one, HostArray([3] as [Float]), nil], into: &outputs)
    #expect(try outputs[0] == HostArray([6.5, 6.5, 6.5] as [Float], shape: [1, 3]))
    #expect(kept[0].shape == [2, 3])
    #expect(try shapeCalls() == 5)
  }

  @Test func inputsThatWereRefusedLeaveNoShapesBehind() throws {
    let call = try ToyLibrary.model().prepare("scale")
    let three = try HostArray(zeros: [3, 3])
    _ = try call.run([x, weights, nil])
    #expect(throws: ElbowError.self) { try call.run([three, weights, nil]) }
    #expect(try call.run([three, HostArray(zeros: [3]), nil])[0].shape == [3, 3])
    #expect(try call.run([x, weights, nil])[0].shape == [2, 3])
  }

  @Test func outputsOfTheWrongKindAreReplaced() throws {
    let call = try ToyLibrary.model().prepare("scale")
    var outputs = [weights, weights, weights]
    try call.run([x, weights, nil], into: &outputs)
    #expect(outputs.map(\.dtype) == [.float32, .bool])
    #expect(weights == HostArray([1, 10] as [Float]))
  }

  @Test func arraysWithoutElementsGoThrough() throws {
    let model = try ToyLibrary.model()
    let none = try HostArray(zeros: [0], dtype: .uint8)
    let rest = try model.run("pad", inputs: ["x": HostArray([1, 2] as [UInt8]), "none": none])
    #expect(rest["rest"]?.shape == [0])
    let error = elbowError { _ = try model.run("pad", inputs: ["x": HostArray([1] as [UInt8]), "none": none]) }
    #expect(error?.kind == .feed)
    #expect(
      error?.message
        == "The model 'toy' failed to find the shape of 'rest' of 'pad': n + 1 must be at least 2.")
  }

  @Test func anInputMayDisagreeWithItself() throws {
    var manifest = ToyLibrary.manifest
    manifest.signatures[0].inputs[1].shape = [.symbolic("m"), .symbolic("m")]
    let model = try CompiledModel(contentsOf: ToyLibrary(manifest: manifest).build())
    let inputs = ["x": try HostArray(zeros: [2, 3]), "weights": try HostArray(zeros: [2, 3])]
    #expect(
      elbowError { _ = try model.run("scale", inputs: inputs) }
        == ElbowError(.feed, "The input 'weights' [2, 3] disagrees with itself about m in float32[m, m]: 2 and 3."))
  }

  @Test(arguments: [
    (["weights": [2]], "The signature 'scale' needs the input 'x'. It takes 'x', 'weights', 'bias' (optional)."),
    (
      ["x": [2, 3], "weights": [2], "weight": [2]],
      "The signature 'scale' has no input 'weight'. Its inputs are 'x', 'weights', 'bias'."
    ),
    (
      ["x": [2, 3], "weights": [1]],
      "The inputs 'x' [2, 3] and 'weights' [1] disagree about n: 2 and 1."
    ),
    (
      ["x": [2, 4], "weights": [2]],
      "The input 'x' has the shape [2, 4], but the signature 'scale' takes float32[n, 3]."
    ),
    (
      ["x": [6], "weights": [2]], "The input 'x' has the shape [6], but the signature 'scale' takes float32[n, 3]."
    ),
    (
      ["x": [0, 3], "weights": [0]],
      "The input 'x' has the shape [0, 3], which makes n 0 in float32[n, 3]; it must be at least 1."
    ),
  ])
  func saysWhichInputDoesNotFit(shapes: [String: [Int]], message: String) throws {
    let inputs = try shapes.mapValues { try HostArray(zeros: $0) }
    let error = elbowError { _ = try ToyLibrary.model().run("scale", inputs: inputs) }
    #expect(error?.message == message)
    #expect(error?.kind == .feed)
  }

  @Test func saysWhatElseIsWrong() throws {
    let model = try ToyLibrary.model()
    let doubles = HostArray([1, 2] as [Double])
    #expect(
      elbowError { _ = try model.run("scale", inputs: ["x": try HostArray(zeros: [2, 3]), "weights": doubles]) }?
        .message
        == "The input 'weights' holds float64, but the signature 'scale' takes float32[n].")
    #expect(
      elbowError { _ = try model.run("scales") }?.message
        == "The model 'toy' has no signature 'scales'. It has 'scale', 'fail', 'state', 'pad'.")
    #expect(
      elbowError { _ = try model.prepare("scale").run([nil]) }?.message
        == "The signature 'scale' takes 3 inputs ('x', 'weights', 'bias'), but 1 were given.")
    #expect(elbowError { try model.setThreads(-1) }?.kind == .invalidArgument)
    #expect(
      elbowError { try model.setThreads(1001) }?.message
        == "The model 'toy' failed to use 1001 threads: 1000 threads are enough.")
    try model.setThreads(2)
  }

  @Test(
    arguments: [
      (0, nil, ""), (1, .feed, "the library knows no signature or variable of that name."),
      (2, .feed, "the library refused an argument."), (3, .library, "there is not enough memory."),
      (4, .library, "its threads could not be started."), (5, .numerics, "The loss is NaN at model.swift:7."),
      (99, .library, "the library gave the unknown status 99."),
    ] as [(Int32, ElbowError.Kind?, String)])
  func turnsStatusesIntoErrors(status: Int32, kind: ElbowError.Kind?, reason: String) throws {
    let error = elbowError { _ = try ToyLibrary.model().run("fail", inputs: ["status": HostArray(scalar: status)]) }
    #expect(error?.kind == kind)
    if kind != nil { #expect(error?.message == "The model 'toy' failed to run 'fail': \(reason)") }
  }

  @Test func refusesWhatTheLibraryMayNotGive() throws {
    let model = try ToyLibrary.model()
    try model.setValue(HostArray(scalar: Float(-1)), of: "factor")
    #expect(
      elbowError { _ = try model.run("scale", inputs: ["x": try #require(x), "weights": weights]) }?.message
        == "The library gave the bool output 'odd' a byte that is neither 0 nor 1.")
    let wrong = try CompiledModel(contentsOf: ToyLibrary(defines: ["BAD_SHAPE"]).build())
    #expect(
      elbowError { _ = try wrong.run("scale", inputs: ["x": try #require(x), "weights": weights]) }?.message
        == "The library contradicts its manifest: it gives the output 'out' of 'scale' the shape [2, 4], but the "
        + "manifest says [n, 3].")
    #expect(
      elbowError { _ = try CompiledModel(contentsOf: ToyLibrary(defines: ["CREATE_STATUS=3"]).build()) }?.message
        == "The model 'toy' could not be created: there is not enough memory.")
    #expect(
      elbowError { _ = try CompiledModel(contentsOf: ToyLibrary(defines: ["CREATE_STATUS=0"]).build()) }?.message
        == "The model 'toy' could not be created: the library gave no model.")
  }
}
