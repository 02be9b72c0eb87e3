import ArgumentParser
import ElbowArrays
import Foundation

/// How a result is printed.
package struct OutputOptions: ParsableArguments {
  @Flag(help: "Print the result as JSON, for scripts.")
  package var json = false

  package init() {}

  /// Prints a result: as a line of JSON if asked for, else as text.
  ///
  /// - Parameter files: The files that the result is about. Where one of them is standard output, the result goes to standard error.
  package func print(_ value: some Encodable, text: @autoclosure () -> String, besides files: [URL] = []) throws {
    let result = try json ? Console.json(value) : text()
    if files.contains(where: { OpenStream.descriptor(of: $0) == STDOUT_FILENO }) {
      Console.report(result)
    } else {
      try Console.print(result)
    }
  }
}
