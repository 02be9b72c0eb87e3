extension StringProtocol {
  /// The text without what a terminal takes for an order: control characters, other ends of lines, and marks that turn the
  /// direction of writing become `\u{1B}`, `\n` and the like.
  ///
  /// Names, and pieces of files that errors quote, come from whoever wrote a file. What is printed goes through here: an
  /// ``ElbowError``'s description, warnings, and all that `graphc` prints. Files and values that programs ask for have
  /// the text as it is.
  ///
  /// - Parameter kept: Control characters that stay, such as the end of a line where there may be several.
  package func printable(keeping kept: Set<Unicode.Scalar> = []) -> String {
    guard unicodeScalars.contains(where: { $0.isOrder && !kept.contains($0) }) else { return String(self) }
    var result = ""
    for scalar in unicodeScalars {
      if scalar.isOrder, !kept.contains(scalar) {
        result += scalar.escaped(asASCII: true)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension Unicode.Scalar {
  /// Whether it does something to what surrounds it instead of being seen itself.
  package var isOrder: Bool {
    switch value {
    case 0x20..<0x7f: return false
    // Marks, embeddings, overrides and isolates of the direction of writing.
    case 0x61c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: return true
    default: return [.control, .lineSeparator, .paragraphSeparator].contains(properties.generalCategory)
    }
  }
}
