/// The part of the way a library is built that decides about its C.
public struct EmissionOptions: Sendable, Hashable {
  /// The code that multiplies matrices.
  public let contractions: ContractionBackend
  /// Whether the library adds up how long each kernel takes: see `elbow_profile.h`.
  public let isProfiled: Bool
  /// The rows of a tile of the batch; nil for what fits the caches.
  public let tileRows: Int?

  public init(contractions: ContractionBackend = .emitted, isProfiled: Bool = false, tileRows: Int? = nil) {
    self.contractions = contractions
    self.isProfiled = isProfiled
    self.tileRows = tileRows.map { min(max($0, 1), Tuning.mostRows) }
  }
}
