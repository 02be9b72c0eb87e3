/// The inputs of scheduling besides the program: whose products a model computes with, and what was measured.
public struct SchedulingOptions: Sendable, Hashable {
  /// The code that multiplies matrices.
  public let contractions: ContractionBackend
  /// The rows of a tile of the batch; nil for what fits the caches.
  public let tileRows: Int?

  public init(contractions: ContractionBackend = .emitted, tileRows: Int? = nil) {
    self.contractions = contractions
    self.tileRows = tileRows.map { min(max($0, 1), Tuning.mostRows) }
  }
}
