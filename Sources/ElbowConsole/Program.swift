import ArgumentParser
import ElbowArrays
import Foundation

extension ParsableCommand {
  /// Runs a program by its arguments. It ends with 0 when all is well, 1 after an error, which is printed on standard error, and 64
  /// when the arguments make no sense.
  package static func runProgram() {
    // A pipe that nobody reads shows when it is written to, which is explained; the signal would end the process at once.
    signal(SIGPIPE) { _ in }
    // So does a file that would become larger than the system allows this user's to be.
    signal(SIGXFSZ) { _ in }
    do {
      do {
        var command = try parseAsRoot()
        try command.run()
      } catch  where !(error is ElbowError) {
        try end(error)
      }
    } catch {
      Console.report("\(withoutOwnLine(error))")
      Foundation.exit(EXIT_FAILURE)
    }
  }

  /// An error as users of the program see it: a line of the program itself tells them nothing, one of their model's file does.
  private static func withoutOwnLine(_ error: any Error) -> any Error {
    guard var error = error as? ElbowError, let file = error.location?.file,
      ["graphc/", "elbow-check/"].contains(where: file.hasPrefix)
    else { return error }
    error.location = nil
    return error
  }

  /// Ends with what ArgumentParser has to say, such as help or why the arguments make no sense.
  private static func end(_ error: any Error) throws {
    let (text, code) = (fullMessage(for: error), exitCode(for: error))
    if code.isSuccess { try Console.print(text) } else if !text.isEmpty { Console.report(text) }
    Foundation.exit(code.rawValue)
  }
}
