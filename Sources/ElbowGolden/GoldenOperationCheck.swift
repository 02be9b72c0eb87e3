import ElbowArrays
import ElbowDifferentiation
import ElbowGraph

/// A case of nn.json: the result, and the gradients of sum(output * upstream).
public struct GoldenOperationCheck {
  static let tolerance = Tolerance(relative: 1e-10, absolute: 1e-10)
  /// Where TensorFlow's gradient is NaN, ours is not compared.
  static let gradientTolerance = Tolerance(relative: 1e-9, absolute: 1e-9)

  let golden: GoldenCase

  public init(golden: GoldenCase) { self.golden = golden }

  func check() throws -> GoldenCheck {
    var builder = GoldenDistributionBuilder()
    var inputs: [String: Tensor] = [:]
    for (name, value) in (golden["inputs"]?.fields ?? [:]).sorted(by: { $0.key < $1.key }) {
      inputs[name] = try builder.input(name, try golden.required("inputs.\(name)", value.tensor))
    }
    let name = golden["op"]?.text ?? "?"
    let operation = try golden.required("op", GoldenOperation.all[name])
    let y = try golden.required("inputs", operation(golden, inputs))
    var expectations = [
      GoldenExpectation(
        name: "output", actual: y,
        expected: try golden.required("output", golden.expected(golden["output"], "output")),
        tolerance: Self.tolerance)
    ]
    let paths = (golden["gradients"]?.fields ?? [:]).filter { $0.value.tensor != nil }.keys.sorted()
    if let upstream = golden["upstream"]?.tensor, !paths.isEmpty {
      let value = (y * builder.graph.constant(try upstream.array(.float64))).sum()
      let by = try paths.map { try golden.required("gradients.\($0)", builder.inputs[$0]) }
      for (path, gradient) in zip(paths, gradients(of: value, by: by)) {
        guard let expected = golden["gradients"]?[path]?.tensor else { continue }
        let skipped = GoldenException.find(golden, "gradients.\(path)")?.skipped ?? []
        expectations.append(
          GoldenExpectation(
            name: "gradients.\(path)", actual: gradient, expected: expected, tolerance: Self.gradientTolerance,
            positions: expected.values.indices.filter { !expected.values[$0].isNaN && !skipped.contains($0) }))
      }
    }
    return GoldenCheck(golden: golden, builder: builder, expectations: expectations)
  }
}
