/// One part of a subscript: an index, a range, a range with a step, all, or a new axis.
public enum TensorIndex: Sendable {
  /// One position, whose axis the result does not have; a negative one counts from the end.
  case index(Int)
  /// Every `step`-th position from a first one to before another; nil for the axis's ends.
  case range(Int?, Int?, step: Int)
  /// The whole axis.
  case all
  /// A new axis of extent 1.
  case newAxis
  /// All axes that the other parts leave.
  case ellipsis
}

/// A type that can stand in the brackets of `x[...]`: `2`, `1..<3`, `..<2`, `1...`, `.all`, `.newAxis`, `.ellipsis`, and
/// `.range(nil, nil, step: -1)`.
public protocol TensorIndexConvertible {
  /// The part of a subscript that it stands for.
  var tensorIndex: TensorIndex { get }
}
extension TensorIndex: TensorIndexConvertible { public var tensorIndex: TensorIndex { self } }
extension Int: TensorIndexConvertible { public var tensorIndex: TensorIndex { .index(self) } }
extension Range: TensorIndexConvertible where Bound == Int {
  public var tensorIndex: TensorIndex { .range(lowerBound, upperBound, step: 1) }
}
extension ClosedRange: TensorIndexConvertible where Bound == Int {
  public var tensorIndex: TensorIndex { .range(lowerBound, end(after: upperBound), step: 1) }
}
extension PartialRangeFrom: TensorIndexConvertible where Bound == Int {
  public var tensorIndex: TensorIndex { .range(lowerBound, nil, step: 1) }
}
extension PartialRangeUpTo: TensorIndexConvertible where Bound == Int {
  public var tensorIndex: TensorIndex { .range(nil, upperBound, step: 1) }
}
extension PartialRangeThrough: TensorIndexConvertible where Bound == Int {
  public var tensorIndex: TensorIndex { .range(nil, end(after: upperBound), step: 1) }
}

/// Where a range ends whose last position is given; -1 is the axis's last, behind which nothing is.
private func end(after last: Int) -> Int? { last == -1 ? nil : last == .max ? last : last + 1 }

/// A part of a subscript by its name alone, `x[.all, ..<2]`: Swift looks for the name in what conforms to
/// ``TensorIndexConvertible``, and in ``TensorIndex`` itself it would stand for a case.
public struct NamedTensorIndex: TensorIndexConvertible, Sendable {
  /// The part that the name stands for.
  public let tensorIndex: TensorIndex
}

extension TensorIndexConvertible where Self == NamedTensorIndex {
  /// The whole axis.
  public static var all: NamedTensorIndex { NamedTensorIndex(tensorIndex: .all) }
  /// A new axis of extent 1.
  public static var newAxis: NamedTensorIndex { NamedTensorIndex(tensorIndex: .newAxis) }
  /// All axes that the other parts leave.
  public static var ellipsis: NamedTensorIndex { NamedTensorIndex(tensorIndex: .ellipsis) }
  /// Every `step`-th position from a first one to before another; nil for the axis's ends.
  public static func range(_ from: Int?, _ to: Int?, step: Int) -> NamedTensorIndex {
    NamedTensorIndex(tensorIndex: .range(from, to, step: step))
  }
}
