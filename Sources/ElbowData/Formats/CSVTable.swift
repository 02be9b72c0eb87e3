import ElbowArrays

/// The numbers of a CSV file.
public struct CSVTable: Sendable {
  /// The columns' names, from the left.
  public let columnNames: [String]
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

  /// A data set for regression: the columns `features`, `float32[rowCount, F]`, and `labels`, `float32[rowCount, L]`.
  ///
  /// - Parameters:
  ///   - name: What the data set is called.
  ///   - labels: The columns to predict; all others are features.
  /// - Throws: ``ElbowError`` when there is no column of a given name.
  public func dataset(named name: String, labels: [String]) throws -> Dataset {
    let features = columnNames.filter { !labels.contains($0) }
    return try Dataset(
      name: name,
      columns: [("features", array(columns: features)), ("labels", array(columns: labels))])
  }
}
