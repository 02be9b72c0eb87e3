/// The part of the way a library is built that decides about its C, but not about the schedule.
package struct EmissionOptions: Sendable, Hashable {
  /// Whether the library adds up how long each kernel takes: see `elbow_profile.h`.
  package let isProfiled: Bool
  /// Whether files include what kernels need that OpenBLAS computes.
  package let includesBLAS: Bool

  package init(isProfiled: Bool = false, includesBLAS: Bool = false) {
    (self.isProfiled, self.includesBLAS) = (isProfiled, includesBLAS)
  }
}
