import ElbowManifest

/// The C of a compiled model: one file for each signature, one for what they share, a header for callers, and the library's
/// own headers.
public struct EmittedLibrary: Sendable {
  public struct File: Sendable {
    public var name: String
    public var text: String

    public init(name: String, text: String) { (self.name, self.text) = (name, text) }
  }

  public var prefix: String
  /// The files to compile.
  public var sources: [File]
  /// The model's own headers that these include.
  public var modelHeaders: [File]
  /// The headers that they include in every model.
  public var prelude: [File]
  /// All headers.
  public var headers: [File] { modelHeaders + prelude }
  public var manifest: Manifest
  /// The code without comments and manifest: the key of a cache.
  public var fingerprintText: String
}
