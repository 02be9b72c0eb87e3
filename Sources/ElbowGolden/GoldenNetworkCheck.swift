import ElbowArrays
import ElbowGraph
import ElbowNetworks

/// A network of the tutorials: the shape of what each layer makes, without the batch, and those of the weights.
struct GoldenNetworkCheck {
  let golden: GoldenCase

  /// The shape of a network's input, and its layers, by case.
  private static func network(_ id: String) -> (inputShape: [Int], layers: [any Layer])? {
    func same(_ filters: Int, _ strides: SpatialPair) -> Conv2D {
      Conv2D(filters, kernelSize: 5, strides: strides, padding: .same)
    }
    func transposed(_ filters: Int, kernelSize: SpatialPair, _ strides: SpatialPair) -> Conv2DTranspose {
      Conv2DTranspose(filters, kernelSize: kernelSize, strides: strides, padding: .same)
    }
    switch id {
    case "shapes-r-encoder":
      return (
        [28, 28, 1],
        [Conv2D(32, kernelSize: 3, strides: 2), Conv2D(64, kernelSize: 3, strides: 2), Flatten(), Dense(4)]
      )
    case "shapes-r-decoder":
      return (
        [2],
        [Dense(7 * 7 * 32), Unflatten([7, 7, 32])]
          + [(64, 2), (32, 2), (1, 1)].map { transposed($0, kernelSize: 3, SpatialPair($1)) }
      )
    case "shapes-layers-encoder":
      return (
        [28, 28, 1],
        [same(32, 1), same(32, 2), same(64, 1), same(64, 2), Conv2D(64, kernelSize: 7), Flatten(), Dense(152)]
      )
    case "shapes-layers-decoder":
      return (
        [16],
        [Unflatten([1, 1, 16]), Conv2DTranspose(64, kernelSize: 7)]
          + [(64, 1), (64, 2), (32, 1), (32, 2), (32, 1)].map { transposed($0, kernelSize: 5, SpatialPair($1)) }
          + [same(1, 1), Flatten()]
      )
    default: return nil
    }
  }

  static func supports(_ golden: GoldenCase) -> Bool { network(golden.id) != nil }

  func mistakes() throws -> [String] {
    let (inputShape, layers) = try golden.required("network", Self.network(golden.id))
    let expected = try golden.required("layers", golden["layers"]).list.map { $0["output_shape"]?.integers ?? [] }
    guard layers.count == expected.count else {
      return ["\(golden.id): there are \(layers.count) layers, expected \(expected.count)."]
    }
    let graph = Graph()
    var x = graph.placeholder("x", shape: [nil] + inputShape)
    var mistakes: [String] = []
    for (index, (layer, shape)) in zip(layers, expected).enumerated() {
      x = layer(x)
      let found = x.shape.suffix(x.rank - 1)
      if found != Shape(shape) { mistakes.append("\(golden.id): layer \(index) makes \(found), expected \(shape).") }
    }
    try graph.check()
    let weights = graph.variables.map { $0.type.shape.extents ?? [] }
    let wanted = golden["parameter_shapes"]?.list.map(\.integers) ?? []
    if weights != wanted { mistakes.append("\(golden.id): the weights are \(weights), expected \(wanted).") }
    let count = weights.reduce(0) { $0 + $1.reduce(1, *) }
    if count != golden["parameter_count"]?.integer { mistakes.append("\(golden.id): there are \(count) weights.") }
    return mistakes
  }
}
