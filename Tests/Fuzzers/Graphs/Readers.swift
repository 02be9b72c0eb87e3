import ElbowArrays
import ElbowCodegen
import ElbowGraph
import Foundation

/// The reader of graphs, and the way from a graph that was read to C.
let readers: [String: Reader] = [
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
  "compile": { bytes in
    let file = try GraphFile(decoding: bytes)
    // A signature more is more time, and seldom something new.
    guard file.graph.nodes.count <= 200, file.signatures.count <= 4 else { return }
    let backends = ContractionBackend.allCases
    let options = BuildOptions(contractions: backends[bytes.count % backends.count])
    var compiler = ModelCompiler(name: "fuzzed", options: options)
    compiler.scheduling.isVerified = true
    do {
      let library = try compiler.emit(file.graph, file.signatures, withLines: false)
      require(library.sources.allSatisfy { !$0.text.isEmpty }, "a file of the library is empty")
    } catch let error as ElbowError {
      require(error.kind != .internal, "A graph that was read cannot be compiled: \(error)")
      requireSentence(error)
    }
  },
]

/// The changes that libFuzzer makes by itself.
@_silgen_name("LLVMFuzzerMutate")
private func changeBytes(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int) -> Int

/// How many changes in sixteen are those of a graph: few where any bytes are to be read, for they take ten times as long as reading.
private let graphChanges = readerName == "compile" ? 12 : 1

@_cdecl("LLVMFuzzerCustomMutator")
public func change(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int, _ seed: CUnsignedInt) -> Int {
  if seed % 16 < graphChanges {
    var mutator = GraphMutator(seed: UInt64(seed))
    let bytes = [UInt8](UnsafeBufferPointer(start: data, count: count))
    if let changed = mutator.changed(bytes), changed.count <= limit {
      data.update(from: changed, count: changed.count)
      return changed.count
    }
  }
  return changeBytes(data, count, limit)
}
