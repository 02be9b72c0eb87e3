import CExecinfo
import Foundation

/// Where a node was made: a location that is known, or the call stack, from which it is found when somebody asks.
///
/// Operators cannot take `#line` arguments, so the stack is the one way to know the user's line of `a + b`. Walking it
/// takes microseconds; looking up lines takes longer and waits until an error or a listing needs them.
public enum SourceReference: Sendable {
  /// The place is known.
  case known(SourceLocation)
  /// The return addresses of the calls, innermost first.
  case captured([UInt])
  /// The place is not known, and is not looked for.
  case unknown

  /// The call stack of here and now.
  public static func capture() -> SourceReference {
    // Unwound by the tables that every function has; following frame pointers alone is quicker, but runs astray in code
    // that keeps none.
    let depth = 48
    let addresses = [UInt](unsafeUninitializedCapacity: depth) { buffer, count in
      count = buffer.withMemoryRebound(to: UnsafeMutableRawPointer?.self) { pointers in
        pointers.baseAddress.map { Int(backtrace($0, Int32(depth))) } ?? 0
      }
    }
    return .captured(addresses)
  }

  /// The innermost line that is not Elbow's own; nil if the program carries no debug information, or there is no
  /// `llvm-symbolizer` to read it.
  public func resolve() -> SourceLocation? { SourceReference.resolve([self])[0] }

  /// The lines of many references at once, which takes little longer than those of one.
  public static func resolve(_ references: [SourceReference]) -> [SourceLocation?] {
    let images = references.contains(where: \.isCaptured) ? ImageList.current() : ImageList()
    let frames = references.map { $0.frames(images) }
    let places = SymbolizerTool.places(of: Set(frames.joined())) ?? [:]
    return zip(references, frames).map { reference, frames in
      if case .known(let location) = reference { return location }
      return frames.lazy.compactMap { places[$0]?.first { !isOwn($0.file) } }.first.map(shortened)
    }
  }

  private var isCaptured: Bool { if case .captured = self { true } else { false } }
  package var isUnknown: Bool { if case .unknown = self { true } else { false } }

  /// Where the calls stand in the program's files, innermost first.
  private func frames(_ images: ImageList) -> [CodeAddress] {
    guard case .captured(let addresses) = self else { return [] }
    // A return address is that of the next instruction; the call lies before it.
    return addresses.compactMap { $0 > 0 ? images.place(of: $0 - 1) : nil }
  }

  /// The folders of Elbow's own modules that users call; what lies elsewhere is the user's.
  private static let ownFolders: [String] = {
    let sources = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    let modules = [
      "ElbowArrays", "ElbowData", "ElbowRuntime", "ElbowGraph", "ElbowDifferentiation", "ElbowProbability",
      "ElbowNetworks", "ElbowDistributionLayers", "ElbowTraining", "ElbowPlots", "ElbowInference", "Elbow",
    ]
    return modules.map { "\(sources)/\($0)/" }
  }()

  private static func isOwn(_ path: String) -> Bool {
    path.hasPrefix("/<") || path.hasPrefix("<") || path.hasPrefix("?") || ownFolders.contains { path.hasPrefix($0) }
      || path.contains("/swift/") && path.hasSuffix(".swiftinterface")
  }

  /// The file and its folder, as `#fileID` shows it.
  private static func shortened(_ place: SourceLocation) -> SourceLocation {
    SourceLocation(file: place.file.split(separator: "/").suffix(2).joined(separator: "/"), line: place.line)
  }
}

/// The files that the process has mapped as code.
struct ImageList {
  private struct Image {
    var range: Range<UInt>
    /// Where the file's first byte would lie.
    var base: UInt
    var path: String
  }

  private var images: [Image] = []

  /// The process's files now, as Linux lists them; none elsewhere.
  static func current() -> ImageList {
    var list = ImageList()
    var bases: [String: UInt] = [:]
    guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return list }
    for line in maps.split(separator: "\n") {
      let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      guard fields.count == 6 else { continue }
      let path = fields[5].trimmingCharacters(in: .whitespaces)
      let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      guard path.hasPrefix("/"), ends.count == 2, ends[0] < ends[1] else { continue }
      let base = min(bases[path] ?? ends[0], ends[0])
      bases[path] = base
      if fields[1].contains("x") { list.images.append(Image(range: ends[0]..<ends[1], base: base, path: path)) }
    }
    return list
  }

  func place(of address: UInt) -> CodeAddress? {
    images.first { $0.range.contains(address) }.map { CodeAddress(image: $0.path, offset: UInt64(address - $0.base)) }
  }
}

/// Runs what a user calls; a mistake without a line gets that of the call.
package func namingTheCallersLine<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as ElbowError {
    throw namingTheCallersLine(error)
  }
}

/// A mistake in what a user calls, with the line of the call unless it has one. Errors of files and tools are not about lines.
package func namingTheCallersLine(_ error: ElbowError) -> ElbowError {
  let kinds: Set<ElbowError.Kind> = [.shape, .dtype, .gradient, .invalidArgument, .feed, .data]
  guard error.location == nil, kinds.contains(error.kind) else { return error }
  var error = error
  error.location = SourceReference.capture().resolve()
  return error
}
