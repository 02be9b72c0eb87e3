import Elbow

// The normalizing flow of the plane: W5.
extension Workload {
  /// `flow`: pairs of an affine map and a leaky ReLU after it, from normal noise to data:
  ///
  ///     x = leakyReLU(M u + shift),  M = fillTriangular(L) + V V^T,  slope abs(a) + 0.01
  ///
  /// The density of data takes the inverse, of 2 x 2 matrices in closed form.
  static func flow(_ name: String, pairs: Int) -> Workload {
    let graph = Graph()
    let points = graph.placeholder("points", shape: [nil, 2])
    let parameters = (0..<pairs).map { FlowPair(graph, "pair\($0)") }
    var point = (points[TensorIndex.all, 0], points[TensorIndex.all, 1])
    var logDeterminant = graph.zeros([])
    for pair in parameters.reversed() {
      let (inverse, change) = pair.inverse(point)
      point = inverse
      logDeterminant = logDeterminant + change
    }
    let base = Normal(in: graph, loc: 0, scale: 1)
    let logProb = base.logProb(point.0) + base.logProb(point.1) + logDeterminant
    return Workload(
      name: name, batch: 100, graph: graph,
      train: Adam(learningRate: 1e-4).minimize(-mean(logProb)).signature(),
      layerMACs: [4 * pairs], firstInputIsData: false, inputs: .points)
  }
}

/// One affine map of the plane and the leaky ReLU after it.
private struct FlowPair {
  let shift: Tensor
  let matrix: Tensor
  let slope: Tensor

  init(_ graph: Graph, _ name: String) {
    (shift, matrix, slope) = graph.scope(name) {
      let shift = graph.variable("shift", initialValue: graph.zeros([2]))
      let triangle = graph.variable("L", initialValue: graph.constant([1, 0.1, 1]))
      let factor = graph.variable("V", initialValue: 0.1 * graph.randomNormal([2, 2]))
      let slope = graph.variable("a", initialValue: graph.constant(0.5))
      return (shift, fillTriangular(triangle) + matmul(factor, factor, transposeB: true), abs(slope) + 0.01)
    }
  }

  /// Where points come from, and the logarithm of how much the way back stretches the plane there.
  func inverse(_ point: (Tensor, Tensor)) -> (point: (Tensor, Tensor), logDeterminant: Tensor) {
    func straightened(_ x: Tensor) -> (value: Tensor, change: Tensor) {
      (select(x < 0, x / slope, x), select(x < 0, log(slope), slope.zerosLike()))
    }
    let (first, second) = (straightened(point.0), straightened(point.1))
    let (x, y) = (first.value - shift[0], second.value - shift[1])
    let (a, b, c, d) = (matrix[0, 0], matrix[0, 1], matrix[1, 0], matrix[1, 1])
    let determinant = a * d - b * c
    return (
      ((d * x - b * y) / determinant, (a * y - c * x) / determinant),
      -(first.change + second.change) - log(abs(determinant))
    )
  }
}
