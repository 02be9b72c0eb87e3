import ElbowArrays

extension Graph {
  /// An input that is fed when the graph runs.
  ///
  /// - Parameters:
  ///   - name: The name it is fed by; unique in the graph.
  ///   - shape: Its extents; `nil` for one that only feeding determines, such as the batch size.
  ///   - dtype: Its dtype; the graph's ``floatingPoint`` if nil.
  ///   - defaultValue: For scalars: what it is when nothing is fed, such as a learning rate.
  public func placeholder(
    _ name: String, shape: [Int?] = [], dtype: DType? = nil, defaultValue: Double? = nil
  ) -> Tensor {
    located {
      let dtype = dtype ?? floatingPoint
      guard Graph.isName(name), !placeholders.contains(where: { $0.name == name }) else {
        return invalid(
          .invalidArgument,
          "A placeholder cannot be named '\(name.printable())': names are unique, not empty, of at most 200 bytes, and "
            + "without control characters.")
      }
      if let negative = shape.compactMap({ $0 }).first(where: { $0 < 1 }) {
        return invalid(.shape, "The placeholder '\(name)' has the extent \(negative); extents are at least 1, or nil.")
      }
      let dimensions = shape.map { $0.map { Dimension($0) } ?? Dimension(symbol: freshSymbol()) }
      return declarePlaceholder(name, TensorType(dtype, Shape(dimensions)), defaultValue: defaultValue)
    }
  }

  /// An input whose shape may name symbols that the graph knows already.
  package func declarePlaceholder(_ name: String, _ type: TensorType, defaultValue: Double?) -> Tensor {
    var value: HostArray?
    if let defaultValue {
      guard type.shape.rank == 0, let array = try? HostArray(scalar: defaultValue).cast(to: type.dtype) else {
        return invalid(
          .shape, "The placeholder '\(name)' has a default value, so its shape must be [], not \(type.shape).")
      }
      value = array
    }
    let tensor = apply(Placeholder(name, type: type), [])
    if tensor.isValid {
      placeholders.append(PlaceholderDeclaration(name: name, type: type, defaultValue: value, node: tensor.id))
    }
    return tensor
  }

  /// A named piece of state.
  ///
  /// - Parameters:
  ///   - name: Unique in the graph; the names of enclosing ``scope(_:_:)`` come before it.
  ///   - initialValue: The value it starts with: an expression of constants and random numbers, of fixed shape.
  ///   - role: Its purpose.
  /// - Returns: The value it has when a run begins.
  public func variable(
    _ name: String, initialValue: Tensor, role: VariableDeclaration.Role = .parameter, group: String = ""
  ) -> Tensor {
    located {
      guard initialValue.isValid else { return invalid(nil) }
      let full = (scopes + [name]).joined(separator: "/")
      if let repeated = repeatedVariable(full, initialValue.type, role) { return repeated }
      guard Graph.isName(full), !variables.contains(where: { $0.name == full }) else {
        return invalid(
          .invalidArgument,
          "A variable cannot be named '\(full.printable())': names are unique, not empty, of at most 200 bytes, and "
            + "without control characters.")
      }
      guard initialValue.shape.extents != nil else {
        return invalid(
          .shape, "The variable '\(full)' would have the shape \(initialValue.shape); variables have fixed shapes.")
      }
      if let input = inputNeeded(by: initialValue.id) {
        return invalid(
          .invalidArgument,
          "The variable '\(full)' would begin with a value that depends on \(nodes[input].primitive.title); "
            + "initial values are made of constants and random numbers.")
      }
      let tensor = apply(ReadVariable(full, type: initialValue.type), [])
      if tensor.isValid {
        variables.append(
          VariableDeclaration(
            name: full, type: initialValue.type, role: role, group: group, initialValue: initialValue.id))
      }
      return tensor
    }
  }

  /// The variable that a tensor reads; nil if it is something else.
  public func declaration(of tensor: Tensor) -> VariableDeclaration? {
    guard tensor.graph === self, let read = nodes[tensor.id].primitive as? ReadVariable else { return nil }
    return variables.first { $0.name == read.variable }
  }

  /// The tensors that read the variables of a role, in the order of declaration.
  public func variables(role: VariableDeclaration.Role) -> [Tensor] {
    let names = Set(variables.filter { $0.role == role }.map(\.name))
    var seen: Set<String> = []
    return nodes.indices.compactMap { index in
      guard let read = nodes[index].primitive as? ReadVariable, names.contains(read.variable),
        seen.insert(read.variable).inserted
      else { return nil }
      return Tensor(graph: self, id: index)
    }
  }

  /// The tensors that read the variables of a role that another tensor depends on, in the order of declaration.
  public func variables(role: VariableDeclaration.Role, neededBy tensor: Tensor) -> [Tensor] {
    guard tensor.graph === self else { return [] }
    var isNeeded = [Bool](repeating: false, count: tensor.id + 1)
    isNeeded[tensor.id] = true
    for index in isNeeded.indices.reversed() where isNeeded[index] {
      for input in nodes[index].inputs { isNeeded[input] = true }
    }
    let names = Set(
      isNeeded.indices.compactMap { isNeeded[$0] ? (nodes[$0].primitive as? ReadVariable)?.variable : nil })
    return variables(role: role).filter { declaration(of: $0).map { names.contains($0.name) } ?? false }
  }

  /// Puts a name before those of all variables that `body` declares: `scope("encoder") { ... }`.
  public func scope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    scopes.append(name)
    defer { scopes.removeLast() }
    return try body()
  }

  /// The same where there is a name.
  package func scope<Result>(named name: String?, _ body: () throws -> Result) rethrows -> Result {
    guard let name else { return try body() }
    return try scope(name, body)
  }

  /// A name that the graph has not given out yet, and that no variable stands under: `dense`, `dense_1`, ...
  public func uniqueName(_ base: String) -> String {
    let key = (scopes + [base]).joined(separator: "/")
    if let name = repeatedName(key) { return name }
    var name = base
    var count = 0
    defer { functionState.given.append((key, name)) }
    func isTaken(_ full: String) -> Bool {
      !usedNames.insert(full).inserted || variables.contains { $0.name.hasPrefix(full + "/") }
    }
    while isTaken((scopes + [name]).joined(separator: "/")) {
      count += 1
      name = "\(base)_\(count)"
    }
    return name
  }

  /// Whether a text can name an input or a variable.
  public static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 200
      && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  // MARK: Constants and generated values

  /// A value known now.
  public func constant(_ value: HostArray) -> Tensor { apply(Constant(value), []) }

  /// A scalar known now, converted to the dtype.
  public func constant(_ value: Double, dtype: DType? = nil) -> Tensor {
    let dtype = dtype ?? floatingPoint
    guard let array = try? HostArray(scalar: value).cast(to: dtype) else {
      return invalid(.internal, "The constant \(value) could not be converted to \(dtype).")
    }
    return apply(Constant(array), [])
  }

  /// A vector known now, converted to the dtype.
  public func constant(_ values: [Double], dtype: DType? = nil) -> Tensor {
    let dtype = dtype ?? floatingPoint
    guard let array = try? HostArray(values).cast(to: dtype) else {
      return invalid(.internal, "The constant \(values) could not be converted to \(dtype).")
    }
    return apply(Constant(array), [])
  }

  /// Equal elements.
  public func full(_ shape: Shape, _ value: Double, dtype: DType? = nil) -> Tensor {
    located { constant(value, dtype: dtype).broadcast(to: shape) }
  }
  /// Zeros of a shape.
  public func zeros(_ shape: Shape, dtype: DType? = nil) -> Tensor { full(shape, 0, dtype: dtype) }
  /// Ones of a shape.
  public func ones(_ shape: Shape, dtype: DType? = nil) -> Tensor { full(shape, 1, dtype: dtype) }

  /// Positions along an axis.
  public func iota(_ shape: Shape, axis: Int, dtype: DType = .int32) -> Tensor {
    located {
      guard let axis = shape.normalized(axis: axis) else {
        return invalid(.shape, "'iota' of shape \(shape) has no axis \(axis).")
      }
      return apply(Iota(axis: axis, type: TensorType(dtype, shape)), [])
    }
  }

  /// The value of an extent, a scalar.
  public func extent(_ dimension: Dimension, dtype: DType? = nil) -> Tensor {
    if let value = dimension.value { return constant(Double(value), dtype: dtype) }
    return apply(ExtentOf(dimension, dtype: dtype ?? floatingPoint), [])
  }

  /// A number for a stream of random numbers that nothing else in the graph uses.
  public func freshRandomStream() -> UInt32 {
    defer { streamCount &+= 1 }
    return streamCount
  }
}
