import ElbowArrays
import ElbowGraph
import ElbowProbability

// The normalizing flow of the bijector tutorial, from tensor operations.
extension GoldenModelBuilder {
  /// `flow_2d_a`, `flow_2d_b`: x = leakyReLU(M u + shift) of normal u, M = fillTriangular(L) + V V^T, inverted in closed form.
  mutating func makeFlow() {
    func weight(_ name: String, _ shape: Shape) -> Tensor {
      graph.variable(name, initialValue: graph.zeros(shape, dtype: dtype))
    }
    let x = input("x")
    let factor = weight("V", [2, 2])
    let matrix = fillTriangular(weight("L", [3])) + matmul(factor, factor, transposeB: true)
    let shift = weight("shift", [2])
    let slope = abs(weight("alpha", [])) + 0.01

    let isBent = x < 0
    let bend = -select(isBent, log(slope), slope.zerosLike()).sum(axes: [-1])
    let straight = select(isBent, x / slope, x) - shift
    let (first, second) = (straight[TensorIndex.all, 0], straight[TensorIndex.all, 1])
    let determinant = matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0]
    let inverse = stack(
      [
        (matrix[1, 1] * first - matrix[0, 1] * second) / determinant,
        (matrix[0, 0] * second - matrix[1, 0] * first) / determinant,
      ], axis: 1)
    let base = MultivariateNormalDiag(in: graph, loc: [0.0, 0.0], dtype: dtype)
    let logProb = base.logProb(inverse) + bend - log(abs(determinant))
    outputs["act/inverse"] = inverse
    outputs["act/log_prob"] = logProb
    outputs["loss/total"] = -logProb.mean()
    total = outputs["loss/total"]
  }
}
