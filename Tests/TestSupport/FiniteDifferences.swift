import ElbowArrays
import ElbowDifferentiation
import ElbowGraph

/// Compares gradients with central differences in float64, against a projection that is fixed but has no pattern.
///
/// - Parameters:
///   - inputs: The points; each becomes a placeholder of float64.
///   - function: A tensor of any shape.
/// - Returns: The largest difference, relative to the gradient where that exceeds 1.
public func largestGradientError(
  at inputs: [GoldenTensor], step: Double = 1e-5, backend: any GoldenBackend = ReferenceBackend(),
  of function: (Graph, [Tensor]) -> Tensor
) throws -> Double {
  let graph = Graph()
  let placeholders = inputs.enumerated().map { graph.placeholder("x\($0)", shape: $1.shape, dtype: .float64) }
  let value = function(graph, placeholders)
  let count = value.shape.elementCount.value ?? 1
  let weights = (0..<count).map { ((Double($0) * 0.618).truncatingRemainder(dividingBy: 1)) + 0.3 }
  let projection = graph.constant(try HostArray(weights, shape: value.shape.extents ?? [count]))
  let total = (value * projection).sum()
  var outputs = ["total": total]
  for (index, gradient) in gradients(of: total, by: placeholders).enumerated() { outputs["g\(index)"] = gradient }
  let prepared = try backend.prepare(outputs, in: graph)

  func evaluate(_ points: [GoldenTensor]) throws -> [String: HostArray] {
    var feeds: [String: HostArray] = [:]
    for (index, point) in points.enumerated() { feeds["x\(index)"] = try point.array(.float64) }
    return try prepared.run(feeding: feeds).outputs
  }
  let exact = try evaluate(inputs)
  var worst = 0.0
  for (index, input) in inputs.enumerated() {
    let gradient = exact["g\(index)"]?.doubles ?? []
    for element in input.values.indices {
      var (above, below) = (inputs, inputs)
      above[index].values[element] += step
      below[index].values[element] -= step
      let high = try evaluate(above)["total"]?.doubles.first ?? .nan
      let low = try evaluate(below)["total"]?.doubles.first ?? .nan
      let slope = (high - low) / (2 * step)
      let error = abs(gradient[element] - slope) / Swift.max(1, abs(slope))
      worst = error.isNaN ? .infinity : Swift.max(worst, error)
    }
  }
  return worst
}
