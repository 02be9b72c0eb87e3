import Elbow
import Testing

/// The messages of a session that checks numerics, which loses nothing.
@Suite struct NumericsCheckTests {
  @Test(arguments: [Session.Backend.reference, .compiled])
  func namesTheFirstOperation(_ backend: Session.Backend) throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil])
    let weight = graph.variable("weight", initialValue: graph.constant(2))
    let scaled = weight * x
    let logarithm = log(scaled); let line = #line
    let loss = mean(logarithm * logarithm)
    let train = SGD(learningRate: 0.1).minimize(loss)
    let session = try Session(graph, backend: backend, cache: temporaryCache())
    session.checksNumerics = true
    let signature = Signature("train", outputs: ["loss": loss], updates: train.updates)
    try session.run(signature, feeding: ["x": HostArray([Float(1), 2])])
    let before = try session.value(of: "weight")
    let error = #expect(throws: ElbowError.self) {
      try session.run(signature, feeding: ["x": HostArray([Float(1), 0, 3])])
    }
    #expect(error?.kind == .numerics)
    #expect(error?.location?.line == line)
    #expect(error?.message.contains("'log'") == true && error?.message.contains("at [1]") == true)
    #expect(try session.value(of: "weight") == before)
    try session.run(signature, feeding: ["x": HostArray([Float(1), 2])])
  }

  @Test func namesTheGradient() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [3])
    let weight = graph.variable("weight", initialValue: graph.constant(1))
    let root = sqrt(weight * x); let line = #line
    let train = SGD(learningRate: 0.1).minimize(sum(root))
    let session = try Session(graph, cache: temporaryCache())
    session.checksNumerics = true
    // The square root of 0 is finite, its derivative is not.
    let error = #expect(throws: ElbowError.self) {
      try session.run(
        Signature("train", outputs: ["loss": train.loss], updates: train.updates),
        feeding: ["x": HostArray([Float(0), 1, 2])])
    }
    #expect(error?.kind == .numerics && error?.location?.line == line)
  }
}
