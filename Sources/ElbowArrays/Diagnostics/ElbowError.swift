/// A mistake that Elbow found, as a value: what kind it is, one full sentence, and notes that help.
///
/// Printed, it reads as a compiler's message does: `model.swift:12: error: ...` and a line for each note. Control characters,
/// which names from files may have, are escaped then.
public struct ElbowError: Error, Sendable, Hashable {
  /// The kind of mistake, for programs that react to it.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// Shapes, ranks or extents that do not fit an operation.
    case shape
    /// Dtypes that do not fit an operation.
    case dtype
    /// A gradient was asked for where none exists.
    case gradient
    /// An argument that is out of range or makes no sense.
    case invalidArgument
    /// A feed or fetch that does not fit the graph or model.
    case feed
    /// A file that cannot be read, or is not what it says it is.
    case file
    /// A data set that cannot be found or does not fit.
    case data
    /// The C compiler is missing or failed.
    case toolchain
    /// A compiled library that cannot be used.
    case library
    /// A value became NaN or infinite.
    case numerics
    /// A mistake of Elbow's own; please report it.
    case `internal`
  }

  /// The kind of mistake.
  public var kind: Kind
  /// One or more full sentences: what was expected, what was found, what to do.
  public var message: String
  /// Where in the user's program, if known.
  public var location: SourceLocation?
  /// Further facts, one line each.
  public var notes: [String]

  /// A mistake as given.
  ///
  /// - Parameters:
  ///   - kind: The kind of mistake.
  ///   - message: One or more full sentences: what was expected, what was found, what to do.
  ///   - location: Where in the user's program, if known.
  ///   - notes: Further facts, one line each.
  public init(_ kind: Kind, _ message: String, at location: SourceLocation? = nil, notes: [String] = []) {
    self.kind = kind
    self.message = message
    self.location = location
    self.notes = notes
  }
}

extension ElbowError: CustomStringConvertible {
  /// The message as a compiler would print it, with a line for each note and control characters escaped.
  public var description: String {
    let place = location.map { "\($0): " } ?? ""
    // Each is one line, whatever names and quotations of files are in it.
    return (["\(place)error: \(message)"] + notes.map { "  note: \($0)" }).map { $0.printable(keeping: ["\t"]) }
      .joined(separator: "\n")
  }
}
