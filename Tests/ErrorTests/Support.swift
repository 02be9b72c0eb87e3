import Elbow
import Testing

/// The smallest program with a mistake, and what is said of it, from the file and line on.
struct Mistake: Sendable {
  let expected: String
  let body: @Sendable (Graph) -> Void

  /// - Parameter line: The line that the message names: write `#line` on the line of the closure.
  init(_ text: String, at line: Int, file: String = #fileID, _ body: @escaping @Sendable (Graph) -> Void) {
    expected = "\(file):\(line): error: \(text)"
    self.body = body
  }

  /// The messages for each, one line for each mistake of a graph. All places are looked up at once.
  static func found(_ mistakes: [Mistake]) -> [String] {
    let found = mistakes.map { mistake in
      let graph = Graph()
      mistake.body(graph)
      return graph.mistakes
    }
    var places = SourceReference.resolve(found.joined().map(\.source))[...]
    return found.map { mistakes in
      mistakes.map { mistake in
        var error = mistake.error
        error.location = places.popFirst() ?? nil
        return "\(error)"
      }.joined(separator: "\n")
    }
  }
}

/// The text of what a body throws.
func message(_ body: () throws -> some Any) -> String? {
  do {
    _ = try body()
    return nil
  } catch {
    return "\(error)"
  }
}
