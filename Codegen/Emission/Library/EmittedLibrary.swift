import ElbowManifest

/// The C of a compiled model: one file for each signature, one for what they share, a header for callers, and the library's
/// own headers.
public struct EmittedLibrary: Sendable {
  /// A file of C, with its name.
  public struct File: Sendable {
    /// The name with its extension, without folders.
    public var name: String
    /// All of the file's text.
    public var text: String

    /// A file of a name and a text.
    public init(name: String, text: String) { (self.name, self.text) = (name, text) }
  }

  /// The beginning of every external C symbol of the model.
  public var prefix: String
  /// The files to compile.
  public var sources: [File]
  /// The model's own headers that these include.
  public var modelHeaders: [File]
  /// The headers that they include in every model.
  public var prelude: [File]
  /// All headers.
  public var headers: [File] { modelHeaders + prelude }
  /// The model's description, which is also in the code.
  public var manifest: Manifest
  /// The code without comments and manifest: the key of a cache.
  public var fingerprintText: String
}
