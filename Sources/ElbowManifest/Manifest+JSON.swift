import ElbowArrays
import Foundation

extension Manifest {
  /// The manifest as JSON in UTF-8, the same bytes for equal manifests.
  ///
  /// - Throws: ``ElbowError`` when the manifest breaks a rule of ``checkInvariants()`` or holds a number that JSON has
  ///   no way to write.
  public func encoded() throws -> [UInt8] {
    try checkInvariants()
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(self))
    } catch {
      throw ElbowError(.library, "The manifest of '\(name)' cannot be written as JSON: \(error.localizedDescription)")
    }
  }

  /// Reads a manifest and checks it; the bytes may come from anywhere.
  ///
  /// - Throws: ``ElbowError`` of kind `library` when the bytes are not JSON, lack a field, or break a rule of
  ///   ``checkInvariants()``.
  public init(decoding bytes: [UInt8]) throws {
    guard bytes.count <= Limits.byteCount else {
      throw ElbowError(
        .library, "The manifest is \(bytes.count) bytes long; no more than \(Limits.byteCount) are read.")
    }
    do {
      self = try JSONDecoder().decode(Manifest.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw ElbowError(.library, Manifest.sentence(about: error))
    } catch {
      throw ElbowError(.library, "The manifest is not JSON: \(error.localizedDescription)")
    }
    try checkInvariants()
  }

  private static func sentence(about error: DecodingError) -> String {
    func said(_ context: DecodingError.Context) -> String {
      let text = context.debugDescription
      return text.hasSuffix(".") ? text : text + "."
    }
    return switch error {
    case .keyNotFound(let key, let context):
      "The manifest has no field '\(path(context.codingPath + [key]))'."
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "The manifest is not JSON of the expected form: \(said(context))"
        : "The manifest's field '\(path(context.codingPath))' is not valid: \(said(context))"
    @unknown default:
      "The manifest is not valid: \(error.localizedDescription)"
    }
  }

  /// `signatures[0].inputs[1].dtype`.
  private static func path(_ keys: [any CodingKey]) -> String {
    keys.reduce(into: "") { text, key in
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
  }
}
