/// The headers that all emitted C includes, carried within the compiler.
package enum Prelude {
  /// A header by its name.
  package struct Header: Sendable {
    package let name: String
    package let text: String
  }

  package static let headers: [Header] = [
    file("elbow.h", PackageResources.elbow_h),
    file("elbow_blas.h", PackageResources.elbow_blas_h),
    file("elbow_contraction.h", PackageResources.elbow_contraction_h),
    file("elbow_dots.h", PackageResources.elbow_dots_h),
    file("elbow_manifest.h", PackageResources.elbow_manifest_h),
    file("elbow_math.h", PackageResources.elbow_math_h),
    file("elbow_model.h", PackageResources.elbow_model_h),
    file("elbow_narrow.h", PackageResources.elbow_narrow_h),
    file("elbow_pair.h", PackageResources.elbow_pair_h),
    file("elbow_random.h", PackageResources.elbow_random_h),
    file("elbow_special.h", PackageResources.elbow_special_h),
    file("elbow_steps.h", PackageResources.elbow_steps_h),
    file("elbow_threads.h", PackageResources.elbow_threads_h),
    file("elbow_transpose.h", PackageResources.elbow_transpose_h),
    file("elbow_vector.h", PackageResources.elbow_vector_h),
    file("elbow_winograd.h", PackageResources.elbow_winograd_h),
  ]

  /// The headers that only models with a density to draw from include.
  package static let sampler: [Header] = [
    file("elbow_adaptation.h", PackageResources.elbow_adaptation_h),
    file("elbow_nuts.h", PackageResources.elbow_nuts_h),
    file("elbow_sampler.h", PackageResources.elbow_sampler_h),
  ]

  /// The header that only profiling builds include.
  package static let profile = file("elbow_profile.h", PackageResources.elbow_profile_h)

  /// All of them as one text, for caches.
  package static let fingerprintText = (headers + sampler + [profile]).map(\.text).joined()

  private static func file(_ name: String, _ bytes: [UInt8]) -> Header {
    Header(name: name, text: String(decoding: bytes, as: UTF8.self))
  }
}
