import ElbowArrays
import ElbowData
import ElbowGraph
import ElbowManifest
import ElbowRuntime
import Foundation

/// Every reader of files, for libFuzzer: whatever the bytes, it gives a value that can be written and read again, or an
/// `ElbowError` of a kind that is about files. `Scripts/fuzz-readers` builds and runs this.
private let readers: [String: ([UInt8]) throws -> Void] = [
  "csv": { bytes in
    let table = try CSV.decode(bytes, missing: .dropRow)
    require(table.values.count == table.rowCount * table.columnNames.count, "the table has gaps")
    _ = try? table.array()
  },
  "gzip": { bytes in
    let contents = try Gzip.decompress(bytes, limit: 1 << 20)
    require(try Gzip.decompress(Gzip.compress(contents), limit: 1 << 20) == contents, "gzip changes contents")
  },
  "idx": { bytes in
    let array = try IDX.decode(bytes)
    require(try IDX.decode(IDX.encode(array)) == array, "IDX changes an array")
  },
  "npy": { bytes in
    let array = try NPY.decode(bytes)
    require(try NPY.decode(NPY.encode(array)) == array, "NPY changes an array")
    _ = array.description
  },
  "npz": { bytes in
    let (arrays, _) = try NPZ.decode(bytes, limit: 1 << 22)
    let again = try NPZ.decode(NPZ.encode(arrays))
    require(again.arrays.elementsEqual(arrays) { $0.name == $1.name && $0.array == $1.array }, "NPZ changes arrays")
  },
  "safetensors": { bytes in
    let (tensors, metadata, _) = try Safetensors.decode(bytes)
    let again = try Safetensors.decode(Safetensors.encode(tensors, metadata: metadata))
    require(again.metadata == metadata && again.tensors.count == tensors.count, "safetensors changes tensors")
  },
  "manifest": { bytes in
    let manifest = try Manifest(decoding: bytes)
    require(try Manifest(decoding: manifest.encoded()) == manifest, "JSON changes a manifest")
  },
  "graph": { bytes in
    let file = try GraphFile(decoding: bytes)
    let text = try GraphFile.encode(file.graph, signatures: file.signatures, metadata: file.metadata)
    let again = try GraphFile(decoding: [UInt8](text.utf8))
    require(
      try GraphFile.encode(again.graph, signatures: again.signatures, metadata: again.metadata) == text,
      "a graph file changes a graph")
    for signature in file.signatures {
      guard let program = try? file.graph.program(signature) else { continue }
      var key = CanonicalBytes()
      key.add(program)
    }
  },
  "library": { bytes in
    let url = URL(fileURLWithPath: "/dev/shm/elbow-fuzz-\(getpid()).so")
    defer { unlink(url.path) }
    try Data(bytes).write(to: url)
    _ = try LibraryImage(contentsOf: url)
  },
]

private let reader: ([UInt8]) throws -> Void = {
  let name = ProcessInfo.processInfo.environment["ELBOW_FUZZ_READER"] ?? ""
  guard let reader = readers[name] else {
    print("ELBOW_FUZZ_READER is one of \(readers.keys.sorted().joined(separator: " "))")
    exit(2)
  }
  return reader
}()

private func require(_ condition: @autoclosure () throws -> Bool, _ fault: String) {
  do {
    if try !condition() { fatalError(fault) }
  } catch {
    fatalError("\(fault): \(error)")
  }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do {
    try reader([UInt8](UnsafeBufferPointer(start: data, count: count)))
  } catch let error as ElbowError {
    require([.file, .data, .library].contains(error.kind), "The error is not about a file: \(error)")
    require(error.message.hasSuffix("."), "The error is no sentence: \(error)")
  } catch {
    fatalError("The error is none of Elbow's: \(error)")
  }
  return 0
}
