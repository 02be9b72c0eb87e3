import Elbow
import Testing

// "Getting into the flow: Bijectors in TensorFlow Probability" (Keydana 2019), in the order and with the names of its text. A comment
// behind a line is what the text prints for it.

@Suite struct IntoTheFlow {
  @Test func bijectors() throws {
    let graph = Graph()
    let u = graph.randomUniform([1000])
    let lambda = 0.5  // pick some lambda
    let exponential = -1 / lambda * log(1 - u)
    #expect(try abs(exponential.value().mean() - 1 / lambda) < 0.2)

    let x = 2.01
    var dN = Normal(in: graph, loc: 0, scale: 1)
    #expect(try abs(dN.logProb(x).value().item() - -2.938989) < 1e-6)  // -2.938989

    let normalCDF = Bijectors.NormalCDF()
    let dU = Uniform(in: graph, low: 0, high: 1)
    let l = dU.logProb(normalCDF.forward(graph.constant(x)))
    let j = normalCDF.forwardLogDetJacobian(graph.constant(x), eventNDims: 0)
    #expect(try abs((l + j).value().item() - -2.938989) < 1e-6)  // -2.938989

    let xs = graph.constant([0, 0.5, 1])
    let b = Bijectors.AffineScalar(shift: 0, scale: 2)
    dN = Normal(in: graph, loc: 0, scale: 1)
    // -0.9189385 -1.0439385 -1.4189385
    #expect("\(try dN.logProb(xs).value())" == "[-0.9189385, -1.0439385, -1.4189385]")
    let z = b.forward(xs)
    let stretched = dN.logProb(b.inverse(z)) + b.inverseLogDetJacobian(z, eventNDims: 0)
    // -1.6120857 -1.7370857 -2.1120858
    #expect(try stretched.value().isClose(to: HostArray([-1.6120857, -1.7370857, -2.1120858]), relative: 1e-6))

    let dT = TransformedDistribution(dN, bijector: b)
    // 0.5000000 0.6914625 0.8413447, twice
    for cdf in [dN.cdf(xs), dT.cdf(z)] {
      #expect(try cdf.value().isClose(to: HostArray([0.5, 0.6914625, 0.8413447]), relative: 1e-6))
    }
  }

  /// alpha is a learnable parameter
  func bijectorLeakyReLU(_ alpha: Tensor) -> any Bijector {
    Bijectors.Inline(
      // forward transform leaves positive values untouched and scales negative ones by alpha
      forward: { x in select(x >= 0, x, alpha * x) },
      // inverse transform leaves positive values untouched and scales negative ones by 1/alpha
      inverse: { y in select(y >= 0, y, 1 / alpha * y) },
      // volume change is 0 when positive and 1/alpha when negative
      inverseLogDetJacobian: { y in
        let i = y.onesLike()
        let jInv = select(y >= 0, i, 1 / alpha * i)
        let logAbsDetJInv = log(abs(jInv))
        return logAbsDetJInv.sum(axes: [1])
      },
      forwardMinEventNDims: 1)
  }

  @Test func aFlow() throws {
    let graph = Graph()
    // where we start from
    let baseDist = MultivariateNormalDiag(in: graph, loc: [0, 0])
    // where we want to go
    let targetDist = MultivariateNormalDiag(in: graph, loc: [1, 1], scaleIdentityMultiplier: 2)
    // create training data from the target distribution
    let targetSamples = try targetDist.sample(1000).value()

    let batchSize = 100
    let dataset = try DataPipeline(Dataset(columns: [("batch", targetSamples)]), batchSize: batchSize)
      .shuffled(bufferSize: targetSamples.shape[0], seed: 0)

    let d = 2  // dimensionality
    let r = 2  // rank of update
    // shift of affine bijector
    let shift = graph.variable("shift", shape: [d])
    // scale of affine bijector
    let l = graph.variable("L", shape: [d * (d + 1) / 2])
    // rank-r update
    let v = graph.variable("V", shape: [d, r])
    // scaling factor of parameterized relu
    let alpha = abs(graph.variable("alpha", shape: [])) + 0.01

    let batch = graph.placeholder("batch", shape: [nil, d])
    let affine = Bijectors.Affine(
      shift: shift, scaleTriL: Bijectors.FillTriangular().forward(l), scalePerturbFactor: v)
    let lrelu = bijectorLeakyReLU(alpha)
    let flow = Bijectors.Chain([lrelu, affine])
    let dist = TransformedDistribution(baseDist, bijector: flow)
    let loss = -mean(dist.logProb(batch))

    let optimizer = Adam(learningRate: 1e-2)  // The text's 1e-4 takes its 100 epochs.
    let step = optimizer.minimize(loss)
    let session = try Session(graph, seed: 42)
    let nEpochs = 5
    var losses: [Double] = []
    for i in 1...nEpochs {
      var iter = try dataset.batches(inEpoch: i)
      while let next = try iter.next() {
        guard let samples = next["batch"] else { continue }
        losses.append(try session.run(step, feeding: [batch: samples]).item())
      }
      // keep track of progress
      print(losses.last ?? 0)
    }
    #expect(losses.suffix(10).reduce(0, +) < losses.prefix(10).reduce(0, +))
  }
}
