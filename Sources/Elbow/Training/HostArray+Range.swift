import ElbowArrays

extension HostArray {
  /// The first element outside of a range, with its row: of these rows, or of all. NaN is nowhere outside.
  func firstElement(
    outside range: ClosedRange<Double>, inRows rows: [Int64]?
  ) throws -> (row: Int, value: Double)? {
    func first<T: ArrayScalar>(_ type: T.Type, _ number: (T) -> Double) throws -> (row: Int, value: Double)? {
      try withElements(as: type) { elements in
        let width = shape.dropFirst().reduce(1, *)
        for position in 0..<(rows?.count ?? shape.first ?? 0) {
          let row = rows.map { Int($0[position]) } ?? position
          for index in row * width..<(row + 1) * width {
            let value = number(elements[index])
            if value < range.lowerBound || value > range.upperBound { return (row, value) }
          }
        }
        return nil
      }
    }
    switch dtype {
    case .float32: return try first(Float.self) { Double($0) }
    case .float64: return try first(Double.self) { $0 }
    case .int32: return try first(Int32.self) { Double($0) }
    case .int64: return try first(Int64.self) { Double($0) }
    case .uint32: return try first(UInt32.self) { Double($0) }
    case .uint8: return range.contains(0) && range.contains(255) ? nil : try first(UInt8.self) { Double($0) }
    case .bool: return nil
    }
  }
}
