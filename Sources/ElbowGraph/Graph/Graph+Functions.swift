import ElbowArrays

/// Knowledge of a function of layers that has been written down: the names of layers that it makes itself.
package struct FunctionNames {
  /// By scopes and base name, in the order in which they are given out.
  fileprivate(set) var names: [String: [String]] = [:]
}

/// The state of a graph while functions of layers are written down.
struct FunctionState {
  /// Names given out for layers, in order, with what they were asked for by.
  var given: [(key: String, name: String)] = []
  /// Names to be given out instead of new ones; nil unless a function is written down again.
  var repeated: [String: [String]]?
  /// How many variables there were when it began to be written down again: what it makes from then on is new.
  var repeatedVariableCount = 0
  /// The objects that took part since ``Graph/collectingParts(_:)`` was called; nil outside of it.
  var parts: [AnyObject]?
  /// How often that was called.
  var collections = 0
}

extension Graph {
  // MARK: Layers of functions

  /// Writes down two versions of a function, such as those for training and for evaluation, with one set of variables.
  ///
  /// Layers that outlive the function keep their variables by themselves. Layers that the function makes anew each time it
  /// is called ask for names and variables again, and get those of the first version. Which of the names these are shows
  /// when the second version is written down: the variables that it reads without asking belong to the former.
  ///
  /// - Parameters:
  ///   - names: The names found out when the function was written down before, to which those of layers come that it makes for the
  ///     first time; nil the first time.
  ///   - first: The version that makes variables.
  ///   - second: The other; called twice if the function makes layers.
  package func writing<Result>(
    _ names: inout FunctionNames?, _ first: () -> Result, _ second: () -> Result
  ) -> (Result, Result) {
    let (firstVariable, firstName) = (variables.count, functionState.given.count)
    let result = writingAgain(names, first)
    let (made, given) = (variables[firstVariable...].map(\.name), functionState.given[firstName...])
    let (firstNode, ownVariable) = (nodes.count, variables.count)
    let known = names ?? FunctionNames()
    let probe = repeating(known, second)
    let own = Set(variables[ownVariable...].map(\.name))
    // Variables that are read where nobody asked for them.
    let kept = variablesRead(before: firstNode, since: firstNode).intersection(made)
    let free = given.filter { entry in
      let prefix =
        entry.key.split(separator: "/", omittingEmptySubsequences: false).dropLast() + [Substring(entry.name)]
      return !kept.contains { $0.hasPrefix(prefix.joined(separator: "/") + "/") }
    }
    let new = Dictionary(grouping: free) { $0.key }.mapValues { $0.map { $0.name } }
    let found = FunctionNames(names: known.names.merging(new) { $0 + $1 })
    names = found
    guard !own.isEmpty else { return (result, probe) }
    let secondNode = nodes.count
    let again = repeating(found, second)
    let needed = variablesRead(before: secondNode, since: secondNode)
    variables.removeAll { own.contains($0.name) && !needed.contains($0.name) }
    return (result, again)
  }

  /// Writes down a function once more, with the variables that it has made before; with new ones if `names` is nil.
  package func writingAgain<Result>(_ names: FunctionNames?, _ body: () -> Result) -> Result {
    names.map { repeating($0, body) } ?? body()
  }

  private func repeating<Result>(_ names: FunctionNames, _ body: () -> Result) -> Result {
    let outer = (functionState.repeated, functionState.repeatedVariableCount)
    (functionState.repeated, functionState.repeatedVariableCount) = (names.names, variables.count)
    defer { (functionState.repeated, functionState.repeatedVariableCount) = outer }
    return body()
  }

  /// The names of variables whose reading nodes lie before one node and are used by nodes from another on.
  private func variablesRead(before end: Int, since start: Int) -> Set<String> {
    let inputs = nodes[start...].lazy.flatMap(\.inputs)
    return Set(inputs.filter { $0 < end }.compactMap { (self.nodes[$0].primitive as? ReadVariable)?.variable })
  }

  /// A name that a function got when it was written down before.
  func repeatedName(_ key: String) -> String? {
    guard let name = functionState.repeated?[key]?.first else { return nil }
    functionState.repeated?[key]?.removeFirst()
    return name
  }

  /// The variable that a function made when it was written down before.
  func repeatedVariable(_ name: String, _ type: TensorType, _ role: VariableDeclaration.Role) -> Tensor? {
    guard functionState.repeated != nil,
      variables.prefix(functionState.repeatedVariableCount)
        .contains(where: { $0.name == name && $0.type == type && $0.role == role }),
      let node = nodes.firstIndex(where: { ($0.primitive as? ReadVariable)?.variable == name })
    else { return nil }
    // The same node: gradients are by nodes.
    return Tensor(graph: self, id: node)
  }

  // MARK: Parts of training

  /// Runs `body` and says which layers with something for a training step, such as losses, it has called.
  package func collectingParts<Result>(_ body: () -> Result) -> (result: Result, parts: [AnyObject]) {
    let outer = functionState.parts
    functionState.parts = []
    functionState.collections += 1
    defer { functionState.parts = outer }
    let result = body()
    return (result, functionState.parts ?? [])
  }

  /// Tells whoever collects parts that a layer was called that has something for a training step.
  package func note(_ part: AnyObject) {
    if functionState.parts?.contains(where: { $0 === part }) == false { functionState.parts?.append(part) }
  }

  /// Changes with each call of ``collectingParts(_:)``: a layer begins anew with what it adds to a training step.
  package var partCollection: Int { functionState.collections }
}
