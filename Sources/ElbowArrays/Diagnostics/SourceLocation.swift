/// A place in the user's source: a file and a line.
public struct SourceLocation: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The file, as `#fileID` or a path gives it.
  public var file: String
  /// The line, from 1; 0 where it is not known.
  public var line: Int

  public init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  public var description: String { line > 0 ? "\(file):\(line)" : file }
}
