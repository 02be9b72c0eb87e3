import ElbowArrays
import ElbowGraph
import ElbowProbability

extension GoldenDistributionBuilder {
  /// The bijector of a specification, its parameters being placeholders named by dotted path.
  public mutating func bijector(_ spec: GoldenValue, path prefix: String = "") throws -> any Bijector {
    let name = spec["bijector"]?.text ?? "?"
    let params = spec["params"]?.fields ?? [:]
    let options = spec["options"]
    var tensors: [String: Tensor] = [:]
    for (key, value) in params.sorted(by: { $0.key < $1.key }) {
      if let tensor = value.tensor { tensors[key] = try input(prefix + key, tensor) }
    }
    func parameter(_ key: String) throws -> Tensor {
      guard let tensor = tensors[key] else { throw ElbowError(.data, "A \(name) has no parameter '\(key)'.") }
      return tensor
    }
    if let composed = try composed(name, params, options, tensors, prefix) { return composed }
    if let network = try Self.network(name, options, tensors) { return network }
    if let made = try Self.ofNumbers(name, options, tensors, parameter) { return made }
    if let made = try Self.ofVectors(name, options, tensors, parameter) { return made }
    throw ElbowError(.data, "The bijector \(name) is not supported.")
  }

  /// Bijectors made of others.
  private mutating func composed(
    _ name: String, _ params: [String: GoldenValue], _ options: GoldenValue?, _ tensors: [String: Tensor],
    _ prefix: String
  ) throws -> (any Bijector)? {
    var parts: [any Bijector] = []
    for (index, part) in (params["bijectors"]?.list ?? []).enumerated() {
      parts.append(try bijector(part, path: "\(prefix)bijectors[\(index)]."))
    }
    func inner(_ key: String) throws -> (any Bijector)? {
      try params[key].map { try bijector($0, path: "\(prefix)\(key).") }
    }
    switch name {
    case "Blockwise": return Bijectors.Blockwise(parts, blockSizes: options?["block_sizes"]?.integers)
    case "Chain": return Bijectors.Chain(parts)
    case "FillScaleTriL":
      // Where no shift is given the values were made without one, though TFP's default is 1e-5.
      return Bijectors.FillScaleTriL(
        diagBijector: try inner("diag_bijector") ?? Bijectors.Softplus(), diagShift: tensors["diag_shift"])
    case "Invert": return try inner("bijector").map { Bijectors.Invert($0) }
    case "TransformDiagonal": return try inner("diag_bijector").map { Bijectors.TransformDiagonal($0) }
    default: return nil
    }
  }

  /// Bijectors of networks, which the golden file describes in words.
  private static func network(
    _ name: String, _ options: GoldenValue?, _ tensors: [String: Tensor]
  ) throws -> (any Bijector)? {
    func dense(_ x: Tensor, _ layer: Int) -> Tensor? {
      guard let kernel = tensors["w\(layer)"], let bias = tensors["b\(layer)"] else { return nil }
      return matmul(x, tensors["mask\(layer)"].map { kernel * $0 } ?? kernel) + bias
    }
    func outputs(_ x: Tensor) -> Tensor {
      let layers = (0...).prefix { tensors["w\($0)"] != nil }
      return layers.reduce(x) { h, layer in dense(layer == 0 ? h : tanh(h), layer) ?? h }
    }
    switch name {
    case "RealNVP":
      return Bijectors.RealNVP(
        numMasked: Int(options?["num_masked"]?.number ?? 1),
        shiftAndLogScale: { x, count in
          let h = outputs(x)
          return (h[TensorIndex.ellipsis, ..<count], h[TensorIndex.ellipsis, count...])
        })
    case "MaskedAutoregressiveFlow":
      return Bijectors.MaskedAutoregressiveFlow { x in
        let pairs = outputs(x).reshaped(to: x.shape + [2])
        return (pairs[TensorIndex.ellipsis, 0], pairs[TensorIndex.ellipsis, 1])
      }
    default: return nil
    }
  }

  /// Bijectors of single numbers.
  private static func ofNumbers(
    _ name: String, _ options: GoldenValue?, _ tensors: [String: Tensor], _ parameter: (String) throws -> Tensor
  ) throws -> (any Bijector)? {
    switch name {
    case "AffineScalar": Bijectors.AffineScalar(shift: try parameter("shift"), scale: try parameter("scale"))
    case "Exp": Bijectors.Exp()
    case "Expm1": Bijectors.Expm1()
    case "GumbelCDF": Bijectors.GumbelCDF(loc: try parameter("loc"), scale: try parameter("scale"))
    case "Identity": Bijectors.Identity()
    case "KumaraswamyCDF":
      Bijectors.KumaraswamyCDF(
        concentration1: try parameter("concentration1"), concentration0: try parameter("concentration0"))
    case "LeakyReLU":
      try leakyReLU(parameter("alpha"), eventNDims: Int(options?["event_ndims"]?.number ?? 0))
    case "Log": Bijectors.Log()
    case "Log1p": Bijectors.Log1p()
    case "NormalCDF": Bijectors.NormalCDF()
    case "Power": Bijectors.Power(options?["power"]?.number ?? 0)
    case "PowerTransform": Bijectors.PowerTransform(power: options?["power"]?.number ?? 0)
    case "RationalQuadraticSpline":
      Bijectors.RationalQuadraticSpline(
        binWidths: try parameter("bin_widths"), binHeights: try parameter("bin_heights"),
        knotSlopes: try parameter("knot_slopes"), rangeMin: options?["range_min"]?.number ?? -1)
    case "Reciprocal": Bijectors.Reciprocal()
    case "Scale": Bijectors.Scale(try parameter("scale"))
    case "Shift": Bijectors.Shift(try parameter("shift"))
    case "Sigmoid":
      try tensors["low"].map { Bijectors.Sigmoid(low: $0, high: try parameter("high")) } ?? Bijectors.Sigmoid()
    case "Sinh": Bijectors.Sinh()
    case "SinhArcsinh":
      Bijectors.SinhArcsinh(skewness: try parameter("skewness"), tailweight: try parameter("tailweight"))
    case "SoftClip":
      Bijectors.SoftClip(
        low: tensors["low"], high: tensors["high"], hingeSoftness: tensors["hinge_softness"])
    case "Softplus": Bijectors.Softplus(hingeSoftness: tensors["hinge_softness"], low: tensors["low"])
    case "Softsign": Bijectors.Softsign()
    case "Square": Bijectors.Square()
    case "Tanh": Bijectors.Tanh()
    case "WeibullCDF":
      Bijectors.WeibullCDF(scale: try parameter("scale"), concentration: try parameter("concentration"))
    default: nil
    }
  }

  /// The tutorial's own bijector for events of vectors, and the library's for single numbers.
  private static func leakyReLU(_ alpha: Tensor, eventNDims: Int) -> any Bijector {
    guard eventNDims == 1 else { return Bijectors.LeakyReLU(alpha: alpha) }
    return Bijectors.Inline(
      forward: { select($0 >= 0, $0, alpha * $0) },
      inverse: { select($0 >= 0, $0, 1 / alpha * $0) },
      inverseLogDetJacobian: { y in
        log(abs(select(y >= 0, y.onesLike(), 1 / alpha * y.onesLike()))).sum(axes: [-1])
      },
      forwardMinEventNDims: 1)
  }

  /// Bijectors of vectors and matrices.
  private static func ofVectors(
    _ name: String, _ options: GoldenValue?, _ tensors: [String: Tensor], _ parameter: (String) throws -> Tensor
  ) throws -> (any Bijector)? {
    let permutation = options?["permutation"]?.integers ?? []
    let axis = options?["axis"]?.number.map { Int($0) } ?? -1
    switch name {
    case "Affine":
      return Bijectors.Affine(
        shift: tensors["shift"], scaleTriL: tensors["scale_tril"], scalePerturbFactor: tensors["scale_perturb_factor"],
        scalePerturbDiag: tensors["scale_perturb_diag"])
    case "Ascending": return Bijectors.Ascending()
    case "BatchNormalization":
      return Bijectors.BatchNormalization(
        mean: try parameter("moving_mean"), variance: try parameter("moving_variance"), gamma: try parameter("gamma"),
        beta: try parameter("beta"), epsilon: options?["epsilon"]?.number ?? 1e-3)
    case "CholeskyOuterProduct": return Bijectors.CholeskyOuterProduct()
    case "CholeskyToInvCholesky": return Bijectors.CholeskyToInvCholesky()
    case "CorrelationCholesky": return Bijectors.CorrelationCholesky()
    case "Cumsum": return Bijectors.Cumsum(axis: axis)
    case "DiscreteCosineTransform":
      return Bijectors.DiscreteCosineTransform(dctType: Int(options?["dct_type"]?.number ?? 2))
    case "FillTriangular": return Bijectors.FillTriangular(upper: options?["upper"]?.flag ?? false)
    case "IteratedSigmoidCentered": return Bijectors.IteratedSigmoidCentered()
    case "MatrixInverseTriL": return Bijectors.MatrixInverseTriL()
    case "Pad":
      let paddings = (options?["paddings"]?.list ?? []).map(\.integers).map { (low: $0[0], high: $0[1]) }
      return tensors["constant_values"].map { Bijectors.Pad(paddings: paddings, constantValues: $0) }
        ?? Bijectors.Pad(paddings: paddings)
    case "Permute": return Bijectors.Permute(permutation, axis: axis)
    case "Reshape":
      return Bijectors.Reshape(
        eventShapeOut: options?["event_shape_out"]?.integers ?? [],
        eventShapeIn: options?["event_shape_in"]?.integers ?? [])
    case "ScaleMatvecDiag": return Bijectors.ScaleMatvecDiag(try parameter("scale_diag"))
    case "ScaleMatvecLU":
      return Bijectors.ScaleMatvecLU(lowerUpper: try parameter("lower_upper"), permutation: permutation)
    case "ScaleMatvecTriL": return Bijectors.ScaleMatvecTriL(try parameter("scale_tril"))
    case "SoftmaxCentered": return Bijectors.SoftmaxCentered()
    case "Transpose":
      return options?["perm"].map { Bijectors.Transpose($0.integers) }
        ?? Bijectors.Transpose(rightmostTransposedNDims: Int(options?["rightmost_transposed_ndims"]?.number ?? 2))
    default: return nil
    }
  }
}
