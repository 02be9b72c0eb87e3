import ElbowArrays
import ElbowGraph

/// The common part of the convolution layers: weights made by the first call, checks of the input, bias and activation.
final class ConvolutionWeights: Parameterized {
  /// Which kernels a layer has, for inputs of some number of channels.
  struct Rule {
    /// The name that Keras numbers such layers by: `conv2d`.
    var baseName: String
    /// The layer as a message shows it: `Conv2D(32, kernelSize: [3, 3])`.
    var call: String
    /// How many filters, or kernels for each channel; at least 1.
    var count: Int
    var kernelSize: SpatialPair
    /// Whether the kernel is stored `[height, width, out, in]`.
    var isTransposed = false
    /// Whether every channel has kernels of its own, so that `count` is their number for one channel.
    var isDepthwise = false
  }

  private let rule: Rule
  private let activation: Activation?
  private let biasInitializer: Initializer?
  private let kernelInitializer: Initializer
  private(set) var kernel: Tensor?
  private(set) var bias: Tensor?
  private(set) var name: String?

  init(
    _ rule: Rule, activation: Activation?, name: String?, kernelInitializer: Initializer, biasInitializer: Initializer?
  ) {
    self.rule = rule
    self.activation = activation
    self.name = name
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
  }

  /// `activation(convolve(input, kernel) + bias)`, with the layer's mistakes recorded.
  func apply(to input: Tensor, _ convolve: (_ input: Tensor, _ kernel: Tensor) -> Tensor) -> Tensor {
    input.graph.located {
      guard input.isValid else { return input }
      guard let kernel = kernel ?? makeWeights(for: input), check(input, against: kernel) else {
        return input.graph.invalid()
      }
      var result = convolve(input, kernel)
      if let bias { result = result + bias }
      return activation?(result) ?? result
    }
  }

  private func makeWeights(for input: Tensor) -> Tensor? {
    let graph = input.graph
    func refuse(_ kind: ElbowError.Kind, _ message: String) -> Tensor? {
      _ = graph.invalid(kind, message)
      return nil
    }
    guard rule.count >= 1, rule.kernelSize.isPositive else {
      return refuse(
        .invalidArgument,
        "\(described) would have \(rule.count) \(rule.isDepthwise ? "kernels a channel" : "filters") of the size "
          + "\(rule.kernelSize); it needs at least 1, and two extents of at least 1.")
    }
    guard input.dtype.isFloatingPoint else {
      return refuse(
        .dtype,
        "\(described) cannot be applied to \(input.type): its input is floating point; convert it with "
          + "cast(to: .float32).")
    }
    guard input.rank == 4, let channels = input.shape[-1].value else {
      return refuse(
        .shape,
        "\(described) cannot be applied to \(input.type): its input is images [n, height, width, channels] with a known "
          + "number of channels.")
    }
    let name = name ?? graph.uniqueName(rule.baseName)
    self.name = name
    graph.scope(name) {
      // Fans are those of [height, width, in, out], in whichever order the kernel is stored.
      let initial = kernelInitializer(
        rule.kernelSize.numbers + [channels, rule.count], graph: graph, dtype: input.dtype)
      kernel = graph.variable("kernel", initialValue: rule.isTransposed ? initial.transposed([0, 1, 3, 2]) : initial)
      if let biasInitializer {
        let outputs = rule.isDepthwise ? channels * rule.count : rule.count
        bias = graph.variable("bias", initialValue: biasInitializer([outputs], graph: graph, dtype: input.dtype))
      }
    }
    return kernel
  }

  private func check(_ input: Tensor, against kernel: Tensor) -> Bool {
    guard kernel.isValid else { return false }
    guard kernel.graph === input.graph else {
      _ = input.graph.invalid(.invalidArgument, "\(described) has its weights in another graph; make a layer for each.")
      return false
    }
    let channels = kernel.shape[rule.isTransposed ? 3 : 2]
    guard input.rank == 4, input.shape[-1].canEqual(channels) else {
      _ = input.graph.invalid(
        .shape,
        "\(described) has weights for images [n, height, width, \(channels)], from its first call, and cannot be applied "
          + "to \(input.type).")
      return false
    }
    return true
  }

  private var described: String { rule.call + (name.map { " '\($0)'" } ?? "") }
}
