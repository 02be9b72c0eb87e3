/// The part of the way a library is built that decides about its C, but not about the schedule.
package struct EmissionOptions: Sendable, Hashable {
  /// Whether the library adds up how long each kernel takes: see `elbow_profile.h`.
  package let isProfiled: Bool
  /// Whether files include what kernels need that OpenBLAS computes.
  package let includesBLAS: Bool
  /// Whether functions of the headers are called, not inlined: then each file compiles all that it calls, and few large files are
  /// sooner compiled than many.
  package let callsFunctions: Bool

  package init(isProfiled: Bool = false, includesBLAS: Bool = false, callsFunctions: Bool = false) {
    (self.isProfiled, self.includesBLAS, self.callsFunctions) = (isProfiled, includesBLAS, callsFunctions)
  }
}
