import Foundation
import Synchronization

/// A place in a program's machine code.
struct CodeAddress: Hashable {
  var image: String
  var offset: UInt64
}

/// LLVM's symbolizer, which finds the lines of many addresses in one go.
enum SymbolizerTool {
  private static let tool: URL? = ["llvm-symbolizer", "llvm-symbolizer-19", "llvm-symbolizer-14"].lazy
    .compactMap { RunningProcess.find($0) }.first

  /// The locations found so far: an address in a file means the same for as long as the process runs.
  private static let known = Mutex<[CodeAddress: [SourceLocation]]>([:])

  /// The lines of each address, inlined calls first; nil if there is no such tool.
  ///
  /// Each address is looked up once: starting the tool, which reads a program's debug information, is what takes time.
  static func places(of addresses: Set<CodeAddress>) -> [CodeAddress: [SourceLocation]]? {
    guard !addresses.isEmpty else { return [:] }
    guard let tool else { return nil }
    var places = known.withLock { known in known.filter { addresses.contains($0.key) } }
    for (image, group) in Dictionary(grouping: addresses.subtracting(places.keys), by: \.image) {
      let sorted = group.sorted { $0.offset < $1.offset }
      // A command line holds some thousand addresses.
      for start in stride(from: 0, to: sorted.count, by: 4000) {
        let part = [CodeAddress](sorted[start..<min(start + 4000, sorted.count)])
        let arguments =
          ["--obj=\(image)", "--inlines", "--functions=none"] + part.map { "0x" + String($0.offset, radix: 16) }
        guard let result = try? RunningProcess(tool, arguments).finish(), result.status == 0 else { return nil }
        let answers = result.output.components(separatedBy: "\n\n")
        for (address, answer) in zip(part, answers) {
          places[address] = answer.split(separator: "\n").compactMap(location)
        }
      }
    }
    known.withLock { known in known.merge(places) { _, new in new } }
    return places
  }

  /// Reads `/path/File.swift:12:5`.
  private static func location(_ line: Substring) -> SourceLocation? {
    let parts = line.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count >= 3, let number = Int(parts[parts.count - 2]), number > 0 else { return nil }
    return SourceLocation(file: parts.dropLast(2).joined(separator: ":"), line: number)
  }
}
