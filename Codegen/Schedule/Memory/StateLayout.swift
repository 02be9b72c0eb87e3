import ElbowArrays
import ElbowGraph

/// Where the variables of a graph lie in its state: one block that begins with the random state, and in which variables of
/// one role and group follow each other. An optimiser's slots thereby lie as their parameters do, and one loop serves all.
///
/// It depends on the graph's variables alone, so that all libraries of a graph can share a state.
package struct StateLayout: Sendable {
  /// The alignment of each variable, in bytes.
  package static let alignment = 64
  /// The bytes of the random state: the seed, the counter, and room for more.
  package static let headerByteCount = 64

  /// The offset of each variable, in bytes.
  package let offsets: [Int]
  /// The size of each variable, in bytes.
  package let byteCounts: [Int]
  /// The size of the whole state.
  package let byteCount: Int

  /// - Throws: `ElbowError` if a variable's shape is not fixed or the state would be too large.
  package init(_ variables: [VariableDeclaration]) throws {
    byteCounts = try variables.map { variable in
      guard let extents = variable.type.shape.extents else {
        throw ElbowError(.internal, "The variable '\(variable.name)' has no fixed shape.")
      }
      return try HostArray.byteCount(dtype: variable.type.dtype, shape: extents)
    }
    var offsets = [Int](repeating: 0, count: variables.count)
    var end = StateLayout.headerByteCount
    for index in StateLayout.order(variables) {
      offsets[index] = end
      let (next, overflow) = end.addingReportingOverflow(byteCounts[index] + StateLayout.alignment)
      guard !overflow, next < 1 << 46 else {
        throw ElbowError(.invalidArgument, "The variables are too large to hold.")
      }
      end = aligned(end + byteCounts[index])
    }
    self.offsets = offsets
    byteCount = end
  }

  /// By role, then by group, then as declared.
  package static func order(_ variables: [VariableDeclaration]) -> [Int] {
    var groups: [String] = []
    for variable in variables where !groups.contains(variable.group) { groups.append(variable.group) }
    func rank(_ index: Int) -> [Int] {
      let role = VariableDeclaration.Role.allCases.firstIndex(of: variables[index].role) ?? 0
      return [role, groups.firstIndex(of: variables[index].group) ?? 0, index]
    }
    return variables.indices.sorted { rank($0).lexicographicallyPrecedes(rank($1)) }
  }

  /// A text that two graphs share exactly when their states are laid out alike.
  package func fingerprintText(_ variables: [VariableDeclaration]) -> String {
    variables.indices.map { "\(variables[$0].name)\u{0}\(variables[$0].type)\u{0}\(offsets[$0])" }.joined(
      separator: "\u{1}")
  }
}

/// The next multiple of the alignment.
package func aligned(_ byteCount: Int) -> Int {
  (byteCount + StateLayout.alignment - 1) / StateLayout.alignment * StateLayout.alignment
}
