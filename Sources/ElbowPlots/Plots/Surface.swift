import ElbowArrays

/// Values on an even grid over a rectangle, a density for example.
public struct Surface: Sendable {
  /// `[rows, columns]`, the first row at the lower end of `y`, the first column at the lower end of `x`.
  private let values: [Double]
  private let rows: Int
  private let columns: Int
  /// Where the first and last column are.
  public let x: ClosedRange<Double>
  /// Where the first and last row are.
  public let y: ClosedRange<Double>

  /// - Parameter values: Of shape `[rows, columns]`, at least 2 of each.
  /// - Throws: `ElbowError` when the array is not such a grid.
  public init(_ values: HostArray, x: ClosedRange<Double>, y: ClosedRange<Double>) throws {
    guard values.shape.count == 2, values.shape[0] >= 2, values.shape[1] >= 2 else {
      throw ElbowError(
        .shape, "A surface has at least 2 rows and 2 columns, but found \(values.dtype)\(values.shape).")
    }
    guard x.lowerBound < x.upperBound, y.lowerBound < y.upperBound else {
      throw ElbowError(.invalidArgument, "A surface lies over a rectangle, but found \(x) by \(y).")
    }
    self.values = values.doubles
    (rows, columns) = (values.shape[0], values.shape[1])
    (self.x, self.y) = (x, y)
  }

  /// The points of a grid, `float32[rows * columns, 2]`, in the order in which a surface wants its values.
  public static func grid(
    x: ClosedRange<Double>, y: ClosedRange<Double>, columns: Int, rows: Int
  ) throws -> HostArray {
    guard (2...4096).contains(columns), (2...4096).contains(rows) else {
      throw ElbowError(.invalidArgument, "A grid has from 2 to 4096 rows and columns, not \(rows) x \(columns).")
    }
    var points: [Float] = []
    for row in 0..<rows {
      for column in 0..<columns {
        points.append(Float(x.lowerBound + (x.upperBound - x.lowerBound) * Double(column) / Double(columns - 1)))
        points.append(Float(y.lowerBound + (y.upperBound - y.lowerBound) * Double(row) / Double(rows - 1)))
      }
    }
    return try HostArray(points, shape: [rows * columns, 2])
  }

  /// From the least to the greatest finite value.
  var finiteRange: ClosedRange<Double> {
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return 0...0 }
    return low...high
  }

  /// The value at a place given as shares of the rectangle, linear between the grid's points.
  func value(_ u: Double, _ v: Double) -> Double {
    let (column, row) = (min(max(u, 0), 1) * Double(columns - 1), min(max(v, 0), 1) * Double(rows - 1))
    let (i, j) = (min(Int(row), rows - 2), min(Int(column), columns - 2))
    let (s, t) = (row - Double(i), column - Double(j))
    func at(_ i: Int, _ j: Int) -> Double { values[i * columns + j] }
    return (1 - s) * ((1 - t) * at(i, j) + t * at(i, j + 1)) + s * ((1 - t) * at(i + 1, j) + t * at(i + 1, j + 1))
  }

  /// The line of a height, by marching squares: each cell of the grid is crossed between its sides where the height lies
  /// between their ends.
  func contour(_ level: Double) -> [Segment] {
    func point(_ i: Double, _ j: Double) -> Point {
      Point(
        x.lowerBound + (x.upperBound - x.lowerBound) * j / Double(columns - 1),
        y.lowerBound + (y.upperBound - y.lowerBound) * i / Double(rows - 1))
    }
    var segments: [Segment] = []
    for i in 0..<rows - 1 {
      for j in 0..<columns - 1 {
        let corners = [(i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j)]
        let heights = corners.map { values[$0.0 * columns + $0.1] }
        guard heights.allSatisfy(\.isFinite) else { continue }
        var crossings: [Point] = []
        for side in 0..<4 {
          let (a, b) = (heights[side], heights[(side + 1) % 4])
          guard (a < level) != (b < level) else { continue }
          let share = (level - a) / (b - a)
          let (from, to) = (corners[side], corners[(side + 1) % 4])
          crossings.append(
            point(Double(from.0) + share * Double(to.0 - from.0), Double(from.1) + share * Double(to.1 - from.1)))
        }
        // A saddle is crossed twice.
        for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
          segments.append(Segment(crossings[pair], crossings[pair + 1]))
        }
      }
    }
    return segments
  }
}
