import ElbowArrays
import ElbowGraph

/// The common part of the convolution layers, such as ``Conv2D``: a window that slides along one, two or three axes of
/// `[n, spatial..., channels]`, then a bias and an activation.
///
/// The first call makes the weights, `<scopes>/<name>/kernel` and `<scopes>/<name>/bias`; spatial extents and channels are fixed.
public class ConvolutionLayer: Layer {
  /// A subclass's rule for its weights and what it does with them.
  struct Rule {
    /// The name that Keras numbers such layers by: `conv2d`.
    var baseName: String
    /// The layer as a message shows it: `Conv2D(32, kernelSize: [3, 3])`.
    var call: String
    var axes: SpatialAxes
    var direction = Direction.forward
    /// How many filters, or kernels for each channel; at least 1.
    var count: Int
  }
  /// What a kernel does with channels and places.
  enum Direction {
    case forward
    /// Every channel has kernels of its own, so that `count` is their number for one channel.
    case depthwise
    /// The kernel is stored `[spatial..., out, in]`.
    case transposed(outputPadding: [Int]?)
  }
  /// How the window slides.
  struct Window {
    var size: [Int]
    var strides: [Int]
    var padding: ConvolutionPadding
    var dilations: [Int]
  }
  /// What layers have besides; no initializer of the bias for none.
  struct Options {
    var activation: Activation?
    var name: String?
    var kernelInitializer: Initializer
    var biasInitializer: Initializer?
  }

  /// The window's extents, one for each axis that it slides along, at least 1.
  public var kernelSize: [Int] { window.size }
  /// The steps of the window, one for each axis; of a transposed convolution, how many times as large the result is.
  public var strides: [Int] { window.strides }
  /// The border around the input; of a transposed convolution, that of the convolution that would lead back.
  public var padding: ConvolutionPadding { window.padding }
  /// The distances of the window's elements, one for each axis: 1 for a window without gaps.
  public var dilations: [Int] { window.dilations }
  /// The variable, once the layer has been called.
  public private(set) var kernel: Tensor?
  /// The variable; nil before the first call, or if the layer has no bias.
  public private(set) var bias: Tensor?
  /// The name given; after the first call, the one that it goes by.
  public private(set) var name: String?

  private let rule: Rule
  private let window: Window
  private let options: Options

  init(_ rule: Rule, _ window: Window, _ options: Options) {
    self.rule = rule
    self.window = window
    self.options = options
    name = options.name
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.graph.located {
      guard input.isValid else { return input }
      guard let kernel = kernel ?? makeWeights(for: input), check(input, against: kernel) else {
        return input.graph.invalid()
      }
      var result = convolve(input, kernel)
      if let bias { result = result + bias }
      return options.activation?(result) ?? result
    }
  }

  private func convolve(_ input: Tensor, _ kernel: Tensor) -> Tensor {
    switch rule.direction {
    case .forward:
      convolution(rule.axes, input, kernel, strides: strides, padding: padding, dilations: dilations)
    case .depthwise:
      depthwiseConv2D(input, kernel, strides: strides, padding: padding, dilations: dilations)
    case .transposed(let outputPadding):
      transposedConvolution(
        rule.axes, input, kernel, strides: strides, padding: padding, outputPadding: outputPadding)
    }
  }

  private func makeWeights(for input: Tensor) -> Tensor? {
    let graph = input.graph
    func refuse(_ kind: ElbowError.Kind, _ message: String) -> Tensor? {
      _ = graph.invalid(kind, message)
      return nil
    }
    guard rule.count >= 1, kernelSize.count == rule.axes.count,
      kernelSize.allSatisfy({ (1...1 << 20).contains($0) })
    else {
      return refuse(
        .invalidArgument,
        "\(described) would have \(rule.count) \(isDepthwise ? "kernels a channel" : "filters") of the size "
          + "\(rule.axes == .one ? kernelSize[0].description : kernelSize.description); it needs at least 1, and "
          + "\(rule.axes.counted("extent")) of at least 1.")
    }
    guard input.dtype.isFloatingPoint else {
      return refuse(
        .dtype,
        "\(described) cannot be applied to \(input.type): its input is floating point; convert it with "
          + "cast(to: .float32).")
    }
    guard input.rank == rule.axes.count + 2, let channels = input.shape[-1].value else {
      return refuse(
        .shape,
        "\(described) cannot be applied to \(input.type): its input is \(rule.axes.things) \(rule.axes.shape()) with a known "
          + "number of channels.")
    }
    let name = name ?? graph.uniqueName(rule.baseName)
    self.name = name
    graph.scope(name) {
      // Fans are those of [spatial..., in, out], in whichever order the kernel is stored.
      let initial = options.kernelInitializer(kernelSize + [channels, rule.count], graph: graph, dtype: input.dtype)
      kernel = graph.variable("kernel", initialValue: isTransposed && initial.isValid ? initial.transpose : initial)
      if let biasInitializer = options.biasInitializer {
        let outputs = isDepthwise ? channels * rule.count : rule.count
        bias = graph.variable("bias", initialValue: biasInitializer([outputs], graph: graph, dtype: input.dtype))
      }
    }
    return kernel
  }

  private func check(_ input: Tensor, against kernel: Tensor) -> Bool {
    guard kernel.isUsable(with: input, by: described) else { return false }
    let channels = kernel.shape[isTransposed ? -1 : -2]
    guard input.rank == rule.axes.count + 2, input.shape[-1].canEqual(channels) else {
      _ = input.graph.invalid(
        .shape,
        "\(described) has weights for \(rule.axes.things) \(rule.axes.shape(channels: channels.description)), from its first "
          + "call, and cannot be applied to \(input.type).")
      return false
    }
    return true
  }

  private var isDepthwise: Bool { if case .depthwise = rule.direction { true } else { false } }
  private var isTransposed: Bool { if case .transposed = rule.direction { true } else { false } }
  private var described: String { rule.call + (name.map { " '\($0)'" } ?? "") }
}
