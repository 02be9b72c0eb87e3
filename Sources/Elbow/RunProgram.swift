import ElbowArrays
import Foundation

/// Runs a program; an error ends the process with what it says on standard error and the exit code 1.
///
/// An error that nobody catches at the top level of `main.swift` is a crash to Swift, which takes seconds over a backtrace.
///
/// ```swift
/// runProgram {
///   let session = try Session(graph)
///   print(try session.run(samples))
/// }
/// ```
public func runProgram(_ body: () throws -> Void) {
  do {
    try body()
  } catch {
    let text = error is ElbowError ? "\(error)" : "error: \(error)"
    FileHandle.standardError.write(Data((text.printable(keeping: ["\n", "\t"]) + "\n").utf8))
    exit(EXIT_FAILURE)
  }
}
