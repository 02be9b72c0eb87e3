import ElbowGraph

/// The common part of the layers that put zeros around their input, such as ``ZeroPadding2D``.
public class ZeroPaddingLayer: Layer {
  /// How many zeros come before and after each spatial axis of `[n, spatial..., channels]`, at least 0.
  public let padding: [(low: Int, high: Int)]

  private let axes: SpatialAxes

  init(_ axes: SpatialAxes, _ padding: [(low: Int, high: Int)]) {
    self.axes = axes
    self.padding = padding
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.graph.located {
      guard input.isValid else { return input }
      let numbers = padding.flatMap { [$0.low, $0.high] }
      guard input.rank == axes.count + 2, padding.count == axes.count,
        numbers.allSatisfy({ (0...1 << 30).contains($0) })
      else {
        let text = padding.map { "(\($0.low), \($0.high))" }.joined(separator: ", ")
        return input.graph.invalid(
          .shape,
          "ZeroPadding\(axes.count)D([\(text)]) cannot be applied to \(input.type): its input is \(axes.things) "
            + "\(axes.shape()), and it takes \(axes.counted("pair")) of numbers of at least 0.")
      }
      func around(_ amounts: [Int]) -> [Dimension] { ([0] + amounts + [0]).map { Dimension($0) } }
      return input.padded(low: around(padding.map(\.low)), high: around(padding.map(\.high)))
    }
  }
}

/// Zeros around series `[n, steps, channels]`.
public final class ZeroPadding1D: ZeroPaddingLayer {
  /// `padding` zeros before and after the series.
  public init(padding: Int = 1) { super.init(.one, [(padding, padding)]) }
  /// Zeros before and after the series, of different number: `[(low: 2, high: 0)]`.
  public init(_ padding: [(low: Int, high: Int)]) { super.init(.one, padding) }
}

/// Zeros around images `[n, height, width, channels]`.
public final class ZeroPadding2D: ZeroPaddingLayer {
  /// Rows of zeros above and below, and columns of zeros to both sides.
  public init(padding: SpatialPair = 1) { super.init(.two, padding.numbers.map { ($0, $0) }) }
  /// Rows above and below, then columns left and right: `[(low: 0, high: 1), (low: 0, high: 1)]`.
  public init(_ padding: [(low: Int, high: Int)]) { super.init(.two, padding) }
}

/// Zeros around volumes `[n, depth, height, width, channels]`.
public final class ZeroPadding3D: ZeroPaddingLayer {
  /// Zeros on both sides of each axis.
  public init(padding: SpatialTriple = 1) { super.init(.three, padding.numbers.map { ($0, $0) }) }
  /// Zeros before and after each axis.
  public init(_ padding: [(low: Int, high: Int)]) { super.init(.three, padding) }
}
