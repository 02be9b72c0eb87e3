/// The headers that all emitted C includes, carried within the compiler.
package enum Prelude {
  /// A header by its name.
  package struct Header: Sendable {
    package let name: String
    package let text: String
  }

  private static let samplers: Set = ["elbow_adaptation.h", "elbow_nuts.h", "elbow_sampler.h"]

  /// The headers of this folder, in alphabetical order: one that has to do with profiling is for profiling builds only, and those that draw
  /// chains for models with a density.
  package static func headers(isProfiled: Bool, hasDensity: Bool = false) -> [Header] {
    all.filter {
      (isProfiled || $0.name != "elbow_profile.h") && (hasDensity || !samplers.contains($0.name))
    }
  }

  /// All of them as one text, for caches.
  package static let fingerprintText = all.map(\.text).joined()

  private static let all = EmbeddedFiles.all.map { Header(name: $0.name, text: $0.text) }
}
