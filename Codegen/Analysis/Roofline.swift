/// The best that a machine can do: operations on registers, and bytes from where the working set fits.
public struct Roofline: Sendable, Hashable, Codable {
  /// A place in the hierarchy of memory, known by a size that fits there.
  public struct Level: Sendable, Hashable, Codable {
    /// The largest working set that was found to be this fast.
    public var byteCount: Double
    /// Bytes read and written a second.
    public var bytesPerSecond: Double

    public init(byteCount: Double, bytesPerSecond: Double) {
      self.byteCount = byteCount
      self.bytesPerSecond = bytesPerSecond
    }
  }

  /// Fused multiply-adds, two operations each.
  public var flopsPerSecond: Double
  /// From the smallest to the largest; beyond the last it holds as well.
  public var levels: [Level]

  public init(flopsPerSecond: Double, levels: [Level]) {
    self.flopsPerSecond = flopsPerSecond
    self.levels = levels.sorted { $0.byteCount < $1.byteCount }
  }

  /// The bytes a second of a working set.
  public func bandwidth(workingSet: Double) -> Double {
    (levels.first { $0.byteCount >= workingSet } ?? levels.last)?.bytesPerSecond ?? .infinity
  }

  /// The least time for so much work: whichever of computing and moving takes longer.
  public func seconds(flops: Double, bytes: Double, workingSet: Double) -> Double {
    max(flops / flopsPerSecond, bytes / bandwidth(workingSet: workingSet))
  }
}
