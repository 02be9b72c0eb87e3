import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

@Suite struct TransformedDistributionTests {
  @Test func aSampleWithItsLogProbabilityInvertsNothing() throws {
    let graph = Graph()
    let logNormal = TransformedDistribution(Normal(in: graph, loc: 0.3, scale: 0.5), bijector: Bijectors.Exp())
    let (sample, logProb) = logNormal.sampleAndLogProb([4])
    let ofSample = logNormal.logProb(sample)
    let program = try graph.program(Signature("test", outputs: ["y": sample, "p": logProb, "q": ofSample]))
    #expect(!program.nodes.contains { type(of: $0.primitive).name == "select" })
    for backend in goldenBackends {
      let values = try backend.values(
        of: ["p": logProb, "q": ofSample, "expected": LogNormal(in: graph, loc: 0.3, scale: 0.5).logProb(sample)],
        in: graph, seed: 7)
      let expected = try #require(values["expected"]).doubles
      for name in ["p", "q"] {
        let found = try #require(values[name]).doubles
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 }, "\(name) on \(backend.name)")
      }
    }
  }

  @Test func outsideTheRangeTheDensityIsZeroAndSoIsItsGradient() throws {
    let graph = Graph()
    let scale = graph.placeholder("scale", dtype: .float64)
    let normal = Normal(loc: graph.zeros([], dtype: .float64), scale: scale)
    let maps: [(String, any Bijector)] = [
      ("exp", Bijectors.Exp()), ("sigmoid", Bijectors.Sigmoid(low: -1.0, high: 0.5)),
      ("softplus", Bijectors.Softplus(low: 0.25)),
      ("chain", Bijectors.Chain([Bijectors.Shift(0.5), Bijectors.Exp(), Bijectors.Scale(2.0)])),
    ]
    let y = graph.placeholder("y", shape: [4], dtype: .float64)
    var outputs: [String: Tensor] = [:]
    for (name, map) in maps {
      let logProb = TransformedDistribution(normal, bijector: map).logProb(y)
      let finite = select(logProb > -.infinity, logProb, logProb.zerosLike())
      outputs[name] = logProb
      outputs[name + "/y"] = gradient(of: finite.sum(), by: y)
      outputs[name + "/scale"] = gradient(of: finite.sum(), by: scale)
    }
    let inside: [String: [Bool]] = [
      "exp": [false, false, true, true], "sigmoid": [false, true, true, false],
      "softplus": [false, false, false, true], "chain": [false, false, false, true],
    ]
    for backend in goldenBackends {
      let values = try backend.values(
        of: outputs, in: graph, feeding: ["y": HostArray([-2, 0, 0.25, 2]), "scale": HostArray(scalar: 1.5)])
      for (name, isInside) in inside {
        let logProb = try #require(values[name]).doubles
        #expect(logProb.map { $0.isFinite } == isInside, "\(name) on \(backend.name): \(logProb)")
        #expect(zip(logProb, isInside).allSatisfy { $1 || $0 == -.infinity })
        let slope = try #require(values[name + "/y"]).doubles
        #expect(slope.allSatisfy(\.isFinite) && zip(slope, isInside).allSatisfy { $1 || $0 == 0 })
        #expect(try #require(values[name + "/scale"]).doubles.allSatisfy(\.isFinite))
      }
    }
  }

  @Test func shapes() throws {
    let graph = Graph()
    let shifted = TransformedDistribution(
      Normal(in: graph, loc: 0, scale: 1), bijector: Bijectors.Shift(graph.constant([1, 2, 3])))
    #expect(
      "\(shifted)" == "TransformedDistribution(\"ShiftNormal\", batchShape: [3], eventShape: [], dtype: float32)")
    #expect(shifted.sample([5]).shape == [5, 3])
    #expect(shifted.mean().shape == [3])
    // The last batch axis becomes the event.
    let simplex = TransformedDistribution(
      Normal(loc: graph.zeros([4, 2]), scale: 1.0), bijector: Bijectors.SoftmaxCentered())
    #expect(simplex.batchShape == [4] && simplex.eventShape == [3])
    #expect(simplex.logProb(graph.full([7, 4, 3], 1.0 / 3)).shape == [7, 4])
    let matrices = TransformedDistribution(
      MultivariateNormalDiag(loc: graph.zeros([6])), bijector: Bijectors.FillScaleTriL())
    #expect(matrices.eventShape == [3, 3])
    #expect(matrices.sample([2]).shape == [2, 3, 3])
    try graph.check()
  }

  /// The draws of one noise for each of the bijector's parameters are independent.
  @Test func drawsOfAParameterBatchDiffer() throws {
    let graph = Graph()
    let shifted = TransformedDistribution(
      Normal(in: graph, loc: 0, scale: 1), bijector: Bijectors.Shift(graph.zeros([2])))
    let values = try ReferenceBackend().value(shifted.sample(), seed: 3).doubles
    #expect(values[0] != values[1])
  }

  @Test func divergenceOfTheSameMap() throws {
    let graph = Graph()
    let (a, b) = (Normal(in: graph, loc: 0, scale: 1), Normal(in: graph, loc: 1, scale: 2))
    let map = Bijectors.Affine(scaleDiag: [2.0])
    let (first, second) = (
      Independent(a.batched, reinterpretedBatchNDims: 1), Independent(b.batched, reinterpretedBatchNDims: 1)
    )
    let same = TransformedDistribution(first, bijector: map).klDivergence(
      TransformedDistribution(second, bijector: map))
    let values = try ReferenceBackend().values(of: ["same": same, "normal": a.klDivergence(b)], in: graph)
    #expect(try #require(values["same"]).doubles == #require(values["normal"]).doubles)
    let other = TransformedDistribution(second, bijector: Bijectors.Affine(scaleDiag: [2.0]))
    #expect(!TransformedDistribution(first, bijector: map).klDivergence(other).isValid)
  }

  /// The tutorial's flow with six layers: the density by compiled code, and what the sampled noise says of it.
  @Test func theTutorialsFlowInSixLayers() throws {
    let graph = Graph()
    func weight(_ layer: Int, _ name: String, _ values: [Double]) -> Tensor {
      graph.variable("layer_\(layer)/\(name)", initialValue: graph.constant(values, dtype: .float64))
    }
    var layers: [any Bijector] = []
    for layer in 0..<6 {
      let bend = Double(layer) * 0.1
      let alpha = abs(weight(layer, "alpha", [bend - 0.3])).squeezed(axes: [0]) + 0.01
      let triangle = Bijectors.FillTriangular().forward(weight(layer, "L", [0.9 + bend, 0.2, 1.3 - bend]))
      let factor = weight(layer, "V", [0.3, bend, -0.2, 0.1]).reshaped([2, 2])
      layers.append(
        Bijectors.Inline(
          forward: { select($0 >= 0, $0, alpha * $0) }, inverse: { select($0 >= 0, $0, $0 / alpha) },
          inverseLogDetJacobian: { -select($0 >= 0, alpha.onesLike(), alpha).logarithms },
          forwardMinEventNDims: 1))
      layers.append(
        Bijectors.Affine(shift: weight(layer, "shift", [bend, -bend]), scaleTriL: triangle, scalePerturbFactor: factor))
    }
    let base = MultivariateNormalDiag(in: graph, loc: [0, 0], dtype: .float64)
    let flow = TransformedDistribution(base, bijector: Bijectors.Chain(layers))
    let x = graph.placeholder("x", shape: [nil, 2], dtype: .float64)
    let logProb = flow.logProb(x)
    let (draws, ofDraws) = flow.sampleAndLogProb([5])
    // The same draws as data: now inverted.
    let again = flow.logProb(draws + 0)
    let parameters = graph.variables(role: .parameter)
    #expect(parameters.count == 24)

    let state = try ReferenceEvaluator(graph.initializer()).run().updates
    let points = try HostArray([0.5, -1, 2, 0.3, -0.7, -1.1], shape: [3, 2])
    let results = try goldenBackends.map { try $0.value(logProb, feeding: ["x": points], state: state).doubles }
    #expect(zip(results[0], results[1]).allSatisfy { abs($0 - $1) <= 1e-12 * max(1, abs($0)) })

    var outputs = ["sampled": ofDraws, "again": again]
    for (index, gradient) in gradients(of: -logProb.mean(), by: parameters).enumerated() {
      outputs["gradient\(index)"] = gradient
    }
    let values = try ReferenceBackend().values(
      of: outputs, in: graph, feeding: ["x": points], state: state, seed: 11)
    let (sampled, inverted) = (try #require(values["sampled"]).doubles, try #require(values["again"]).doubles)
    #expect(zip(sampled, inverted).allSatisfy { abs($0 - $1) < 1e-10 })
    for index in parameters.indices {
      let gradient = try #require(values["gradient\(index)"]).doubles
      #expect(gradient.allSatisfy { $0.isFinite } && gradient.contains { $0 != 0 })
    }
    try flow.bijector.verify(at: HostArray([0.4, -0.9]), in: graph)
  }

  /// The direction that is a loop, and its gradient, in both back ends.
  @Test func anAutoregressiveFlowAndBack() throws {
    let graph = Graph()
    let kernel = graph.placeholder("kernel", shape: [3, 3], dtype: .float64)
    let flow = Bijectors.MaskedAutoregressiveFlow { y in
      // Strictly upper: the columns, which are outputs, see the rows before theirs.
      let hidden = matmul(y, bandPart(kernel, lower: -1, upper: nil))
      return (hidden, 0.3 * tanh(hidden))
    }
    let x = graph.placeholder("x", shape: [2, 3], dtype: .float64)
    let y = flow.forward(x)
    let outputs = [
      "back": flow.inverseFormula(y) ?? graph.invalid(), "logDet": flow.forwardLogDetJacobian(x),
      "gradient": gradient(of: (y * y).sum(), by: kernel),
    ]
    let points = try HostArray([0.4, -0.9, 1.3, 0.1, 0.7, -0.2], shape: [2, 3])
    let weights = try HostArray([0, 0.8, -0.5, 0, 0, 1.2, 0, 0, 0], shape: [3, 3])
    let results = try goldenBackends.map {
      try $0.values(of: outputs, in: graph, feeding: ["x": points, "kernel": weights])
    }
    for result in results {
      #expect(zip(try #require(result["back"]).doubles, points.doubles).allSatisfy { abs($0 - $1) < 1e-14 })
    }
    for name in outputs.keys {
      let (reference, compiled) = (try #require(results[0][name]).doubles, try #require(results[1][name]).doubles)
      #expect(zip(reference, compiled).allSatisfy { abs($0 - $1) <= 1e-12 * max(1, abs($0)) }, "\(name)")
    }
    let error = try largestGradientError(at: [GoldenTensor(shape: [3, 3], values: weights.doubles)]) { graph, inputs in
      let map = Bijectors.MaskedAutoregressiveFlow { y in
        let hidden = matmul(y, bandPart(inputs[0], lower: -1, upper: nil))
        return (hidden, 0.3 * tanh(hidden))
      }
      return map.forward(graph.constant(points))
    }
    #expect(error < 1e-8)
  }

  @Test func aFlowOfSplinesAndCouplings() throws {
    let graph = Graph()
    let spline = Bijectors.RationalQuadraticSpline(
      binWidths: [1.0, 2, 1], binHeights: [2.0, 1, 1], knotSlopes: [0.5, 1.5], rangeMin: -2)
    let coupling = Bijectors.RealNVP(numMasked: 1) { kept, count in
      let wide = kept.broadcast(to: kept.shape.dropLast(1) + [Dimension(count)])
      return (0.3 * wide, tanh(wide))
    }
    let flow = Bijectors.Chain([spline, Bijectors.Permute([2, 0, 1]), coupling])
    let y = TransformedDistribution(
      MultivariateNormalDiag(in: graph, loc: [0, 0, 0], dtype: .float64), bijector: flow)
    #expect(y.eventShape == [3])
    try flow.verify(at: HostArray([0.4, -0.9, 1.3]), in: graph)
    try graph.check()
  }
}

extension Normal {
  /// With a batch axis of one element.
  fileprivate var batched: Normal { Normal(loc: loc.expandedDims(0), scale: scale.expandedDims(0)) }
}

extension Tensor {
  /// The logarithms, summed over the last axis.
  fileprivate var logarithms: Tensor { log(self).sum(axes: [-1]) }
}
