import ElbowArrays

/// How often values fall between bounds, as TensorBoard shows it.
public struct Histogram: Sendable, Hashable {
  /// The least of the finite values; 0 if there are none.
  public let minimum: Double
  /// The largest of the finite values; 0 if there are none.
  public let maximum: Double
  /// The number of finite values.
  public let count: Int
  /// The sum of the finite values.
  public let sum: Double
  /// The sum of their squares.
  public let sumOfSquares: Double
  /// The upper bounds of the buckets, rising.
  public let limits: [Double]
  /// How many values lie in each bucket.
  public let counts: [Double]

  /// Counts the finite values of an array in buckets of equal width.
  public init(_ array: HostArray, bucketCount: Int = 40) {
    let values = array.doubles.filter(\.isFinite)
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    minimum = low
    maximum = high
    count = values.count
    sum = values.reduce(0, +)
    sumOfSquares = values.reduce(0) { $0 + $1 * $1 }
    let width = (high - low) / Double(max(bucketCount, 1))
    guard width.isNormal, bucketCount > 0 else {
      // All the same: one bucket around it.
      limits = [high.nextUp]
      counts = [Double(values.count)]
      return
    }
    var counts = [Double](repeating: 0, count: bucketCount)
    for value in values { counts[min(Int((value - low) / width), bucketCount - 1)] += 1 }
    self.counts = counts
    limits = (1...bucketCount).map { $0 == bucketCount ? high : low + Double($0) * width }
  }
}
