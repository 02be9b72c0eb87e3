import ElbowArrays

/// Computes a program node by node, each by its primitive's own obvious rule: the oracle for compiled code, and what runs
/// where there is no C compiler.
public struct ReferenceEvaluator: Sendable {
  /// The program that is evaluated.
  public let program: Program
  /// With any but the declared one, floating-point results are float64.
  public let arithmetic: ReferenceArithmetic

  /// An evaluator of one program.
  ///
  /// - Parameters:
  ///   - program: The program to evaluate.
  ///   - arithmetic: The numbers that it is evaluated with.
  public init(_ program: Program, arithmetic: ReferenceArithmetic = .declared) {
    self.program = program
    self.arithmetic = arithmetic
  }

  /// The results of a run.
  public struct Result: Sendable {
    /// The outputs by name, those of checks left out.
    public var outputs: [String: HostArray]
    /// The new values of the variables that the program updates.
    public var updates: [String: HostArray]

    /// Results as given.
    ///
    /// - Parameters:
    ///   - outputs: The outputs by name.
    ///   - updates: The new values of the variables that the program updates, by name.
    public init(outputs: [String: HostArray], updates: [String: HostArray] = [:]) {
      self.outputs = outputs
      self.updates = updates
    }
  }

  /// One run.
  ///
  /// - Parameters:
  ///   - feeds: The placeholders' values.
  ///   - state: The variables' values, by name.
  ///   - random: The state that random numbers are drawn from.
  ///   - observe: Called with each node's index and value, in order, for those who look for the first that is wrong.
  /// - Throws: `ElbowError` if what is fed does not fit, a variable has no value, or a check does not hold.
  public func run(
    feeding feeds: [String: HostArray] = [:], state: [String: HostArray] = [:],
    random: RandomState = RandomState(seed: 0),
    observe: (Int, HostArray) throws -> Void = { _, _ in }
  ) throws -> Result {
    let (inputs, symbols) = try program.bind(feeds)
    return try run(bound: inputs, symbols: symbols, state: state, random: random, observe: observe)
  }

  /// One run on inputs that are known to fit.
  func run(
    bound inputs: [String: HostArray], symbols: [String: Int] = [:], state: [String: HostArray] = [:],
    random: RandomState, observe: (Int, HostArray) throws -> Void = { _, _ in }
  ) throws -> Result {
    var values: [HostArray?] = []
    let lastUse = lastUses()
    for (index, node) in program.nodes.enumerated() {
      let value = try evaluate(index, values, inputs, state, symbols, random)
      try observe(index, value)
      values.append(value)
      for input in node.inputs where lastUse[input] == index { values[input] = nil }
    }
    func value(_ node: Int) throws -> HostArray {
      guard let value = values[node] else { throw ElbowError(.internal, "A result was dropped before its use.") }
      return value
    }
    var result = Result(outputs: [:], updates: [:])
    for output in program.outputs {
      if let source = output.check {
        guard try value(output.node).doubles.allSatisfy({ $0 != 0 }) else {
          throw ElbowError(.invalidArgument, output.name, at: source.resolve())
        }
      } else {
        result.outputs[output.name] = try value(output.node)
      }
    }
    for update in program.updates { result.updates[program.variables[update.variable].name] = try value(update.node) }
    return result
  }

  private func lastUses() -> [Int] {
    var last = [Int](repeating: -1, count: program.nodes.count)
    for (index, node) in program.nodes.enumerated() { for input in node.inputs { last[input] = index } }
    for root in program.roots { last[root] = Int.max }
    return last
  }

  private func evaluate(
    _ index: Int, _ values: [HostArray?], _ inputs: [String: HostArray], _ state: [String: HostArray],
    _ symbols: [String: Int], _ random: RandomState
  ) throws -> HostArray {
    let node = program.nodes[index]
    if let placeholder = node.primitive as? Placeholder, let value = inputs[placeholder.input] {
      return try arithmetic.input(value)
    }
    if let read = node.primitive as? ReadVariable {
      guard let value = state[read.variable] else {
        throw ElbowError(.feed, "The variable '\(read.variable)' has no value yet.")
      }
      return try arithmetic.input(value)
    }
    guard let shape = node.type.shape.evaluated(with: symbols) else {
      throw ElbowError(.internal, "The shape \(node.type.shape) has a symbol that no input binds.")
    }
    let operands = try node.inputs.map { index in
      guard let value = values[index] else { throw ElbowError(.internal, "A value was dropped before its use.") }
      return value
    }
    let primitive = node.primitive.substituting(symbols.mapValues { Dimension($0) }) ?? node.primitive
    let own = arithmetic.within(index)
    let context = EvaluationContext(
      inputs: operands, dtype: own.held(node.type.dtype), shape: shape, bindings: symbols, random: random,
      arithmetic: own)
    return try own.evaluate(primitive, context, declared: node.type.dtype)
  }
}
