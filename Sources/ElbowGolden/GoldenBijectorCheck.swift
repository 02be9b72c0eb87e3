import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowProbability

/// Every field of cases of bijectors.json, and their gradients. Cases may share a graph, for compiling each by itself would
/// take most of the time.
public enum GoldenBijectorCheck {
  /// The floor is one unit in the last place of 1.
  static let tolerance = Tolerance(relative: 1e-10, absolute: 2.3e-16)
  /// Sums over events cancel.
  static let sumTolerance = Tolerance(relative: 1e-10, absolute: 1e-13)
  /// Gradients are sums of terms that cancel.
  static let gradientTolerance = Tolerance(relative: 1e-10, absolute: 1e-13)
  static let float32Tolerance = Tolerance(relative: 2e-5, absolute: 2e-6)

  /// Cases whose y rounds to an end of its range in float32, or nearly so.
  private static let nearEnds: Set<String> = ["GumbelCDF/3", "WeibullCDF/5"]

  /// The bijector of a case, if it is supported.
  @Sendable public static func kind(_ golden: GoldenCase) -> String? {
    guard let name = golden["bijector"]?.text else { return nil }
    var builder = GoldenDistributionBuilder()
    return name == "Split" || (try? builder.bijector(golden.value)) != nil ? name : nil
  }

  /// The differences in cases that share a graph, a sentence each.
  ///
  /// - Parameter dtype: In float32 the values, where no argument is extreme; in float64 gradients as well.
  public static func mistakes(
    _ cases: [GoldenCase], in dtype: DType = .float64, on backends: [any GoldenBackend]
  ) throws -> [String] {
    var builder = GoldenDistributionBuilder(dtype: dtype)
    var results: [GoldenResult] = []
    for golden in cases {
      if golden["bijector"]?.text == "Split" {
        results += try split(golden, &builder)
      } else if dtype == .float64 {
        let (bijector, x, y) = try make(golden, &builder)
        results += try values(golden, bijector, x, y) + gradients(golden, bijector, x, y, &builder)
      } else if !golden.tags.contains("edge") && !nearEnds.contains(golden.id) {
        let (bijector, x, y) = try make(golden, &builder)
        results += try values(golden, bijector, x, y)
      }
    }
    guard !results.isEmpty else { return [] }
    let outputs = Dictionary(results.map { ($0.name, $0.tensor) }) { first, _ in first }
    return try backends.flatMap { backend in
      let values = try backend.values(of: outputs, in: builder.graph, feeding: builder.feeds)
      return results.compactMap { result in
        result.difference(values[result.name], tolerance: dtype == .float32 ? float32Tolerance : nil).map {
          "\(result.name) in \(dtype) on \(backend.name): \($0)."
        }
      }
    }
  }

  private static func split(
    _ golden: GoldenCase, _ builder: inout GoldenDistributionBuilder
  ) throws -> [GoldenResult] {
    let x = try builder.input(golden.id + ":x", golden.required("x", golden["x"]?.tensor))
    let split = Bijectors.Split(golden["options"]?["num_or_size_splits"]?.integers ?? [])
    let parts = split.forward(x)
    let wanted = (golden["forward"]?.list ?? []).compactMap(\.tensor)
    func result(_ field: String, _ tensor: Tensor, _ expected: GoldenTensor) -> GoldenResult {
      GoldenResult(name: "\(golden.id).\(field)", tensor: tensor, expected: expected, tolerance: tolerance)
    }
    guard parts.count == wanted.count else {
      throw ElbowError(.data, "The golden case '\(golden.id)' has \(wanted.count) parts, but \(parts.count) are made.")
    }
    return zip(parts, wanted).enumerated().map { result("forward[\($0)]", $1.0, $1.1) } + [
      result("inverse", split.inverse(parts), try golden.required("inverse", golden["inverse"]?.tensor)),
      result(
        "forward_log_det_jacobian", split.forwardLogDetJacobian(x),
        try golden.required("log determinant", golden["forward_log_det_jacobian"]?["1"]?.tensor)),
    ]
  }

  private static func make(
    _ golden: GoldenCase, _ builder: inout GoldenDistributionBuilder
  ) throws -> (any Bijector, x: Tensor, y: Tensor) {
    let path = golden.id + ":"
    return (
      try builder.bijector(golden.value, path: path),
      try builder.input(path + "x", golden.required("x", golden["x"]?.tensor)),
      try builder.input(path + "y", golden.required("y", golden["y"]?.tensor))
    )
  }

  private static func values(
    _ golden: GoldenCase, _ bijector: any Bijector, _ x: Tensor, _ y: Tensor
  ) throws -> [GoldenResult] {
    var quantities: [(String, GoldenValue?, Tensor)] = [
      ("forward", golden["forward"], bijector.forward(x)), ("inverse", golden["inverse"], bijector.inverse(y)),
    ]
    for (count, value) in (golden["forward_log_det_jacobian"]?.fields ?? [:]).sorted(by: { $0.key < $1.key }) {
      let tensor = bijector.forwardLogDetJacobian(x, eventNDims: Int(count))
      quantities.append(("forward_log_det_jacobian.\(count)", value, tensor))
    }
    for (count, value) in (golden["inverse_log_det_jacobian"]?.fields ?? [:]).sorted(by: { $0.key < $1.key }) {
      let tensor = bijector.inverseLogDetJacobian(y, eventNDims: Int(count))
      quantities.append(("inverse_log_det_jacobian.\(count)", value, tensor))
    }
    return quantities.compactMap { field, value, tensor in
      golden.expected(value, field).map { expected in
        let exception = GoldenException.find(golden, field)
        return GoldenResult(
          name: "\(golden.id).\(field)", tensor: tensor, expected: expected,
          tolerance: exception?.tolerance ?? (field.contains(".") ? Self.sumTolerance : Self.tolerance),
          skipped: exception?.skipped ?? [])
      }
    }
  }

  private static func gradients(
    _ golden: GoldenCase, _ bijector: any Bijector, _ x: Tensor, _ y: Tensor,
    _ builder: inout GoldenDistributionBuilder
  ) throws -> [GoldenResult] {
    var results: [GoldenResult] = []
    for (field, value) in (golden["gradients"]?.fields ?? [:]).sorted(by: { $0.key < $1.key }) {
      var total: Tensor
      switch field {
      case "forward": total = bijector.forward(x)
      case "forward_weighted":
        let cotangent = try golden.required("cotangent", value["cotangent"]?.tensor)
        total = bijector.forward(x) * (try builder.input(golden.id + ":cotangent", cotangent))
      case "forward_log_det_jacobian": total = bijector.forwardLogDetJacobian(x)
      case "inverse": total = bijector.inverse(y)
      case "inverse_log_det_jacobian": total = bijector.inverseLogDetJacobian(y)
      default: continue
      }
      let paths = value.fields.keys.filter { $0 != "cotangent" && !$0.hasPrefix("mask") }.sorted()
      let by = try paths.map { try golden.required("gradients.\(field).\($0)", builder.inputs[golden.id + ":" + $0]) }
      total = total.sum() * repetitions(golden, field, total)
      for (path, gradient) in zip(paths, ElbowDifferentiation.gradients(of: total, by: by, unconnected: .zero)) {
        let name = "gradients.\(field).\(path)"
        let zeros = GoldenTensor(shape: gradient.shape.extents ?? [], values: [])
        guard let expected = golden.expected(value[path], name) ?? (value[path]?.isUndefined == true ? zeros : nil)
        else { continue }
        let exception = GoldenException.find(golden, name)
        results.append(
          GoldenResult(
            name: "\(golden.id).\(name)", tensor: gradient, expected: expected,
            tolerance: exception?.tolerance ?? Self.gradientTolerance,
            skipped: (exception?.skipped ?? []) + unread(golden, name, expected),
            isWithinSimplex: exception?.isWithinSimplex ?? false))
      }
    }
    return results
  }

  /// The elements of y beyond a triangle, which the inverses do not read: TFP adds them to what is in the triangle.
  private static func unread(_ golden: GoldenCase, _ name: String, _ gradient: GoldenTensor) -> [Int] {
    let triangular: Set = ["CorrelationCholesky", "FillScaleTriL", "FillTriangular"]
    guard name == "gradients.inverse.y", triangular.contains(golden["bijector"]?.text ?? ""),
      let size = gradient.shape.last
    else { return [] }
    let isUpper = golden["options"]?["upper"]?.flag ?? false
    return gradient.values.indices.filter {
      let (row, column) = ($0 / size % size, $0 % size)
      return isUpper ? column < row : column > row
    }
  }

  /// TFP does not repeat a log determinant that is the same for a whole batch, so its sum has fewer terms.
  private static func repetitions(_ golden: GoldenCase, _ field: String, _ total: Tensor) -> Double {
    let terms = golden[field]?.fields.min { $0.key < $1.key }?.value.tensor?.values.count
    guard field.hasSuffix("log_det_jacobian"), let terms, let count = total.shape.elementCount.value else { return 1 }
    return Double(terms) / Double(count)
  }
}
