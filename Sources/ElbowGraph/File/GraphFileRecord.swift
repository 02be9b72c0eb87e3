import ElbowArrays
import Foundation

/// The file as it stands, before anything is known to make sense.
struct GraphFileRecord: Decodable {
  var format: String
  var metadata: [String: String]
  var randomStreams: Int
  /// The extents that symbols turned out to equal.
  var symbols: [String: String]
  var equalities: [EqualityRecord]
  var placeholders: [PlaceholderRecord]
  var variables: [VariableRecord]
  var nodes: [NodeRecord]
  var signatures: [SignatureRecord]
  /// The conditions that placeholders have to meet; nil in files without any.
  var expectations: [ExpectationRecord]?

  enum CodingKeys: String, CodingKey {
    case format, metadata, symbols, equalities, placeholders, variables, nodes, signatures, expectations
    case randomStreams = "random_streams"
  }
}

struct EqualityRecord: Codable {
  var left: String
  var right: String
  var at: String?
}

struct PlaceholderRecord: Codable {
  var name: String
  /// As declared: symbols that turned out equal have their own names here.
  var type: String
  var `default`: ArrayRecord?
  var node: Int
}

struct VariableRecord: Codable {
  var name: String
  var type: String
  var role: String
  var group: String
  /// The node with the initial value.
  var initial: Int
}

struct NodeRecord: Codable {
  var op: String
  var `in`: [Int]?
  var type: String
  var at: String?
  var with: [String: AttributeValue]?
}

struct SignatureRecord: Codable {
  struct Output: Codable {
    var name: String
    var node: Int
  }
  struct Update: Codable {
    var variable: String
    var node: Int
  }
  var name: String
  var outputs: [Output]
  var updates: [Update]
}

struct ExpectationRecord: Codable {
  var input: String
  /// The bounds; nil where there is none.
  var low: Double?
  var high: Double?
  var reason: String
  /// The operation that expects it.
  var node: Int
  var at: String?
}

extension GraphFileRecord {
  /// Parses JSON, after checks of its size, encoding and depth.
  init(parsing bytes: [UInt8]) throws {
    guard bytes.count <= GraphFile.sizeLimit else {
      throw ElbowError(
        .file, "The graph file has \(bytes.count) bytes; expected at most \(GraphFile.sizeLimit) (256 MiB).")
    }
    guard bytes.first == UInt8(ascii: "{"), String(validating: bytes, as: UTF8.self) != nil else {
      throw ElbowError(.file, "This is not a graph file: expected a JSON object of UTF-8 text.")
    }
    try GraphFileRecord.checkDepth(bytes)
    let data = Data(bytes)
    do {
      let format = try JSONDecoder().decode(Header.self, from: data).format
      guard format == GraphFile.format else {
        throw ElbowError(
          .file,
          "The graph file has the format '\(format.prefix(40))'; this version of Elbow reads '\(GraphFile.format)'.")
      }
      self = try JSONDecoder().decode(GraphFileRecord.self, from: data)
    } catch let error as DecodingError {
      throw ElbowError(.file, "The graph file is not valid: \(GraphFileRecord.reason(error)).")
    }
    guard signatures.count <= 1000 else {
      throw ElbowError(.file, "The graph file has \(signatures.count) signatures; expected at most 1000.")
    }
    let counts = [
      nodes.count, variables.count, placeholders.count, equalities.count, symbols.count, expectations?.count ?? 0,
    ]
    if let count = counts.first(where: { $0 > GraphFile.countLimit }) {
      throw ElbowError(.file, "The graph file has a list of \(count); expected at most \(GraphFile.countLimit).")
    }
  }

  private struct Header: Decodable {
    var format: String
  }

  /// Refuses deep nesting before a recursive parser sees it.
  private static func checkDepth(_ bytes: [UInt8]) throws {
    var depth = 0
    var isText = false
    var isEscaped = false
    for byte in bytes {
      if isText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isText = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isText = true
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
      guard depth <= GraphFile.depthLimit else {
        throw ElbowError(
          .file, "The graph file nests brackets more than \(GraphFile.depthLimit) deep, which no graph file does.")
      }
    }
  }

  /// The parser's finding, without a full stop: `nodes[12].in: ...`.
  private static func reason(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context, _ more: [any CodingKey] = []) -> String {
      var text = ""
      for key in context.codingPath + more {
        if let index = key.intValue {
          text += "[\(index)]"
        } else {
          text += (text.isEmpty ? "" : ".") + key.stringValue
        }
      }
      return text.isEmpty ? "" : "\(text.prefix(200)): "
    }
    switch error {
    case .keyNotFound(let key, let context): return place(context, [key]) + "this is missing"
    case .typeMismatch(let type, let context): return place(context) + "expected \(name(type))"
    case .valueNotFound(let type, let context): return place(context) + "expected \(name(type)), found null"
    case .dataCorrupted(let context):
      let text = context.debugDescription
      return place(context) + (text.hasSuffix(".") ? String(text.dropLast()) : text)
    @unknown default: return "it cannot be read"
    }
  }

  private static func name(_ type: any Any.Type) -> String {
    if type == String.self { return "a text" }
    if type == Int.self { return "an integer" }
    if type == Double.self { return "a number" }
    if type == Bool.self { return "true or false" }
    return "\(type)".contains("Array") ? "a list" : "an object"
  }
}
