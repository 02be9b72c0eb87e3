import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// Every field of every case of bijectors.json, against TFP in float64. Cases share a graph, for compiling each would take
/// most of the time.
@Suite struct GoldenBijectors {
  static let cases = (try? GoldenFile.cases("bijectors.json")) ?? []
  static let groups: [GoldenGroup] = {
    let single = cases.filter { $0["bijector"]?.text != "Split" }
    return stride(from: 0, to: single.count, by: 6).map {
      GoldenGroup(cases: [GoldenCase](single[$0..<min($0 + 6, single.count)]))
    }
  }()

  /// The floor is one unit in the last place of 1.
  static let tolerance = Tolerance(relative: 1e-10, absolute: 2.3e-16)
  /// What is summed up over events cancels.
  static let sumTolerance = Tolerance(relative: 1e-10, absolute: 1e-13)
  /// Gradients are sums of terms that cancel.
  static let gradientTolerance = Tolerance(relative: 1e-10, absolute: 1e-13)
  static let float32Tolerance = Tolerance(relative: 2e-5, absolute: 2e-6)

  @Test func theFileHasCases() { #expect(Self.cases.count > 280) }

  @Test(arguments: groups)
  func valuesAndGradients(_ group: GoldenGroup) throws {
    var builder = GoldenDistributionBuilder()
    var results: [GoldenResult] = []
    for golden in group.cases {
      let (bijector, x, y) = try make(golden, &builder)
      results += try values(golden, bijector, x, y)
      results += try gradients(golden, bijector, x, y, &builder)
    }
    try compare(results, builder)
  }

  /// Cases whose y rounds to an end of its range in float32, or nearly so.
  static let nearEnds: Set<String> = ["GumbelCDF/3", "WeibullCDF/5"]

  /// In float32, where no argument is extreme.
  @Test(arguments: groups)
  func float32Values(_ group: GoldenGroup) throws {
    var builder = GoldenDistributionBuilder()
    builder.dtype = .float32
    var results: [GoldenResult] = []
    for golden in group.cases where !golden.tags.contains("edge") && !Self.nearEnds.contains(golden.id) {
      let (bijector, x, y) = try make(golden, &builder)
      results += try values(golden, bijector, x, y)
    }
    guard !results.isEmpty else { return }
    try compare(results, builder, tolerance: Self.float32Tolerance)
  }

  @Test(arguments: groups)
  func shapes(_ group: GoldenGroup) throws {
    var builder = GoldenDistributionBuilder()
    for golden in group.cases {
      let bijector = try builder.bijector(golden.value, path: golden.id + ":")
      #expect(
        bijector.forwardMinEventNDims == golden["forward_min_event_ndims"]?.number.map { Int($0) }, "\(golden.id)")
      #expect(
        bijector.inverseMinEventNDims == golden["inverse_min_event_ndims"]?.number.map { Int($0) }, "\(golden.id)")
      let isConstant = golden["is_constant_jacobian"]?.flag ?? false
      #expect(
        bijector.isConstantJacobian == isConstant || golden["bijector"]?.text == "BatchNormalization", "\(golden.id)")
      let shapes = golden["forward_event_shape"]?.list ?? []
      let (input, output) = (Shape(shapes[0].integers), Shape(shapes[1].integers))
      // TFP does not infer what -1 stands for.
      if shapes[1].list.count != output.rank { continue }
      #expect(try bijector.forwardEventShape(input) == output, "\(golden.id)")
      #expect(try bijector.inverseEventShape(output) == input, "\(golden.id)")
    }
  }

  @Test(arguments: cases.filter { $0["bijector"]?.text == "Split" })
  func split(_ golden: GoldenCase) throws {
    var builder = GoldenDistributionBuilder()
    let x = try builder.input("x", try #require(golden["x"]?.tensor))
    let split = Bijectors.Split(golden["options"]?["num_or_size_splits"]?.integers ?? [])
    let parts = split.forward(x)
    let expected = (golden["forward"]?.list ?? []).compactMap(\.tensor)
    #expect(parts.count == expected.count)
    var results = zip(parts, expected).enumerated().map { index, pair in
      GoldenResult(name: "\(golden.id).forward[\(index)]", tensor: pair.0, expected: pair.1, tolerance: Self.tolerance)
    }
    results.append(
      GoldenResult(
        name: "\(golden.id).inverse", tensor: split.inverse(parts), expected: try #require(golden["inverse"]?.tensor),
        tolerance: Self.tolerance))
    results.append(
      GoldenResult(
        name: "\(golden.id).forward_log_det_jacobian", tensor: split.forwardLogDetJacobian(x),
        expected: try #require(golden["forward_log_det_jacobian"]?["1"]?.tensor), tolerance: Self.tolerance))
    try compare(results, builder)
  }

  // MARK: -

  private func make(
    _ golden: GoldenCase, _ builder: inout GoldenDistributionBuilder
  ) throws -> (any Bijector, x: Tensor, y: Tensor) {
    let path = golden.id + ":"
    return (
      try builder.bijector(golden.value, path: path),
      try builder.input(path + "x", try #require(golden["x"]?.tensor)),
      try builder.input(path + "y", try #require(golden["y"]?.tensor))
    )
  }

  private func values(
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

  private func gradients(
    _ golden: GoldenCase, _ bijector: any Bijector, _ x: Tensor, _ y: Tensor,
    _ builder: inout GoldenDistributionBuilder
  ) throws -> [GoldenResult] {
    var results: [GoldenResult] = []
    for (field, value) in (golden["gradients"]?.fields ?? [:]).sorted(by: { $0.key < $1.key }) {
      var total: Tensor
      switch field {
      case "forward": total = bijector.forward(x)
      case "forward_weighted":
        let cotangent = try #require(value["cotangent"]?.tensor)
        total = bijector.forward(x) * (try builder.input(golden.id + ":cotangent", cotangent))
      case "forward_log_det_jacobian": total = bijector.forwardLogDetJacobian(x)
      case "inverse": total = bijector.inverse(y)
      case "inverse_log_det_jacobian": total = bijector.inverseLogDetJacobian(y)
      default: continue
      }
      let paths = value.fields.keys.filter { $0 != "cotangent" && !$0.hasPrefix("mask") }.sorted()
      let by = try paths.map { try #require(builder.inputs[golden.id + ":" + $0]) }
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
  private func unread(_ golden: GoldenCase, _ name: String, _ gradient: GoldenTensor) -> [Int] {
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
  private func repetitions(_ golden: GoldenCase, _ field: String, _ total: Tensor) -> Double {
    let terms = golden[field]?.fields.min { $0.key < $1.key }?.value.tensor?.values.count
    guard field.hasSuffix("log_det_jacobian"), let terms, let count = total.shape.elementCount.value else { return 1 }
    return Double(terms) / Double(count)
  }

  private func compare(
    _ results: [GoldenResult], _ builder: GoldenDistributionBuilder, tolerance: Tolerance? = nil
  ) throws {
    let outputs = Dictionary(uniqueKeysWithValues: results.map { ($0.name, $0.tensor) })
    for backend in goldenBackends {
      let values = try backend.values(of: outputs, in: builder.graph, feeding: builder.feeds)
      for result in results {
        let found = result.difference(values[result.name], tolerance: tolerance)
        #expect(found == nil, "\(result.name) on \(backend.name): \(found ?? "")")
      }
    }
  }
}

/// Cases that share a graph.
struct GoldenGroup: Sendable, CustomStringConvertible {
  let cases: [GoldenCase]
  var description: String { "\(cases.first?.id ?? "")...\(cases.last?.id ?? "")" }
}

/// A tensor and what it should be.
struct GoldenResult {
  let name: String
  let tensor: Tensor
  /// Stretched to the tensor's shape before it is compared; zeros if it has no values.
  let expected: GoldenTensor
  let tolerance: Tolerance
  var skipped: [Int] = []
  /// See ``GoldenException/isWithinSimplex``.
  var isWithinSimplex = false

  /// What differs, in words.
  func difference(_ actual: HostArray?, tolerance override: Tolerance?) -> String? {
    guard let actual else { return "there is no such result" }
    guard var expected = stretched(to: actual.shape) else {
      return "the shape is \(actual.shape), expected \(expected.shape)"
    }
    if isWithinSimplex { expected = expected.alignedWithinSimplex(with: actual) }
    // TFP's NaN are at the ends of ranges, where the truth is infinite or undefined.
    let positions = expected.values.indices.filter { !skipped.contains($0) && !expected.values[$0].isNaN }
    return TestSupport.difference(actual, expected, override ?? tolerance, at: positions)
  }

  private func stretched(to shape: [Int]) -> GoldenTensor? {
    let count = shape.reduce(1, *)
    guard !expected.values.isEmpty else {
      return GoldenTensor(shape: shape, values: [Double](repeating: 0, count: count))
    }
    let missing = shape.count - expected.shape.count
    guard missing >= 0, zip(expected.shape, shape.dropFirst(missing)).allSatisfy({ $0 == $1 || $0 == 1 }) else {
      return nil
    }
    var values: [Double] = []
    for flat in 0..<count {
      var (rest, source, stride) = (flat, 0, 1)
      for axis in shape.indices.reversed() {
        let (position, own) = (rest % shape[axis], axis - missing)
        rest /= shape[axis]
        guard own >= 0 else { continue }
        if expected.shape[own] != 1 { source += position * stride }
        stride *= expected.shape[own]
      }
      values.append(expected.values[source])
    }
    return GoldenTensor(shape: shape, values: values)
  }
}

extension GoldenTensor {
  /// With a constant added to each vector of the last axis: that by which its first element differs from another's.
  func alignedWithinSimplex(with actual: HostArray) -> GoldenTensor {
    guard let size = shape.last, actual.shape == shape else { return self }
    var result = self
    let values = actual.doubles
    for flat in result.values.indices {
      let first = flat / size * size
      result.values[flat] += values[first] - self.values[first]
    }
    return result
  }
}
