import Elbow
import Testing

/// `validateArguments`: illegal parameters are errors of the run, compiled or not, and change nothing.
@Suite struct ArgumentValidationTests {
  @Test(arguments: [Session.Backend.reference, .compiled])
  func anIllegalScaleIsNamedWithItsLine(backend: Session.Backend) throws {
    let graph = Graph()
    let scale = graph.placeholder("s", shape: [nil])
    let line = #line + 1
    let normal = Normal(loc: graph.zeros([]), scale: scale).validateArguments()
    let logProb = normal.logProb(0)
    let session = try Session(graph, backend: backend)
    let feeds = HostArray([Float(1), 2, 0.5])
    #expect(try session.run(logProb, feeding: [scale: feeds]).count == 3)
    let error = #expect(throws: ElbowError.self) {
      try session.run(logProb, feeding: [scale: HostArray([Float(1), -2, 0.5])])
    }
    #expect(error?.kind == .invalidArgument)
    #expect(error?.message == "The parameter 'scale' of Normal must be positive, but is not in this run.")
    #expect(error?.location?.line == line)
    #expect(error?.location?.file.hasSuffix("ArgumentValidationTests.swift") == true)
    #expect(try session.run(logProb, feeding: [scale: feeds]).count == 3)
  }

  @Test(arguments: [Session.Backend.reference, .compiled])
  func variablesKeepTheirValues(backend: Session.Backend) throws {
    let graph = Graph()
    let probs = graph.placeholder("p", shape: [])
    let total = graph.variable("total", initialValue: graph.zeros([]))
    let pair = Independent(Bernoulli(probs: probs.broadcast(to: [2])), reinterpretedBatchNDims: 1, name: "coin")
      .validateArguments()
    let signature = Signature(
      "count", outputs: ["logProb": pair.logProb([1, 0])], updates: [VariableUpdate(total, to: total + 1)])
    let session = try Session(graph, backend: backend)
    for (p, isLegal) in [(Float(0.5), true), (1.5, false), (.nan, false), (1, true)] {
      do {
        let outputs = try session.run(signature, feeding: ["p": HostArray(scalar: p)])
        #expect(isLegal && outputs.keys.sorted() == ["logProb"])
      } catch let error as ElbowError {
        #expect(!isLegal && error.message.contains("'probs' of Bernoulli must lie between 0 and 1"))
      }
    }
    #expect(try session.value(of: "total").doubles == [2])
  }

  /// Only programs that compute a parameter check it, and two checks of one text are both made.
  @Test func whatIsNotComputedIsNotChecked() throws {
    let graph = Graph()
    let (a, b) = (graph.placeholder("a", shape: []), graph.placeholder("b", shape: []))
    let first = Exponential(rate: a).validateArguments()
    let second = Exponential(rate: b).validateArguments()
    let session = try Session(graph, backend: .reference)
    let (good, bad) = (HostArray(scalar: Float(1)), HostArray(scalar: Float(-1)))
    #expect(throws: Never.self) { try session.run(first.mean(), feeding: [a: good]) }
    #expect(throws: ElbowError.self) { try session.run(first.mean() + second.mean(), feeding: [a: good, b: bad]) }
    #expect(throws: ElbowError.self) { try session.run(first.mean() + second.mean(), feeding: [a: bad, b: good]) }
  }
  @Test func matricesAreChecked() throws {
    let graph = Graph()
    let matrix = graph.placeholder("m", shape: [2, 2])
    let normal = MultivariateNormalFullCovariance(loc: graph.zeros([2]), covarianceMatrix: matrix).validateArguments()
    let session = try Session(graph, backend: .reference)
    #expect(throws: Never.self) {
      try session.run(normal.entropy(), feeding: [matrix: HostArray([Float(2), 1, 1, 2], shape: [2, 2])])
    }
    let error = #expect(throws: ElbowError.self) {
      try session.run(normal.entropy(), feeding: [matrix: HostArray([Float(1), 2, 2, 1], shape: [2, 2])])
    }
    #expect(
      error?.message
        == "The parameter 'covarianceMatrix' of MultivariateNormalFullCovariance must be positive definite, but is not in this "
        + "run.")
  }
}
