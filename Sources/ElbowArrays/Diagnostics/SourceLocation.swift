/// A place in the user's source: a file and a line.
public struct SourceLocation: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The file, as `#fileID` or a path gives it.
  public var file: String
  /// The line, from 1; 0 where it is not known.
  public var line: Int

  /// A place of a file and a line.
  ///
  /// - Parameters:
  ///   - file: The file, as `#fileID` or a path gives it.
  ///   - line: The line, from 1; 0 where it is not known.
  public init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  /// `model.swift:12`; the file alone where the line is not known.
  public var description: String { line > 0 ? "\(file):\(line)" : file }
}
