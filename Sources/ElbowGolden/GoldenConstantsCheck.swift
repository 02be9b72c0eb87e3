import Elbow
import ElbowExamples

/// The hyperparameters of a tutorial against the example that follows it, as far as a model shows them: sizes, the
/// learning rate, epochs and batches.
struct GoldenConstantsCheck {
  let golden: GoldenCase

  private static let examples = [
    "hyperparameters-R": "kmnist-vae-mixture", "hyperparameters-L": "tfp-layers-vae",
    "hyperparameters-B": "bijector-flow", "hyperparameters-CS20": "cs20-vae",
  ]

  static func supports(_ golden: GoldenCase) -> Bool { examples[golden.id] != nil }

  func mistakes() throws -> [String] {
    let example = try golden.required("example", Self.examples[golden.id].flatMap(ExampleCatalog.named))
    let found = constants(of: try example.make())
    return try found.sorted { $0.key < $1.key }.compactMap { name, values in
      let field = try golden.required(name, golden["constants"]?[name])
      let expected = field.number.map { [$0] } ?? field.list.compactMap(\.number)
      // Learning rates are numbers of float32.
      let tolerance = Tolerance(relative: 1e-7)
      let isSame = values.count == expected.count && zip(values, expected).allSatisfy(tolerance.accepts)
      return isSame ? nil : "\(golden.id): \(name) of '\(example.name)' is \(values), expected \(expected)."
    }
  }

  private func constants(of model: Model) -> [String: [Double]] {
    /// An extent of some variables.
    func extents(_ axis: Int, _ scope: String, _ names: [String]) -> [Double] {
      names.flatMap { name in
        model.graph.variables.filter { $0.name == "\(scope)\(name)" }
          .compactMap { $0.type.shape[axis].value.map { Double($0) } }
      }
    }
    let rate = model.graph.placeholders.filter { $0.name == "learning_rate" }.flatMap { $0.defaultValue?.doubles ?? [] }
    let (epochs, batchSize) = ([Double(model.epochs)], [Double(model.batchSize)])
    switch golden.id {
    case "hyperparameters-R":
      let deconvolutions = ["deconv1/kernel", "deconv2/kernel", "deconv3/kernel"]
      return [
        "latent_dim": extents(1, "prior/", ["loc"]), "mixture_components": extents(0, "prior/", ["loc"]),
        "conv_filters": extents(3, "encoder/", ["conv1/kernel", "conv2/kernel"]),
        "deconv_filters": extents(2, "decoder/", deconvolutions),
        "kernel_size": extents(0, "encoder/", ["conv1/kernel"]),
        "learning_rate": rate, "epochs_shown": epochs, "batch_size": batchSize,
      ]
    case "hyperparameters-L":
      let convolutions = ["conv2d/kernel"] + (1...4).map { "conv2d_\($0)/kernel" }
      let transposed = ["conv2d_transpose/kernel"] + (1...5).map { "conv2d_transpose_\($0)/kernel" }
      return [
        "encoded_size": extents(3, "decoder/", ["conv2d_transpose/kernel"]),
        "kernel_sizes_encoder": extents(0, "encoder/", convolutions),
        "kernel_sizes_decoder": extents(0, "decoder/", transposed + ["conv2d/kernel"]), "learning_rate": rate,
        "epochs": epochs,
      ]
    case "hyperparameters-B":
      return [
        "d": extents(0, "", ["V"]), "r": extents(1, "", ["V"]), "learning_rate": rate, "n_epochs": epochs,
        "batch_size": batchSize,
      ]
    default:
      return [
        "hidden": extents(1, "encoder/", ["hidden/kernel"]), "code_size": extents(1, "encoder/", ["mean/kernel"]),
      ]
    }
  }
}
