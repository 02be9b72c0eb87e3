import ElbowArrays
import ElbowGraph

/// A fully connected layer, `activation(x kernel + bias)`, over the last axis of `x`.
///
///     let hidden = Dense(100, activation: relu, name: "hidden")(images.flattened())
///
/// Its weights are made when it is first called, which tells the input size: `<scopes>/<name>/kernel` of shape
/// `[inputSize, units]`, and `<scopes>/<name>/bias` of shape `[units]`. Calling the layer again shares them.
public final class Dense: Layer {
  /// The size of the result's last axis, at least 1.
  public let units: Int
  /// The variables, once the layer has been called.
  public private(set) var kernel: Tensor?
  /// The variable; nil before the first call, or if the layer has no bias.
  public private(set) var bias: Tensor?
  /// The name given; after the first call, the one that it goes by.
  public private(set) var name: String?

  private let activation: Activation?
  private let useBias: Bool
  private let kernelInitializer: Initializer
  private let biasInitializer: Initializer

  /// A layer with `units` outputs.
  ///
  /// - Parameters:
  ///   - units: The size of the result's last axis, at least 1.
  ///   - activation: The function applied to the result; nil for nothing.
  ///   - name: The first part of its weights' names; `dense`, `dense_1`, ... if nil.
  ///   - useBias: Whether a bias is added.
  public init(
    _ units: Int, activation: Activation? = nil, name: String? = nil, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros
  ) {
    self.units = units
    self.activation = activation
    self.name = name
    self.useBias = useBias
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.graph.located {
      guard input.isValid else { return input }
      guard let kernel = kernel ?? makeWeights(for: input), check(input, against: kernel) else {
        return input.graph.invalid()
      }
      var result = matmul(input, kernel)
      if let bias { result = result + bias }
      return activation?(result) ?? result
    }
  }

  private func makeWeights(for input: Tensor) -> Tensor? {
    let graph = input.graph
    guard units >= 1 else {
      _ = graph.invalid(.invalidArgument, "\(described) would have \(units) units; it needs at least 1.")
      return nil
    }
    guard input.dtype.isFloatingPoint else {
      _ = graph.invalid(
        .dtype,
        "\(described) cannot be applied to \(input.type): its input is floating point; convert it with "
          + "cast(to: .float32).")
      return nil
    }
    guard input.rank >= 1, let inputSize = input.shape[-1].value else {
      let reason = input.rank == 0 ? "a scalar has no last axis" : "the size of the last axis has to be known"
      _ = graph.invalid(.shape, "\(described) cannot be applied to \(input.type): \(reason).")
      return nil
    }
    let name = name ?? graph.uniqueName("dense")
    self.name = name
    graph.scope(name) {
      kernel = graph.variable(
        "kernel", initialValue: kernelInitializer([inputSize, units], graph: graph, dtype: input.dtype))
      if useBias {
        bias = graph.variable("bias", initialValue: biasInitializer([units], graph: graph, dtype: input.dtype))
      }
    }
    return kernel
  }

  private func check(_ input: Tensor, against kernel: Tensor) -> Bool {
    guard kernel.isUsable(with: input, by: described) else { return false }
    guard input.rank >= 1, input.shape[-1].canEqual(kernel.shape[0]) else {
      _ = input.graph.invalid(
        .shape,
        "\(described) has weights for inputs of size \(kernel.shape[0]), from its first call, and cannot be "
          + "applied to \(input.type)" + (input.rank >= 1 ? ", whose last axis has size \(input.shape[-1])." : "."))
      return false
    }
    return true
  }

  private var described: String { "Dense(\(units))" + (name.map { " '\($0)'" } ?? "") }
}
