import ElbowArrays
import ElbowGraph

/// Finds the operation that first made NaN or infinity, by computing a run once more node by node.
struct NumericsCheck {
  let program: Program

  /// Whether all floating-point values are finite.
  static func isFinite(_ array: HostArray) -> Bool {
    guard array.dtype.isFloatingPoint else { return true }
    return
      (try? array.dtype == .float32
      ? array.withElements { (x: UnsafeBufferPointer<Float>) in x.allSatisfy(\.isFinite) }
      : array.withElements { (x: UnsafeBufferPointer<Double>) in x.allSatisfy(\.isFinite) }) ?? true
  }

  private struct Found: Error {
    let node: Int
    let value: HostArray
  }

  /// The mistake, for a run that yielded something that is not finite.
  ///
  /// - Parameters:
  ///   - feeds: The values fed.
  ///   - state: The variables before the run.
  ///   - random: The random state before the run.
  func explain(_ feeds: [String: HostArray], _ state: [String: HostArray], _ random: RandomState) throws -> ElbowError {
    for (name, value) in feeds.sorted(by: { $0.key < $1.key }) where !NumericsCheck.isFinite(value) {
      return ElbowError(.numerics, "The placeholder '\(name)' was fed NaN or infinity\(place(value)).")
    }
    for (name, value) in state.sorted(by: { $0.key < $1.key }) where !NumericsCheck.isFinite(value) {
      return ElbowError(.numerics, "The variable '\(name)' held NaN or infinity\(place(value)) before the run.")
    }
    do {
      _ = try ReferenceEvaluator(program).run(feeding: feeds, state: state, random: random) { node, value in
        // A constant may be infinite on purpose; what is made of it is looked at.
        let isInput =
          program.nodes[node].primitive is any InputPrimitive || program.nodes[node].primitive is any ViewPrimitive
        if !isInput && !NumericsCheck.isFinite(value) { throw Found(node: node, value: value) }
      }
    } catch let found as Found {
      let node = program.nodes[found.node]
      let operands = node.inputs.map { program.type($0).description }.joined(separator: ", ")
      return ElbowError(
        .numerics,
        "'\(type(of: node.primitive).name)' of (\(operands)) was the first operation of '\(program.name)' to make NaN "
          + "or infinity\(place(found.value)).", at: node.source.resolve())
    }
    return ElbowError(
      .numerics,
      "The compiled run of '\(program.name)' made NaN or infinity, but the reference evaluator does not; please "
        + "report this.")
  }

  private func place(_ array: HostArray) -> String {
    guard let index = array.doubles.firstIndex(where: { !$0.isFinite }) else { return "" }
    var (rest, position) = (index, [Int](repeating: 0, count: array.shape.count))
    for axis in array.shape.indices.reversed() where array.shape[axis] > 0 {
      position[axis] = rest % array.shape[axis]
      rest /= array.shape[axis]
    }
    return position.isEmpty ? "" : " at \(position)"
  }
}
