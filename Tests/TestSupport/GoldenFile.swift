import ElbowArrays
import ElbowData
@_exported import ElbowGolden
import Foundation

/// Golden cases that are checked together, as one test case: they share a library, whose headers and runtime take the C
/// compiler as long as a dozen cases.
public struct GoldenGroup: Sendable, CustomStringConvertible {
  public let cases: [GoldenCase]
  public var description: String { "\(cases.first?.id ?? "")...\(cases.last?.id ?? "")" }

  public static func groups(of cases: [GoldenCase], size: Int = 32) -> [GoldenGroup] {
    cases.groups(of: size).map(GoldenGroup.init)
  }
}

/// The files of golden values: in `$ELBOW_GOLDEN` if that is set, else in `Tests/Goldens`.
public enum GoldenFile {
  public static let folder: URL =
    if let path = ProcessInfo.processInfo.environment["ELBOW_GOLDEN"], !path.isEmpty {
      URL(fileURLWithPath: path, isDirectory: true)
    } else {
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Goldens", isDirectory: true)
    }

  /// The cases of a file.
  public static func cases(_ name: String) throws -> [GoldenCase] {
    try GoldenCase.cases(of: folder.appendingPathComponent(name))
  }

  /// A whole file.
  public static func json(_ name: String) throws -> GoldenValue {
    try GoldenValue(contentsOf: folder.appendingPathComponent(name))
  }

  /// The arrays of a model.
  public static func model(_ name: String) throws -> [String: HostArray] {
    try NPZ.read(contentsOf: folder.appendingPathComponent("models/\(name).npz"))
  }
}
