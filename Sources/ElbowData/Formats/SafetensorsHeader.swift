import ElbowArrays
import Foundation

/// The JSON header of a safetensors file.
struct SafetensorsHeader {
  /// One tensor's line: what it is and where its bytes lie after the header.
  struct Entry {
    let name: String
    /// The file's name for the dtype.
    let code: String
    /// nil where no array can have it.
    let dtype: DType?
    let shape: [Int]
    let begin: Int
    let end: Int
  }

  /// The tensors in the order of their bytes.
  let entries: [Entry]
  let metadata: [String: String]

  /// Parses the header.
  ///
  /// - Throws: ``ElbowError`` when it is not the JSON that the format asks for. Offsets are not checked here.
  init(parsing text: ArraySlice<UInt8>, named name: String) throws {
    guard text.first == 0x7b, String(validating: text, as: UTF8.self) != nil else {
      throw ElbowError(.file, "\(name) is not a safetensors file: expected a JSON object of UTF-8 text as its header.")
    }
    let json: JSONHeader
    do {
      json = try JSONDecoder().decode(JSONHeader.self, from: Data(text))
    } catch {
      throw ElbowError(.file, "\(name) has a safetensors header that is not valid: \(SafetensorsHeader.reason(error)).")
    }
    metadata = json.metadata
    entries = try json.tensors.map { tensor, line in
      guard line.offsets.count == 2 else {
        throw ElbowError(
          .file, "\(name), tensor '\(tensor)', has \(line.offsets.count) data offsets; expected a begin and an end.")
      }
      return Entry(
        name: tensor, code: line.dtype, dtype: Safetensors.codes.first { $0.code == line.dtype }?.dtype,
        shape: line.shape, begin: line.offsets[0], end: line.offsets[1])
    }
    // Empty tensors share their offset with a neighbour; the name settles the order.
    .sorted { ($0.begin, $0.end, $0.name) < ($1.begin, $1.end, $1.name) }
  }

  /// The header of a file that holds `tensors` one after another.
  static func text(_ tensors: [(name: String, array: HostArray)], metadata: [String: String]) -> String {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      members.append("\(quoted(Safetensors.metadataKey)):{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for (name, array) in tensors {
      let code = Safetensors.codes.first { $0.dtype == array.dtype }?.code ?? "U8"
      let extents = array.shape.map { "\($0)" }.joined(separator: ",")
      let end = offset + array.bytes.count
      members.append(
        #"\#(quoted(name)):{"dtype":"\#(code)","shape":[\#(extents)],"data_offsets":[\#(offset),\#(end)]}"#)
      offset = end
    }
    return "{\(members.joined(separator: ","))}"
  }

  /// A JSON string.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func reason(_ error: any Error) -> String {
    let context: DecodingError.Context
    switch error as? DecodingError {
    case .typeMismatch(_, let found), .valueNotFound(_, let found): context = found
    case .keyNotFound(_, let found), .dataCorrupted(let found): context = found
    default: return "it cannot be parsed"
    }
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    let said = context.debugDescription
    let text = said.hasSuffix(".") ? said.dropLast() : said[...]
    return path.isEmpty ? "\(text)" : "\(text), at '\(path)'"
  }

  /// The header as JSON has it: tensors by name, and among them the metadata.
  private struct JSONHeader: Decodable {
    var metadata: [String: String] = [:]
    var tensors: [(name: String, line: JSONLine)] = []

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      for key in container.allKeys {
        if key.stringValue == Safetensors.metadataKey {
          metadata = try container.decode([String: String].self, forKey: key)
        } else {
          tensors.append((key.stringValue, try container.decode(JSONLine.self, forKey: key)))
        }
      }
    }
  }

  private struct JSONLine: Decodable {
    let dtype: String
    let shape: [Int]
    let offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  /// Any name at all as a key.
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
