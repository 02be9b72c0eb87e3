import Foundation

/// Messages of something that is wrong, but stops nothing.
package enum Warning {
  /// Prints a warning on standard error, on a line of its own.
  ///
  /// - Parameter text: The problem, without a stop; pieces of it may come from files.
  package static func print(_ text: String) {
    FileHandle.standardError.write(Data("warning: \(text.printable(keeping: ["\t"]))\n".utf8))
  }
}
