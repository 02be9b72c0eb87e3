import ElbowSchedule

/// The choices of measurements for a graph on a kind of CPU; nil where they left things as they are by default.
public struct Tuning: Sendable, Hashable, Codable {
  /// The rows of a tile: of the tasks in slices of the batch if the signature has any, of all tasks in tiles if not.
  public var tileRows: Int?
  /// The code that multiplies matrices.
  public var contractions: ContractionBackend?

  /// Choices as given.
  ///
  /// - Parameters:
  ///   - tileRows: The rows of a tile; nil for the default.
  ///   - contractions: The code that multiplies matrices; nil for the default.
  public init(tileRows: Int? = nil, contractions: ContractionBackend? = nil) {
    self.tileRows = tileRows
    self.contractions = contractions
  }
}
