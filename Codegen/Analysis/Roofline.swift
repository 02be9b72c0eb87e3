/// The best that a machine can do: operations on registers, and bytes from where the working set fits.
package struct Roofline: Sendable, Hashable, Codable {
  /// A place in the hierarchy of memory, known by a size that fits there.
  package struct Level: Sendable, Hashable, Codable {
    /// The largest working set that was found to be this fast.
    package var byteCount: Double
    /// Bytes read and written a second.
    package var bytesPerSecond: Double

    package init(byteCount: Double, bytesPerSecond: Double) {
      self.byteCount = byteCount
      self.bytesPerSecond = bytesPerSecond
    }
  }

  /// Fused multiply-adds, two operations each.
  package var flopsPerSecond: Double
  /// From the smallest to the largest; beyond the last it holds as well.
  package var levels: [Level]

  package init(flopsPerSecond: Double, levels: [Level]) {
    self.flopsPerSecond = flopsPerSecond
    self.levels = levels.sorted { $0.byteCount < $1.byteCount }
  }

  /// The bytes a second of a working set.
  package func bandwidth(workingSet: Double) -> Double {
    (levels.first { $0.byteCount >= workingSet } ?? levels.last)?.bytesPerSecond ?? .infinity
  }

  /// The least time for so much work: whichever of computing and moving takes longer.
  package func seconds(flops: Double, bytes: Double, workingSet: Double) -> Double {
    max(flops / flopsPerSecond, bytes / bandwidth(workingSet: workingSet))
  }
}
