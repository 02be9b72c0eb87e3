/// The extents of a tensor, outermost first. A scalar has none.
public struct Shape: Sendable, Hashable {
  /// The extents, outermost first.
  public var dimensions: [Dimension]

  /// A shape of extents that may be symbolic.
  public init(_ dimensions: [Dimension]) { self.dimensions = dimensions }

  /// A shape of fixed extents.
  public init(_ extents: [Int]) { dimensions = extents.map { Dimension($0) } }

  /// The shape of a scalar.
  public static let scalar = Shape([Dimension]())

  /// The number of axes.
  public var rank: Int { dimensions.count }

  /// The product of the extents.
  public var elementCount: Dimension { dimensions.reduce(1) { $0 * $1 } }

  /// The extents, if none is symbolic.
  public var extents: [Int]? {
    let fixed = dimensions.compactMap(\.value)
    return fixed.count == rank ? fixed : nil
  }

  /// Every symbol that occurs.
  public var symbols: Set<String> { dimensions.reduce(into: []) { $0.formUnion($1.symbols) } }

  /// The extent of an axis; a negative axis counts from the end. An axis that the shape does not have is 0.
  public subscript(axis: Int) -> Dimension {
    guard let axis = normalized(axis: axis) else { return 0 }
    return dimensions[axis]
  }

  /// The shape of the axes in a range, which is cut to those that exist.
  public subscript(axes: Range<Int>) -> Shape {
    Shape([Dimension](dimensions[axes.clamped(to: 0..<rank)]))
  }

  /// The axis counted from the start; nil if there is none such.
  public func normalized(axis: Int) -> Int? {
    let index = axis < 0 ? axis + rank : axis
    return (0..<rank).contains(index) ? index : nil
  }

  /// The last axes, at most `count`.
  public func suffix(_ count: Int) -> Shape { Shape([Dimension](dimensions.suffix(max(0, count)))) }

  /// The axes but the last `count`.
  public func dropLast(_ count: Int) -> Shape { Shape([Dimension](dimensions.dropLast(max(0, count)))) }

  /// The shape with symbols replaced.
  public func substituting(_ replacements: [String: Dimension]) -> Shape {
    replacements.isEmpty ? self : Shape(dimensions.map { $0.substituting(replacements) })
  }

  /// The extents for given values of the symbols; nil if one is missing.
  public func evaluated(with bindings: [String: Int]) -> [Int]? {
    let values = dimensions.compactMap { $0.evaluated(with: bindings) }
    return values.count == rank ? values : nil
  }

  /// The axes of `a`, and after them those of `b`.
  public static func + (a: Shape, b: Shape) -> Shape { Shape(a.dimensions + b.dimensions) }
}

extension Shape: ExpressibleByArrayLiteral {
  /// A shape of extents in brackets: `[n, 28, 28]`.
  public init(arrayLiteral elements: Dimension...) { dimensions = elements }
}

extension Shape: CustomStringConvertible {
  /// `[n, 28, 28]`; `[]` for a scalar.
  public var description: String { "[" + dimensions.map(\.description).joined(separator: ", ") + "]" }
}
