import ElbowArrays
import Foundation

/// A reader of files, for libFuzzer: whatever the bytes, it gives a value that can be written and read again, or an
/// `ElbowError` of a kind that is about files. `Scripts/fuzz-readers` builds and runs this.
typealias Reader = @Sendable ([UInt8]) throws -> Void

/// The reader that is tried.
let readerName = ProcessInfo.processInfo.environment["ELBOW_FUZZ_READER"] ?? ""

private let reader: Reader = {
  guard let reader = readers[readerName] else {
    print("ELBOW_FUZZ_READER is one of \(readers.keys.sorted().joined(separator: " "))")
    exit(2)
  }
  return reader
}()

func require(_ condition: @autoclosure () throws -> Bool, _ fault: @autoclosure () -> String) {
  do {
    if try !condition() { fatalError(fault()) }
  } catch {
    fatalError("\(fault()): \(error)")
  }
}

func requireSentence(_ error: ElbowError) {
  require(error.message.hasSuffix(".") || error.message.hasSuffix("?"), "The error is no sentence: \(error)")
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do {
    try reader([UInt8](UnsafeBufferPointer(start: data, count: count)))
  } catch let error as ElbowError {
    require([.file, .data, .library].contains(error.kind), "The error is not about a file: \(error)")
    requireSentence(error)
  } catch {
    fatalError("The error is none of Elbow's: \(error)")
  }
  return 0
}
