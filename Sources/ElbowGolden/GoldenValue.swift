import ElbowArrays

/// A JSON value of a golden file.
public indirect enum GoldenValue: Sendable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)
  case list([GoldenValue])
  case object([String: GoldenValue])

  public subscript(key: String) -> GoldenValue? {
    if case .object(let fields) = self { return fields[key] }
    return nil
  }
  public var fields: [String: GoldenValue] {
    if case .object(let fields) = self { return fields }
    return [:]
  }
  public var list: [GoldenValue] {
    if case .list(let list) = self { return list }
    return []
  }
  public var text: String? {
    if case .text(let text) = self { return text }
    return nil
  }
  /// A number; infinities and NaN are written as text.
  public var number: Double? {
    switch self {
    case .number(let value): value
    case .text("inf"): .infinity
    case .text("-inf"): -.infinity
    case .text("nan"): .nan
    default: nil
    }
  }
  public var flag: Bool {
    if case .flag(let flag) = self { return flag }
    return false
  }
  public var integer: Int? { number.flatMap { Int(exactly: $0) } }
  public var integers: [Int] { list.compactMap { $0.number.flatMap { Int(exactly: $0) } } }

  /// Whether TFP has no implementation of the field.
  public var isUndefined: Bool { self["undefined"]?.flag ?? false }

  /// The field as a tensor, if it is one.
  public var tensor: GoldenTensor? {
    guard let shape = self["shape"], let data = self["data"] else { return nil }
    let (extents, values) = (shape.integers, data.list.compactMap(\.number))
    // Whoever wrote the file need not have counted.
    var count = 1
    for extent in extents {
      let (product, isTooLarge) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !isTooLarge else { return nil }
      count = product
    }
    guard extents.count == shape.list.count, values.count == data.list.count, values.count == count else { return nil }
    return GoldenTensor(shape: extents, values: values, isInteger: self["dtype"]?.text == "int32")
  }
}

/// An array of a golden file.
public struct GoldenTensor: Sendable {
  public var shape: [Int]
  public var values: [Double]
  public var isInteger = false

  public init(shape: [Int], values: [Double], isInteger: Bool = false) {
    self.shape = shape
    self.values = values
    self.isInteger = isInteger
  }

  /// The values to feed; integers as int32, others as `dtype`.
  public func array(_ dtype: DType) throws -> HostArray {
    if isInteger {
      let integers = values.compactMap { Int32(exactly: $0) }
      guard integers.count == values.count else {
        throw ElbowError(.data, "A golden tensor of int32 holds what is no integer.")
      }
      return try HostArray(integers, shape: shape)
    }
    return dtype == .float32
      ? try HostArray(values.map { Float($0) }, shape: shape) : try HostArray(values, shape: shape)
  }
  /// The dtype to declare for ``array(_:)``.
  public func dtype(_ dtype: DType) -> DType { isInteger ? .int32 : dtype }

  /// The tensor with the elements replaced that an `exact` field lists.
  public func corrected(by exact: GoldenValue?) -> GoldenTensor {
    guard let exact, let indices = exact["index"]?.integers, let values = exact["value"]?.list else { return self }
    var result = self
    for (index, value) in zip(indices, values) where result.values.indices.contains(index) {
      if let number = value.number { result.values[index] = number }
    }
    return result
  }
}
