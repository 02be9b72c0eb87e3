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

  /// Whether these are two numbers that extents can have.
  var isPositive: Bool { numbers.count == 2 && numbers.allSatisfy { (1...1 << 20).contains($0) } }
}
