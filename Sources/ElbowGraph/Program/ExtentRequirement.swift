import ElbowArrays

/// An extent such as n - 3 that has to be at least 1, which depends on what is fed.
public struct ExtentRequirement: Sendable {
  /// The extent, with at least one symbol.
  public var extent: Dimension
  /// The name of the operation whose result has it.
  public var operation: String
  /// Where the user made that operation.
  public var source: SourceReference

  /// The requirements of some nodes, each extent once, those in the bodies of loops included.
  static func all(_ nodes: [Node]) -> [ExtentRequirement] {
    var seen: Set<Dimension> = []
    var result: [ExtentRequirement] = []
    func collect(_ nodes: [Node], _ outer: SourceReference?) {
      for node in nodes {
        for extent in node.type.shape.dimensions where extent.isSymbolic && !extent.isCertainlyPositive {
          guard seen.insert(extent).inserted else { continue }
          result.append(
            ExtentRequirement(
              extent: extent, operation: type(of: node.primitive).name, source: outer ?? node.source))
        }
        if let scan = node.primitive as? Scan { collect(scan.body.program.nodes, outer ?? node.source) }
      }
    }
    collect(nodes, nil)
    return result
  }
}

extension Program {
  /// Checks the extents that have to be at least 1, as far as the values of their symbols are known.
  ///
  /// - Throws: `ElbowError` of kind `feed` that names the extent, its value and the user's line.
  public func checkExtents(_ symbols: [String: Int]) throws(ElbowError) {
    for requirement in requirements {
      guard let value = requirement.extent.evaluated(with: symbols), value < 1 else { continue }
      let values = requirement.extent.symbols.sorted().map { "\($0) = \(symbols[$0] ?? 0)" }.joined(separator: ", ")
      throw ElbowError(
        .feed,
        "In '\(name)', '\(requirement.operation)' has the extent \(requirement.extent), which would be \(value)"
          + (values.isEmpty ? "" : " for \(values)") + "; expected 1 or more.", at: requirement.source.resolve())
    }
  }
}
