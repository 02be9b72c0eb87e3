import ElbowArrays
import ElbowGraph

/// A masked network of dense layers whose i-th outputs depend on the inputs before the i-th only, from left to right
/// (Germain et al. 2015, "MADE: masked autoencoder for distribution estimation").
///
///     let network = AutoregressiveNetwork(hiddenUnits: [64, 64], activation: relu)
///     let flow = Bijectors.MaskedAutoregressiveFlow { network.shiftAndLogScale($0) }
///
/// Of `[..., k]` it makes `[..., k, outputsPerInput]`. Every unit of a hidden layer has a degree between 1 and k - 1, spread
/// evenly, and sees the units of the layer before whose degree is not greater.
///
/// Its weights are made when it is first called: `<scopes>/<name>/kernel_i` and `bias_i`.
public final class AutoregressiveNetwork: Layer {
  /// How many numbers it makes for each input, at least 1; 2 for a shift and a scale.
  public let outputsPerInput: Int
  /// The sizes of the hidden layers, each at least 1.
  public let hiddenUnits: [Int]
  /// The name given; after the first call, the one that it goes by.
  public private(set) var name: String?

  private let activation: Activation?
  private let kernelInitializer: Initializer
  private var weights: [(kernel: Tensor, mask: Tensor, bias: Tensor)] = []

  /// A network with hidden layers of some sizes.
  ///
  /// - Parameters:
  ///   - outputsPerInput: How many numbers it makes for each input: 2 for a shift and a scale.
  ///   - hiddenUnits: The sizes of the hidden layers.
  ///   - activation: The function applied to the hidden layers.
  ///   - name: The first part of its weights' names; `autoregressive_network`, ... if nil.
  public init(
    outputsPerInput: Int = 2, hiddenUnits: [Int], activation: Activation? = nil, name: String? = nil,
    kernelInitializer: Initializer = .glorotUniform
  ) {
    self.outputsPerInput = outputsPerInput
    self.hiddenUnits = hiddenUnits
    self.activation = activation
    self.name = name
    self.kernelInitializer = kernelInitializer
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.graph.located {
      guard input.isValid else { return input }
      guard let size = checkedSize(input) else { return input.graph.invalid() }
      if weights.isEmpty { makeWeights(for: input, size: size) }
      var result = input
      for (index, layer) in weights.enumerated() {
        result = matmul(result, layer.kernel * layer.mask) + layer.bias
        if index < hiddenUnits.count, let activation { result = activation(result) }
      }
      return result.isValid ? result.reshaped(to: input.shape + [Dimension(outputsPerInput)]) : result
    }
  }

  /// The first two outputs for each input.
  public func shiftAndLogScale(_ input: Tensor) -> (shift: Tensor, logScale: Tensor) {
    input.graph.located {
      guard outputsPerInput >= 2 else {
        let mistake = input.graph.invalid(
          .invalidArgument, "\(described) has \(outputsPerInput) outputs for each input; a shift and a scale are 2.")
        return (mistake, mistake)
      }
      let outputs = callAsFunction(input)
      return (outputs[TensorIndex.ellipsis, 0], outputs[TensorIndex.ellipsis, 1])
    }
  }

  /// The size of the inputs, if the network can be applied to them.
  private func checkedSize(_ input: Tensor) -> Int? {
    func fail(_ kind: ElbowError.Kind, _ reason: String) -> Int? {
      _ = input.graph.invalid(kind, "\(described) cannot be applied to \(input.type): \(reason).")
      return nil
    }
    guard outputsPerInput >= 1, hiddenUnits.allSatisfy({ $0 >= 1 }) else {
      return fail(
        .invalidArgument, "it has \(outputsPerInput) outputs for each input, and needs at least 1 of each unit")
    }
    guard input.dtype.isFloatingPoint else {
      return fail(.dtype, "its input is floating point; convert it with cast(to: .float32)")
    }
    guard input.rank >= 1, let size = input.shape[-1].value else {
      return fail(.shape, "the size of the last axis has to be known")
    }
    guard let kernel = weights.first?.kernel else { return size }
    guard kernel.graph === input.graph else { return fail(.invalidArgument, "its weights are in another graph") }
    guard kernel.shape[0] == Dimension(size) else {
      return fail(.shape, "its weights, from its first call, are for inputs of size \(kernel.shape[0])")
    }
    return size
  }

  private func makeWeights(for input: Tensor, size: Int) {
    let graph = input.graph
    let name = name ?? graph.uniqueName("autoregressive_network")
    self.name = name
    let degrees = [[Int](1...size)] + hiddenUnits.map { Self.degrees($0, inputs: size) }
    // The outputs of one input are neighbours, and see only what has a smaller degree.
    let last = (1...size).flatMap { [Int](repeating: $0 - 1, count: outputsPerInput) }
    graph.scope(name) {
      for (index, (from, to)) in zip(degrees, degrees.dropFirst() + [last]).enumerated() {
        let elements = from.flatMap { seen in to.map { seen <= $0 ? 1.0 : 0 } }
        let mask = graph.constant(elements, dtype: input.dtype).reshaped([from.count, to.count])
        let initial = kernelInitializer([from.count, to.count], graph: graph, dtype: input.dtype)
        weights.append(
          (
            kernel: graph.variable("kernel_\(index)", initialValue: initial), mask: mask,
            bias: graph.variable("bias_\(index)", initialValue: graph.zeros([Dimension(to.count)], dtype: input.dtype))
          ))
      }
    }
  }

  /// Degrees between 1 and one less than the number of inputs, spread evenly over a layer's units.
  private static func degrees(_ units: Int, inputs: Int) -> [Int] {
    let largest = max(1, inputs - 1)
    return (0..<units).map { unit in 1 + (unit * largest) / units }
  }

  private var described: String { "AutoregressiveNetwork" + (name.map { " '\($0)'" } ?? "") }
}

/// The usual network of a coupling layer: dense layers, and a last one for the shift and the logarithm of the scale of each
/// element.
///
///     let coupling = Bijectors.RealNVP(numMasked: 2, shiftAndLogScale: shiftAndLogScaleNetwork(hiddenUnits: [512, 512]))
///
/// - Parameters:
///   - hiddenUnits: The sizes of the hidden layers.
///   - activation: The function applied to them.
///   - name: The first part of the weights' names: `<name>/dense_0/kernel`, ...; `coupling`, `coupling_1`, ... if nil.
/// - Returns: A function of the inputs and of how many elements are shifted and scaled; its weights are made at the first
///   call and shared by all.
public func shiftAndLogScaleNetwork(
  hiddenUnits: [Int], activation: @escaping Activation = relu, name: String? = nil
) -> (_ x: Tensor, _ count: Int) -> (shift: Tensor, logScale: Tensor) {
  let hidden = hiddenUnits.enumerated().map { Dense($1, activation: activation, name: "dense_\($0)") }
  var output: Dense?
  var usedName = name
  return { x, count in
    x.graph.located {
      let layer = output ?? Dense(2 * count, name: "dense_\(hiddenUnits.count)")
      output = layer
      let scope = usedName ?? x.graph.uniqueName("coupling")
      usedName = scope
      let both = x.graph.scope(scope) { layer(hidden.reduce(x) { $1($0) }) }
      guard both.isValid else { return (both, both) }
      return (both[TensorIndex.ellipsis, ..<count], both[TensorIndex.ellipsis, count...])
    }
  }
}
