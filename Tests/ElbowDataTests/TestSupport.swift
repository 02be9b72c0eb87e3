import ElbowArrays
import Foundation
import Testing

/// Expects an ``ElbowError`` of a kind whose text contains all of `parts`.
func expectError(
  _ kind: ElbowError.Kind, _ parts: String..., at location: Testing.SourceLocation = #_sourceLocation,
  _ body: () throws -> some Any
) {
  do {
    _ = try body()
    Issue.record("Expected an error of the kind \(kind).", sourceLocation: location)
  } catch let error as ElbowError {
    #expect(error.kind == kind, "\(error)", sourceLocation: location)
    for part in parts {
      #expect(error.description.contains(part), "\(error)", sourceLocation: location)
    }
  } catch {
    Issue.record("Expected an ElbowError, not \(error).", sourceLocation: location)
  }
}

/// Bytes in base64, as fixtures made by other programs are kept.
func fixture(_ base64: String) throws -> [UInt8] { [UInt8](try #require(Data(base64Encoded: base64))) }

/// One small array of every dtype, of different ranks and extents.
func sampleArrays() throws -> [(name: String, array: HostArray)] {
  [
    ("float32", try HostArray([1.5, -2, 3, 4, 5, Float.greatestFiniteMagnitude], shape: [2, 3])),
    ("float64", try HostArray([Double.pi, -0.0], shape: [1, 2, 1])),
    ("int32", HostArray([Int32.min, 0, Int32.max])),
    ("int64", HostArray(scalar: Int64.min)),
    ("uint8", try HostArray((0..<24).map(UInt8.init), shape: [2, 3, 4])),
    ("uint32", HostArray([UInt32.max, 7])),
    ("bool", HostArray([true, false, true])),
    ("empty", try HostArray([Float](), shape: [0, 5])),
  ]
}
