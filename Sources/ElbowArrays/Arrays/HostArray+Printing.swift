import Foundation

extension HostArray: CustomStringConvertible {
  /// The elements in rows, as NumPy prints them: `[[1.0, 2.0],` and below it ` [3.0, 4.0]]`. Of more than a thousand, the first
  /// and last three along each axis.
  public var description: String {
    let isCut = count > Self.printedCount
    let texts = Dictionary(uniqueKeysWithValues: printedPositions(isCut).map { ($0, text(at: $0)) })
    let width = shape.isEmpty ? 0 : texts.values.map(\.count).max() ?? 0
    return rows(from: 0, axis: 0, isCut: isCut) { position in
      let text = texts[position] ?? ""
      return String(repeating: " ", count: width - min(width, text.count)) + text
    }
  }

  /// The dtype, the shape and the first elements in one line, for messages: `float32[2, 3] [0.0, 1.0, ...]`.
  package var summary: String {
    let shown = (0..<min(count, 8)).map(text(at:))
    return "\(dtype)\(shape) [\(shown.joined(separator: ", "))\(count > 8 ? ", ..." : "")]"
  }

  private static var printedCount: Int { 1000 }
  private static var edgeCount: Int { 3 }

  /// The positions along an axis that are printed; nil stands for those that are left out.
  private func printedIndices(_ axis: Int, _ isCut: Bool) -> [Int?] {
    let (extent, edge) = (shape[axis], Self.edgeCount)
    guard isCut, extent > 2 * edge else { return (0..<extent).map { $0 } }
    return (0..<edge).map { $0 } + [nil] + (extent - edge..<extent).map { $0 }
  }

  private func printedPositions(_ isCut: Bool) -> [Int] {
    guard count > 0 else { return [] }
    return shape.indices.reduce([0]) { positions, axis in
      positions.flatMap { position in printedIndices(axis, isCut).compactMap { $0 }.map { position * shape[axis] + $0 }
      }
    }
  }

  /// The elements of some axes on, in brackets; `position` counts them in units of those axes.
  private func rows(from position: Int, axis: Int, isCut: Bool, _ element: (Int) -> String) -> String {
    guard axis < shape.count else { return element(position) }
    let isLast = axis == shape.count - 1
    let parts = printedIndices(axis, isCut).map { index in
      index.map { rows(from: position * shape[axis] + $0, axis: axis + 1, isCut: isCut, element) } ?? "..."
    }
    let gap = String(repeating: "\n", count: shape.count - axis - 1) + String(repeating: " ", count: axis + 1)
    return "[" + parts.joined(separator: isLast ? ", " : "," + gap) + "]"
  }

  /// An element as its own dtype has it; floating point with eight digits at most.
  private func text(at position: Int) -> String {
    func element<Scalar: ArrayScalar>(_ type: Scalar.Type) -> Scalar {
      withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position * dtype.byteCount, as: type) }
    }
    return switch dtype {
    case .float32: element(Float.self).shortened
    case .float64: element(Double.self).shortened
    case .int32: element(Int32.self).description
    case .int64: element(Int64.self).description
    case .uint8: element(UInt8.self).description
    case .uint32: element(UInt32.self).description
    case .bool: element(Bool.self).description
    }
  }
}

extension BinaryFloatingPoint where Self: LosslessStringConvertible {
  /// The shortest text that stands for the number, or for its nearest number of eight digits.
  fileprivate var shortened: String {
    guard isFinite, let short = Self(String(format: "%.8g", Double(self)))?.description else { return description }
    return short.count < description.count ? short : description
  }
}
