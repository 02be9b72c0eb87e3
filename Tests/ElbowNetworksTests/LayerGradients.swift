import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import TestSupport

/// Compares the gradients of layers, by their inputs and their parameters, with central differences in float64.
///
/// - Parameters:
///   - inputs: The shapes of the layer's inputs.
///   - parameters: The layer's parameters, once it has been called.
///   - apply: The layer's result for its inputs.
/// - Returns: The largest difference, relative to the gradient where that exceeds 1; infinity if a gradient is missing.
func largestLayerGradientError(
  inputs shapes: [[Int]], parameters: () -> [Tensor], _ apply: ([Tensor]) -> Tensor
) throws -> Double {
  let graph = Graph()
  let inputs = shapes.enumerated().map { graph.placeholder("x\($0)", shape: $1, dtype: .float64) }
  let result = apply(inputs)
  try graph.check()
  let weights = pattern(result.shape.elementCount.value ?? 1, scale: 0.618)
  let projection = graph.constant(try HostArray(weights, shape: result.shape.extents ?? []))
  let total = (result * projection).sum()
  let variables = parameters()
  let found = gradients(of: total, by: inputs + variables)
  let names = inputs.indices.map { "x\($0)" } + variables.map { graph.declaration(of: $0)?.name ?? "" }
  var outputs = ["total": total]
  for (name, gradient) in zip(names, found) { outputs["by \(name)"] = gradient }
  let prepared = try ReferenceBackend().prepare(outputs, in: graph)

  var values: [String: HostArray] = [:]
  for (name, tensor) in zip(names, inputs + variables) {
    let shape = tensor.shape.extents ?? []
    values[name] = try HostArray(pattern(shape.reduce(1, *), scale: 0.787 + Double(values.count)), shape: shape)
  }
  func evaluate(_ values: [String: HostArray]) throws -> [String: HostArray] {
    let feeds = values.filter { $0.key.hasPrefix("x") && !$0.key.contains("/") }
    return try prepared.run(feeding: feeds, state: values.filter { feeds[$0.key] == nil }).outputs
  }
  let exact = try evaluate(values)
  var worst = 0.0
  for name in names {
    guard let value = values[name], let gradient = exact["by \(name)"]?.doubles, gradient.count == value.count else {
      return .infinity
    }
    for element in gradient.indices {
      func total(at distance: Double) throws -> Double {
        var (moved, numbers) = (values, value.doubles)
        numbers[element] += distance
        moved[name] = try HostArray(numbers, shape: value.shape)
        return try evaluate(moved)["total"]?.doubles.first ?? .nan
      }
      let slope = try (total(at: 1e-5) - total(at: -1e-5)) / 2e-5
      let error = abs(gradient[element] - slope) / max(1, abs(slope))
      worst = error.isNaN ? .infinity : max(worst, error)
    }
  }
  return worst
}

/// Numbers between -1/2 and 1/2 that are fixed but have no pattern, no two of them alike.
func pattern(_ count: Int, scale: Double) -> [Double] {
  (0..<count).map { ((Double($0) + 1) * scale * 0.7548776662).truncatingRemainder(dividingBy: 1) - 0.5 }
}
