import ElbowArrays
import ElbowGraph

/// The common part of the recurrent layers, such as ``LSTM``: a state that each step of `[n, steps, features]` changes.
///
/// The steps are a compiled loop, ``Graph/scan(from:over:count:isReversed:_:)``, and their number is fixed. What does not
/// depend on the state, the product of inputs and kernel, is computed for all steps before it. The first call makes the weights,
/// `<scopes>/<name>/kernel` of shape `[features, gates units]`, `<scopes>/<name>/recurrent_kernel` of shape `[units, gates units]`
/// and `<scopes>/<name>/bias`; how many gates there are, and in which order they lie, the layers say.
public class RecurrentLayer: Layer {
  /// A subclass's rule for a step.
  struct Rule {
    /// The name that Keras numbers such layers by: `lstm`.
    var baseName: String
    /// The layer as a message shows it: `LSTM(32)`.
    var call: String
    /// How many blocks of `units` columns the kernels have.
    var gates: Int
    /// How many tensors `[n, units]` the state is; the first is the output.
    var stateCount: Int
    /// Whether the product with the recurrent kernel has a bias of its own: the bias is then `[2, gates units]`.
    var hasRecurrentBias = false
    var step: (_ step: Step) -> [Tensor]
  }
  /// The operands of a step.
  struct Step {
    /// Input times kernel plus bias, `[n, gates units]`.
    var input: Tensor
    /// The state before, each part `[n, units]`.
    var state: [Tensor]
    var recurrentKernel: Tensor
    var recurrentBias: Tensor?
    var units: Int

    /// Output times some of the recurrent kernel's blocks, plus bias.
    func recurrent(_ output: Tensor, gates: Range<Int>) -> Tensor {
      let product = matmul(output, block(recurrentKernel, gates))
      return recurrentBias.map { product + block($0, gates) } ?? product
    }
    /// Some blocks of `units` columns.
    func block(_ tensor: Tensor, _ gates: Range<Int>) -> Tensor {
      tensor[TensorIndex.ellipsis, gates.lowerBound * units..<gates.upperBound * units]
    }
    func block(_ tensor: Tensor, _ gate: Int) -> Tensor { block(tensor, gate..<gate + 1) }
  }
  /// What layers have besides; no initializer of the bias for none.
  struct Options {
    var returnSequences: Bool
    var goBackwards: Bool
    var name: String?
    var kernelInitializer: Initializer
    var recurrentInitializer: Initializer
    var biasInitializer: Initializer?
  }

  /// The size of the output, at least 1.
  public let units: Int
  /// Whether the result has the outputs of all steps, `[n, steps, units]`, or that of the last, `[n, units]`.
  public var returnSequences: Bool { options.returnSequences }
  /// Whether the last step comes first; the outputs of all steps are then in the order in which they are computed.
  public var goBackwards: Bool { options.goBackwards }
  /// The weights of the input, a variable; nil before the first call.
  public private(set) var kernel: Tensor?
  /// The weights of the output of the step before, a variable; nil before the first call.
  public private(set) var recurrentKernel: Tensor?
  /// The variable; nil before the first call, or if the layer has no bias.
  public private(set) var bias: Tensor?
  /// The name given; after the first call, the one that it goes by.
  public private(set) var name: String?

  private let rule: Rule
  private let options: Options

  init(_ units: Int, _ rule: Rule, _ options: Options) {
    self.units = units
    self.rule = rule
    self.options = options
    name = options.name
  }

  public func callAsFunction(_ input: Tensor) -> Tensor { result(for: input).output }

  /// The result, and the state after the last step, for a state to begin with: Keras's `initial_state` and `return_state`.
  ///
  /// - Parameters:
  ///   - input: The steps, `[n, steps, features]`.
  ///   - initialState: As many tensors `[n, units]` as the layer's state has, the output first; zeros if nil.
  public func callAsFunction(_ input: Tensor, initialState: [Tensor]?) -> (output: Tensor, state: [Tensor]) {
    result(for: input, initialState: initialState)
  }

  private func result(for input: Tensor, initialState: [Tensor]? = nil) -> (output: Tensor, state: [Tensor]) {
    input.graph.located {
      let (outputs, state) = run(input, initialState: initialState)
      guard returnSequences else { return (state[0], state) }
      return (goBackwards ? outputs.reversed(axes: [1]) : outputs, state)
    }
  }

  /// A layer of the same kind with weights of its own.
  func twin(named prefix: String, goBackwards: Bool) -> RecurrentLayer {
    var options = options
    options.name = prefix + (name ?? rule.baseName)
    options.goBackwards = goBackwards
    return RecurrentLayer(units, rule, options)
  }

  /// The outputs in the order of the input's steps, `[n, steps, units]`, or the last, as `returnSequences` says; and the last state.
  func run(_ input: Tensor, initialState: [Tensor]? = nil) -> (outputs: Tensor, state: [Tensor]) {
    let graph = input.graph
    var failed: (Tensor, [Tensor]) {
      let nothing = graph.invalid()
      return (nothing, [Tensor](repeating: nothing, count: rule.stateCount))
    }
    guard input.isValid, initialState?.allSatisfy(\.isValid) ?? true else { return failed }
    guard let kernel = kernel ?? makeWeights(for: input), let recurrentKernel, check(input, initialState) else {
      return failed
    }
    let start = Shape([input.shape[0], Dimension(units)])
    let initial = initialState ?? (0..<rule.stateCount).map { _ in graph.zeros(start, dtype: input.dtype) }
    let biases = rule.hasRecurrentBias ? (bias?[0], bias?[1]) : (bias, nil)
    var projected = matmul(input.transposed([1, 0, 2]), kernel)
    if let bias = biases.0 { projected = projected + bias }
    let loop = graph.scan(from: initial, over: [projected], isReversed: goBackwards) { _, state, rows in
      let next = rule.step(
        Step(
          input: rows[0], state: state, recurrentKernel: recurrentKernel, recurrentBias: biases.1, units: units))
      return (carries: next, outputs: returnSequences ? [next[0]] : [])
    }
    guard returnSequences, let outputs = loop.outputs.first, outputs.isValid else { return (loop.last[0], loop.last) }
    return (outputs.transposed([1, 0, 2]), loop.last)
  }

  private func makeWeights(for input: Tensor) -> Tensor? {
    let graph = input.graph
    guard units >= 1 else {
      _ = graph.invalid(.invalidArgument, "\(described) would have \(units) units; it needs at least 1.")
      return nil
    }
    guard input.dtype.isFloatingPoint else {
      refuse(input, .dtype, "its input is floating point; convert it with cast(to: .float32)")
      return nil
    }
    guard input.rank == 3, let features = input.shape[-1].value else {
      refuse(input, .shape, "its input is [n, steps, features] with a known number of features")
      return nil
    }
    let name = name ?? graph.uniqueName(rule.baseName)
    self.name = name
    graph.scope(name) {
      func variable(_ name: String, _ extents: [Int], _ initializer: Initializer) -> Tensor {
        graph.variable(name, initialValue: initializer(extents, graph: graph, dtype: input.dtype))
      }
      let columns = rule.gates * units
      kernel = variable("kernel", [features, columns], options.kernelInitializer)
      recurrentKernel = variable("recurrent_kernel", [units, columns], options.recurrentInitializer)
      bias = options.biasInitializer.map { variable("bias", rule.hasRecurrentBias ? [2, columns] : [columns], $0) }
    }
    return kernel
  }

  private func check(_ input: Tensor, _ initialState: [Tensor]?) -> Bool {
    guard let kernel, recurrentKernel?.isValid == true, bias?.isValid ?? true,
      kernel.isUsable(with: input, by: described)
    else { return false }
    guard input.rank == 3, input.dtype == kernel.dtype, input.shape[-1].canEqual(kernel.shape[0]) else {
      return refuse(
        input, .shape, "it has weights for \(kernel.dtype)[n, steps, \(kernel.shape[0])], from its first call")
    }
    guard input.shape[1].value ?? 0 >= 1 else {
      return refuse(input, .shape, "the number of steps, its second axis, has to be known")
    }
    guard let initialState else { return true }
    let state = TensorType(input.dtype, Shape([input.shape[0], Dimension(units)]))
    guard initialState.count == rule.stateCount, initialState.allSatisfy({ $0.type == state }) else {
      let found = initialState.map(\.type.description).joined(separator: ", ")
      let count = rule.stateCount == 1 ? "one tensor" : "\(rule.stateCount) tensors"
      return refuse(input, .shape, "its state is \(count) \(state), and cannot begin with (\(found))")
    }
    return true
  }

  /// Records a mistake; always false.
  @discardableResult
  private func refuse(_ input: Tensor, _ kind: ElbowError.Kind, _ reason: String) -> Bool {
    _ = input.graph.invalid(kind, "\(described) cannot be applied to \(input.type): \(reason).")
    return false
  }

  private var described: String { rule.call + (name.map { " '\($0)'" } ?? "") }
}
