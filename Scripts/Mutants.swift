import Foundation

/// The mutants of a copy of the package; see Scripts/mutate.
enum Mutants {
  enum Order { case less, lessEqual, greater, greaterEqual }

  private static let environment = ProcessInfo.processInfo.environment
  private static let chosen = environment["ELBOW_MUTANT"].flatMap { Int($0.dropLast()) } ?? -1
  private static let value = environment["ELBOW_MUTANT"]?.last == "t"
  private static let record = environment["ELBOW_MUTANT_RECORD"].flatMap { FileHandle(forWritingAtPath: $0) }
  private static let lock = NSLock()
  nonisolated(unsafe) private static var seen: Set<Int> = []

  /// Notes which mutant would have made a difference.
  private static func note(_ number: Int, _ value: Bool) {
    guard let record else { return }
    lock.lock()
    defer { lock.unlock() }
    guard seen.insert(number * 2 + (value ? 1 : 0)).inserted else { return }
    _ = try? record.seekToEnd()
    record.write(Data("\(number)\(value ? "t" : "f")\n".utf8))
  }

  static func condition(_ number: Int, _ condition: Bool) -> Bool {
    note(number, !condition)
    return number == chosen ? value : condition
  }

  static func compare<T: Comparable>(_ number: Int, _ a: T, _ order: Order, _ b: T) -> Bool {
    if a == b { note(number, true) }
    let isMutant = number == chosen
    return switch order {
    case .less: isMutant ? a <= b : a < b
    case .lessEqual: isMutant ? a < b : a <= b
    case .greater: isMutant ? a >= b : a > b
    case .greaterEqual: isMutant ? a > b : a >= b
    }
  }

  static func one<T: ExpressibleByIntegerLiteral>(_ number: Int, _ one: T) -> T {
    note(number, true)
    return number == chosen ? 0 : one
  }
}
