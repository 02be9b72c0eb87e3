import ElbowArrays

/// The numbers of a CSV file.
public struct CSVTable: Sendable {
  /// The columns' names, from the left.
  public let columnNames: [String]
  /// Whether the file named them.
  public let hasHeader: Bool
  /// The numbers, one row after another.
  public let values: [Double]
  /// How many rows were left out because a number was missing.
  public let droppedRowCount: Int

  /// The number of rows.
  public var rowCount: Int { columnNames.isEmpty ? 0 : values.count / columnNames.count }

  /// Columns side by side as `float32[rowCount, columns.count]`; all columns unless named.
  ///
  /// - Throws: ``ElbowError`` when there is no column of a given name, or a number is too large for `float32`.
  public func array(columns: [String]? = nil) throws -> HostArray {
    let chosen = columns ?? columnNames
    return try namingTheCallersLine { try array(of: chosen) }
  }

  private func array(of chosen: [String]) throws -> HostArray {
    let positions = try chosen.map { name in
      guard let position = columnNames.firstIndex(of: name) else {
        throw ElbowError(
          .data, "The table has no column '\(name)'; it has \(columnNames.joined(separator: ", ")).")
      }
      return position
    }
    let stride = columnNames.count
    let elements = (0..<rowCount).flatMap { row in positions.map { Float(values[row * stride + $0]) } }
    guard elements.allSatisfy(\.isFinite) else {
      throw ElbowError(.data, "The table has a number that is too large for float32.")
    }
    return try HostArray(elements, shape: [rowCount, chosen.count])
  }

  /// A data set for a model: its inputs as columns.
  ///
  /// An input of one number for each example takes the column of its name. At most one other input takes the columns that
  /// are left, in their order, which have to be as many as it has numbers for each example. Where every input has found its
  /// columns by name, the others are left out, and a note says so.
  ///
  /// - Parameters:
  ///   - name: The data set's name.
  ///   - inputs: The model's inputs: names, dtypes, and the shapes of an example; nil for an extent that may be any.
  /// - Throws: ``ElbowError`` when the columns are not those of the inputs, or a number is none of an input's dtype.
  public func dataset(
    named name: String, inputs: [(name: String, dtype: DType, shape: [Int?])]
  ) throws -> Dataset {
    func size(_ shape: [Int?]) -> Int? {
      shape.reduce(1) { product, extent in
        guard let product, let extent else { return nil }
        let (result, overflow) = product.multipliedReportingOverflow(by: extent)
        return overflow ? nil : result
      }
    }
    let named = inputs.filter { size($0.shape) == 1 && columnNames.contains($0.name) }.map(\.name)
    let left = columnNames.filter { !named.contains($0) }
    let others = inputs.filter { !named.contains($0.name) }
    let isFree = others.first.map { $0.shape.count == 1 && $0.shape[0] == nil } ?? false
    guard others.isEmpty || others.count == 1 && !left.isEmpty && (isFree || size(others[0].shape) == left.count) else {
      throw namingTheCallersLine(mismatch(name, inputs, others, left))
    }
    var notes: [String] = []
    if !hasHeader {
      notes.append(
        "\(name) begins with numbers, so its columns have no names and count as \(columnNames.joined(separator: ", "))")
    }
    if others.isEmpty, !left.isEmpty {
      notes.append("the model does not take these columns of \(name): \(left.joined(separator: ", "))")
    }
    let columns = try inputs.map { input in
      let chosen = named.contains(input.name) ? [input.name] : left
      let shape = named.contains(input.name) || !isFree ? input.shape.compactMap { $0 } : [left.count]
      return (name: input.name, array: try array(chosen, input.dtype, [rowCount] + shape))
    }
    return try Dataset(name: name, columns: columns, notes: notes)
  }

  private func mismatch(
    _ name: String, _ inputs: [(name: String, dtype: DType, shape: [Int?])],
    _ others: [(name: String, dtype: DType, shape: [Int?])], _ left: [String]
  ) -> ElbowError {
    func text(_ input: (name: String, dtype: DType, shape: [Int?])) -> String {
      let extents = (["n"] + input.shape.map { $0.map(String.init) ?? "any" }).joined(separator: ", ")
      return "'\(input.name)' (\(input.dtype)[\(extents)])"
    }
    return ElbowError(
      .data,
      "The columns of \(name) (\(columnNames.joined(separator: ", "))) are not what the model takes: "
        + "\(inputs.map(text).joined(separator: ", ")).",
      notes: [
        "an input of one number for each example takes the column of its name; one other takes all that are left",
        "here \(left.count) columns are left for \(others.isEmpty ? "none" : others.map(text).joined(separator: " and "))",
      ])
  }

  /// Columns side by side, as a dtype.
  private func array(_ columns: [String], _ dtype: DType, _ shape: [Int]) throws -> HostArray {
    let positions = columns.compactMap { columnNames.firstIndex(of: $0) }
    let chosen = (0..<rowCount).flatMap { row in positions.map { values[row * columnNames.count + $0] } }
    func converted<Scalar: ArrayScalar>(_ convert: (Double) -> Scalar?) throws -> HostArray {
      let scalars = try chosen.enumerated().map { index, value in
        guard let scalar = convert(value) else {
          throw namingTheCallersLine(
            ElbowError(
              .data,
              "The column '\(columns[index % columns.count])' has the number \(value) in row \(index / columns.count + 1), "
                + "which is no \(dtype)."))
        }
        return scalar
      }
      return try HostArray(scalars, shape: shape)
    }
    switch dtype {
    case .float32: return try converted { Float($0).isFinite ? Float($0) : nil }
    case .float64: return try converted { $0 }
    case .int32: return try converted { Int32(exactly: $0) }
    case .int64: return try converted { Int64(exactly: $0) }
    case .uint8: return try converted { UInt8(exactly: $0) }
    case .uint32: return try converted { UInt32(exactly: $0) }
    case .bool: return try converted { $0 == 0 || $0 == 1 ? $0 == 1 : nil }
    }
  }

  /// A data set for regression: the columns `features`, `float32[rowCount, F]`, and `labels`, `float32[rowCount, L]`.
  ///
  /// - Parameters:
  ///   - name: The data set's name.
  ///   - labels: The columns to predict; all others are features.
  /// - Throws: ``ElbowError`` when there is no column of a given name.
  public func dataset(named name: String, labels: [String]) throws -> Dataset {
    let features = columnNames.filter { !labels.contains($0) }
    return try Dataset(
      name: name,
      columns: [("features", array(columns: features)), ("labels", array(columns: labels))])
  }
}
