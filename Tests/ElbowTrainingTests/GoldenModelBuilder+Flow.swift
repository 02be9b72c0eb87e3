import ElbowArrays
import ElbowGraph
import ElbowProbability

// The normalizing flow of the bijector tutorial, as it is written there.
extension GoldenModelBuilder {
  /// `flow_2d_a`, `flow_2d_b`: x = leakyReLU(M u + shift) of normal u, M = fillTriangular(L) + V V^T.
  mutating func makeFlow() {
    func weight(_ name: String, _ shape: Shape) -> Tensor {
      graph.variable(name, initialValue: graph.zeros(shape, dtype: dtype))
    }
    let x = input("x")
    let factor = weight("V", [2, 2])
    let affine = Bijectors.Affine(
      shift: weight("shift", [2]), scaleTriL: Bijectors.FillTriangular().forward(weight("L", [3])),
      scalePerturbFactor: factor)
    let alpha = abs(weight("alpha", [])) + 0.01
    let leakyRelu = Bijectors.Inline(
      forward: { select($0 >= 0, $0, alpha * $0) },
      inverse: { select($0 >= 0, $0, 1 / alpha * $0) },
      inverseLogDetJacobian: { y in
        log(abs(select(y >= 0, y.onesLike(), 1 / alpha))).sum(axes: [-1])
      },
      forwardMinEventNDims: 1)

    let flow = Bijectors.Chain([leakyRelu, affine])
    let base = MultivariateNormalDiag(in: graph, loc: [0.0, 0.0], dtype: dtype)
    let logProb = TransformedDistribution(base, bijector: flow).logProb(x)
    outputs["act/inverse"] = flow.inverse(x)
    outputs["act/log_prob"] = logProb
    outputs["loss/total"] = -logProb.mean()
    total = outputs["loss/total"]
  }
}
