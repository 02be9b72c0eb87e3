import ElbowArrays
import ElbowGraph

/// Names for the values of a program as its model's author might call them: by scope, layer and meaning.
///
/// - A value that leaves the program is called after its output, and what it alone is made of after both: `loss`, `loss_sum`.
/// - A gradient is called after the parameter that it changes: `encoder_hidden_kernel_gradient`.
/// - The result of a layer is called after the layer, `encoder_hidden`, and what it is made of after layer and operation,
///   `encoder_hidden_product`.
/// - In the backward pass, which no output needs, names end in `gradient`: `decoder_logit_gradient` is by the layer's result, and
///   `decoder_logit_input_gradient` what the layer hands back.
/// - Anything else is called after its operation, and the input if it is made of one alone: `images_divide`.
///
/// Names are not unique, and may hold any characters that names of scopes and outputs may.
struct ValueNames {
  private let program: Program
  private let scopes: [String]
  private let users: [[Int]]
  /// Whether an output is computed from each node.
  private let isForward: [Bool]
  /// The parameters that gradients change, by node.
  private let gradients: [Int: String]
  /// The name of the output that each node is, or is the only thing that another is made of.
  private let outputs: [Int: String]

  init(_ program: Program) {
    self.program = program
    scopes = program.scopes
    var users = [[Int]](repeating: [], count: program.nodes.count)
    for (index, node) in program.nodes.enumerated() { for input in Set(node.inputs) { users[input].append(index) } }
    self.users = users
    var isForward = [Bool](repeating: false, count: program.nodes.count)
    for output in program.outputs { isForward[output.node] = true }
    for index in program.nodes.indices.reversed() where isForward[index] {
      for input in program.nodes[index].inputs { isForward[input] = true }
    }
    self.isForward = isForward
    gradients = ValueNames.gradients(program)
    var outputs: [Int: String] = [:]
    for output in program.outputs where outputs[output.node] == nil { outputs[output.node] = output.name }
    self.outputs = outputs
  }

  /// The name of a node's value.
  func name(_ node: Int) -> String {
    if let output = outputs[node] { return output }
    if let parameter = gradients[node] { return "\(parameter)_gradient" }
    let scope = scopes[node]
    guard isForward[node] else {
      if let layer = changedLayer(node) { return layer + "_gradient" }
      let isProduct = program.nodes[node].primitive is Contraction
      return (scope.isEmpty ? "" : scope + (isProduct ? "_input_" : "_")) + "gradient"
    }
    guard scope.isEmpty else {
      return isLast(node, in: scope) && !isRearrangement(node) ? scope : "\(scope)_\(operation(node))"
    }
    return ((purpose(node) ?? origin(node)).map { $0 + "_" } ?? "") + operation(node)
  }

  /// The layer whose parameters' gradients are computed from a node.
  private func changedLayer(_ node: Int) -> String? {
    usersBehindRearrangements(node).lazy.compactMap { gradients[$0] }.first.map { parameter in
      parameter.split(separator: "/").dropLast().joined(separator: "/")
    }
  }

  /// The input that a node is made of alone.
  private func origin(_ node: Int) -> String? {
    var node = node
    while true {
      if let input = program.nodes[node].primitive as? Placeholder { return input.input }
      let operands = program.nodes[node].inputs.filter { !isConstant($0) }
      guard operands.count == 1 else { return nil }
      node = operands[0]
    }
  }

  private func isConstant(_ node: Int) -> Bool {
    var node = node
    while program.nodes[node].primitive is Broadcast { node = program.nodes[node].inputs[0] }
    return program.nodes[node].primitive is Constant
  }

  /// Whether only other scopes use the node, so that it is what its scope computes. Rearrangements of it are no use.
  private func isLast(_ node: Int, in scope: String) -> Bool {
    usersBehindRearrangements(node).filter { isForward[$0] }.allSatisfy { scopes[$0] != scope }
  }

  /// The nodes that use a node's elements, wherever these are put on the way.
  private func usersBehindRearrangements(_ node: Int) -> [Int] {
    var (found, waiting): ([Int], [Int]) = ([], users[node])
    var seen: Set<Int> = []
    while let user = waiting.popLast() {
      guard seen.insert(user).inserted else { continue }
      if isRearrangement(user) { waiting += users[user] } else { found.append(user) }
    }
    return found.sorted()
  }

  /// Whether a node only puts elements elsewhere.
  private func isRearrangement(_ node: Int) -> Bool {
    let primitive = program.nodes[node].primitive
    return primitive is any ViewPrimitive || primitive is any AssemblyPrimitive || primitive is Cast
  }

  /// The output that a node without a scope is made for: the one at the end of the nodes that each are all that uses the last.
  private func purpose(_ node: Int) -> String? {
    var node = node
    while true {
      let next = users[node].filter { isForward[$0] }
      guard next.count == 1, outputs[node] == nil else { return outputs[node] }
      node = next[0]
    }
  }

  private func operation(_ node: Int) -> String {
    switch program.nodes[node].primitive {
    case is Contraction: "product"
    case let reduction as Reduce: reduction.operation.rawValue
    case is RandomBits: "bits"
    case is Select where isRectifier(node): "relu"
    case let primitive: type(of: primitive).name
    }
  }

  /// Whether a choice is `0 < x ? x : 0`.
  private func isRectifier(_ node: Int) -> Bool {
    let inputs = program.nodes[node].inputs
    guard let compare = program.nodes[inputs[0]].primitive as? Compare, compare.relation == .less else { return false }
    return program.nodes[inputs[0]].inputs == [inputs[2], inputs[1]] && isConstant(inputs[2])
  }

  /// The nodes from which parameters' new values are computed element by element: the first ones on the way back that are computed
  /// otherwise and are of the parameter's shape.
  private static func gradients(_ program: Program) -> [Int: String] {
    var found: [Int: String] = [:]
    for update in program.updates where program.variables[update.variable].role == .parameter {
      let variable = program.variables[update.variable]
      var seen: Set<Int> = []
      var waiting = [update.node]
      while let node = waiting.popLast() {
        guard seen.insert(node).inserted, program.type(node).shape == variable.type.shape else { continue }
        switch program.nodes[node].primitive {
        case is any ElementwisePrimitive: waiting += program.nodes[node].inputs
        case is any InputPrimitive, is any GeneratingPrimitive, is Broadcast: break
        default: if found[node] == nil { found[node] = variable.name }
        }
      }
    }
    return found
  }
}
