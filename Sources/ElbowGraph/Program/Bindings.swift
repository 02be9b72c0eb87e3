import ElbowArrays

extension Program {
  /// Checks what is fed against the inputs and finds the values of the symbols.
  ///
  /// - Returns: The value of each input, defaults included, and of each symbol.
  /// - Throws: `ElbowError` of kind `feed` that names the placeholder, what was expected and what was found; where two
  ///   placeholders disagree about an extent it names both.
  public func bind(_ feeds: [String: HostArray]) throws(ElbowError) -> (
    values: [String: HostArray], symbols: [String: Int]
  ) {
    for name in feeds.keys.sorted() where !inputs.contains(where: { $0.name == name }) {
      if declaredTypes[name] != nil { continue }  // A placeholder of the graph that this program does not need.
      let known = declaredTypes.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
      throw ElbowError(
        .feed,
        "There is no placeholder named '\(name)'. "
          + (known.isEmpty ? "The graph has none." : "The graph has \(known)."))
    }
    var values: [String: HostArray] = [:]
    var symbols: [String: Int] = [:]
    var sources: [String: (input: String, shape: [Int])] = [:]
    for input in inputs {
      guard let value = feeds[input.name] ?? input.defaultValue else {
        throw ElbowError(
          .feed, "The placeholder '\(input.name)' is not fed; it expects \(declared(input)).", notes: place(of: input))
      }
      try check(value, input)
      for (axis, dimension) in input.type.shape.dimensions.enumerated() {
        guard let symbol = dimension.symbol else { continue }
        let extent = value.shape[axis]
        if let known = symbols[symbol], known != extent, let source = sources[symbol] {
          throw ElbowError(
            .feed,
            "The placeholders '\(source.input)' \(source.shape) and '\(input.name)' \(value.shape) disagree about "
              + "the extent \(symbol): \(known) in the first, \(extent) in axis \(axis) of the second.")
        }
        symbols[symbol] = extent
        sources[symbol] = sources[symbol] ?? (input.name, value.shape)
      }
      values[input.name] = value
    }
    try checkComposites(values, symbols)
    try checkExtents(symbols)
    return (values, symbols)
  }

  /// A note that says where an input is declared, as far as that is known.
  private func place(of input: Input) -> [String] {
    let node = nodes.first { ($0.primitive as? Placeholder)?.input == input.name }
    return node?.source.resolve().map { ["'\(input.name)' is declared at \($0)"] } ?? []
  }

  private func declared(_ input: Input) -> TensorType { declaredTypes[input.name] ?? input.type }

  private func check(_ value: HostArray, _ input: Input) throws(ElbowError) {
    guard value.dtype == input.type.dtype else {
      throw ElbowError(
        .feed, "The placeholder '\(input.name)' expects \(declared(input)), but was fed \(value.dtype)\(value.shape).",
        notes: place(of: input) + [
          "a HostArray keeps its dtype; numbers and nested arrays of them get the placeholder's"
        ])
    }
    let fits =
      value.shape.count == input.type.shape.rank
      && zip(value.shape, input.type.shape.dimensions).allSatisfy { $1.value == nil || $1.value == $0 }
    guard fits else {
      throw ElbowError(
        .feed, "The placeholder '\(input.name)' expects the shape \(input.type.shape), but was fed \(value.shape).",
        notes: place(of: input))
    }
    if let empty = value.shape.firstIndex(of: 0) {
      throw ElbowError(
        .feed, "The placeholder '\(input.name)' was fed \(value.shape): axis \(empty) is empty.",
        notes: place(of: input))
    }
  }

  /// Extents that are expressions, such as 2*n + 1, and equalities that no renaming could express.
  private func checkComposites(_ values: [String: HostArray], _ symbols: [String: Int]) throws(ElbowError) {
    for input in inputs {
      guard let value = values[input.name] else { continue }
      for (axis, dimension) in input.type.shape.dimensions.enumerated() where dimension.isSymbolic {
        if let expected = dimension.evaluated(with: symbols), expected != value.shape[axis] {
          throw ElbowError(
            .feed,
            "The placeholder '\(input.name)' was fed \(value.shape), but axis \(axis) must be \(dimension) = \(expected).",
            notes: place(of: input))
        }
      }
    }
    for equality in equalities {
      guard let left = equality.left.evaluated(with: symbols), let right = equality.right.evaluated(with: symbols)
      else {
        continue
      }
      guard left == right else {
        throw ElbowError(
          .feed,
          "What is fed makes \(equality.left) = \(left) and \(equality.right) = \(right), which have to be equal.",
          at: equality.source.resolve())
      }
    }
  }

  /// The value of every symbol of the program from the extents of its inputs; used by compiled code and the evaluator alike.
  public var symbols: [String] {
    var names: [String] = []
    for input in inputs {
      for dimension in input.type.shape.dimensions {
        if let symbol = dimension.symbol, !names.contains(symbol) { names.append(symbol) }
      }
    }
    return names
  }
}
