import ElbowArrays
import ElbowData
import Foundation

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
    let cases = try json(name)["cases"]?.list ?? []
    return cases.map { GoldenCase(id: $0["id"]?.text ?? "?", value: $0) }
  }

  /// A whole file.
  public static func json(_ name: String) throws -> GoldenValue {
    let data = try Data(contentsOf: folder.appendingPathComponent(name))
    return try GoldenParser.parse([UInt8](data))
  }

  /// The arrays of a model.
  public static func model(_ name: String) throws -> [String: HostArray] {
    try NPZ.read(contentsOf: folder.appendingPathComponent("models/\(name).npz"))
  }
}

/// One case, shown by its id.
public struct GoldenCase: Sendable, CustomStringConvertible {
  public let id: String
  public let value: GoldenValue

  public subscript(key: String) -> GoldenValue? { value[key] }
  public var tags: [String] { value["tags"]?.list.compactMap(\.text) ?? [] }
  public var description: String { id }

  /// A tensor of a field, with its exact values; `path` is the name that `exact` has for it.
  public func expected(_ field: GoldenValue?, _ path: String) -> GoldenTensor? {
    field?.tensor?.corrected(by: value["exact"]?[path])
  }
}
