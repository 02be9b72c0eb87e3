import ElbowArrays
import ElbowData
import Foundation

/// One case of a file of golden values, shown by its id.
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

  /// A field that a case must have.
  ///
  /// - Throws: `ElbowError` of kind `data` if it has not.
  public func required<Value>(_ name: String, _ value: Value?) throws -> Value {
    guard let value else { throw ElbowError(.data, "The golden case '\(id)' has no '\(name)' that could be used.") }
    return value
  }

  /// The cases of a file.
  ///
  /// - Throws: `ElbowError` of kind `file` if it cannot be read or is no file of golden values.
  public static func cases(of file: URL) throws -> [GoldenCase] {
    let json = try GoldenValue(contentsOf: file)
    guard case .list(let cases)? = json["cases"], json["schema"]?.text == "golden-1" else {
      throw ElbowError(
        .file, "'\(file.lastPathComponent)' is no file of golden values: it needs \"schema\": \"golden-1\" and cases.")
    }
    return cases.enumerated().map { GoldenCase(id: $1["id"]?.text ?? "case \($0)", value: $1) }
  }
}

extension [GoldenCase] {
  /// Cases that are checked together.
  public func groups(of size: Int) -> [[GoldenCase]] {
    stride(from: 0, to: count, by: size).map { [GoldenCase](self[$0..<Swift.min($0 + size, count)]) }
  }
}

extension GoldenValue {
  /// A file of at most 1 GB.
  public init(contentsOf file: URL) throws {
    let size = (try? file.resourceValues(forKeys: [.fileSizeKey]))?.fileSize
    guard let size, size <= 1 << 30, let data = try? Data(contentsOf: file) else {
      throw ElbowError(.file, "'\(file.path)' cannot be read; expected a JSON file of at most 1 GB.")
    }
    self = try GoldenParser.parse([UInt8](data))
  }
}
