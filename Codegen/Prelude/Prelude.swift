/// The headers that all emitted C includes, carried within the compiler.
package enum Prelude {
  /// A header by its name.
  package struct Header: Sendable {
    package let name: String
    package let text: String
  }

  /// The headers of this folder, in alphabetical order; one that has to do with profiling is for profiling builds only.
  package static func headers(isProfiled: Bool) -> [Header] {
    all.filter { isProfiled || $0.name != "elbow_profile.h" }
  }

  /// All of them as one text, for caches.
  package static let fingerprintText = all.map(\.text).joined()

  private static let all = EmbeddedFiles.all.map { Header(name: $0.name, text: $0.text) }
}
