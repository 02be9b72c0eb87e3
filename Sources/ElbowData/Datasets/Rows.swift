import ElbowArrays

/// Which stored rows a view shows, in which order. Every row is a valid one of the stored columns.
enum Rows: Sendable {
  /// Rows as they are stored.
  case range(Range<Int>)
  /// Rows in another order.
  case list(ArraySlice<Int>)

  var count: Int {
    switch self {
    case .range(let range): range.count
    case .list(let list): list.count
    }
  }

  /// The rows written out.
  var list: [Int] {
    switch self {
    case .range(let range): Array(range)
    case .list(let list): Array(list)
    }
  }

  /// The rows at positions of this view; the positions must lie within it.
  subscript(positions: Range<Int>) -> Rows {
    switch self {
    case .range(let range): .range(range.lowerBound + positions.lowerBound..<range.lowerBound + positions.upperBound)
    case .list(let list): .list(list[list.startIndex + positions.lowerBound..<list.startIndex + positions.upperBound])
    }
  }

  /// Fills `target` with the rows of `source` from `position` of this view on, one block copy each, or one for all when
  /// they lie together.
  func gather(from source: HostArray, at position: Int, into target: inout HostArray) {
    let rowCount = target.shape.first ?? 0
    guard rowCount > 0, position + rowCount <= count else { return }
    target.withUnsafeMutableBytes { target in
      source.withUnsafeBytes { source in
        let width = target.count / rowCount
        guard width > 0, let to = target.baseAddress, let from = source.baseAddress else { return }
        switch self {
        case .range(let range):
          to.copyMemory(from: from + (range.lowerBound + position) * width, byteCount: rowCount * width)
        case .list(let list):
          let first = list.startIndex + position
          for row in 0..<rowCount {
            (to + row * width).copyMemory(from: from + list[first + row] * width, byteCount: width)
          }
        }
      }
    }
  }
}

extension HostArray {
  /// Zeros of the same dtype and shape, but with another leading extent.
  func zeros(rows: Int) throws -> HostArray {
    try HostArray(zeros: [rows] + shape.dropFirst(), dtype: dtype)
  }
}
