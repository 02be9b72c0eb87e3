/// The part of the way a library is built that decides about its C, but not about the schedule.
public struct EmissionOptions: Sendable, Hashable {
  /// Whether the library adds up how long each kernel takes: see `elbow_profile.h`.
  public let isProfiled: Bool
  /// Whether files include what kernels need that OpenBLAS computes.
  public let includesBLAS: Bool

  public init(isProfiled: Bool = false, includesBLAS: Bool = false) {
    (self.isProfiled, self.includesBLAS) = (isProfiled, includesBLAS)
  }
}
