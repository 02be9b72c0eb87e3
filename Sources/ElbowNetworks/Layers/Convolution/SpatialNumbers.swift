/// One number for the height of images and one for their width: `3` stands for both, `[3, 5]` for one each.
public struct SpatialPair: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
  CustomStringConvertible
{
  /// Height and width. A literal of another count than two is reported by the layer that is given it.
  public let numbers: [Int]

  /// The same number for height and width.
  public init(_ number: Int) { numbers = [number, number] }
  /// One number for each.
  public init(height: Int, width: Int) { numbers = [height, width] }
  /// The same number for height and width: `3`.
  public init(integerLiteral value: Int) { self.init(value) }
  /// Height, then width: `[3, 5]`.
  public init(arrayLiteral elements: Int...) { numbers = elements }

  public var description: String { "\(numbers)" }
}

/// One number for each of the depth, height and width of volumes: `3` stands for all, `[1, 3, 5]` for one each.
public struct SpatialTriple: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
  CustomStringConvertible
{
  /// Depth, height and width. A literal of another count than three is reported by the layer that is given it.
  public let numbers: [Int]

  /// The same number for depth, height and width.
  public init(_ number: Int) { numbers = [number, number, number] }
  /// One number for each.
  public init(depth: Int, height: Int, width: Int) { numbers = [depth, height, width] }
  /// The same number for depth, height and width: `3`.
  public init(integerLiteral value: Int) { self.init(value) }
  /// Depth, height, then width: `[1, 3, 5]`.
  public init(arrayLiteral elements: Int...) { numbers = elements }

  public var description: String { "\(numbers)" }
}
