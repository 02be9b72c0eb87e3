import ElbowArrays

#if canImport(Runtime) && os(Linux)
  import Runtime
#endif

/// Where a node was made: a location that is known, or the call stack, from which it is found when somebody asks.
///
/// Operators cannot take `#line` arguments, so the stack is the one way to know the user's line of `a + b`. Walking it
/// takes microseconds; looking up names and lines takes longer and waits until an error or a listing needs them.
public enum SourceReference: Sendable {
  case known(SourceLocation)
  #if canImport(Runtime) && os(Linux)
    case captured(Backtrace)
  #endif
  case unknown

  /// The call stack of here and now.
  public static func capture() -> SourceReference {
    #if canImport(Runtime) && os(Linux)
      if let trace = try? Backtrace.capture(algorithm: .fast, limit: 40, offset: 1, top: 0, images: loadedImages) {
        return .captured(trace)
      }
    #endif
    return .unknown
  }

  /// The innermost line that is not Elbow's own; nil if the program carries no debug information.
  public func resolve() -> SourceLocation? {
    switch self {
    case .known(let location): return location
    case .unknown: return nil
    #if canImport(Runtime) && os(Linux)
      case .captured(let trace):
        guard let symbolicated = trace.symbolicated() else { return nil }
        for frame in symbolicated.frames {
          guard let place = frame.symbol?.sourceLocation, place.line > 0, !SourceReference.isOwn(place.path) else {
            continue
          }
          return SourceLocation(file: SourceReference.shortened(place.path), line: place.line)
        }
        return nil
    #endif
    }
  }

  #if canImport(Runtime) && os(Linux)
    private static let loadedImages = ImageMap.capture()
  #endif

  /// The folders of Elbow's own modules that users call; what lies elsewhere is the user's.
  private static let ownFolders: [String] = {
    let sources = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    let modules = ["ElbowGraph", "ElbowDifferentiation", "ElbowProbability", "ElbowNetworks", "ElbowTraining", "Elbow"]
    return modules.map { "\(sources)/\($0)/" }
  }()

  private static func isOwn(_ path: String) -> Bool {
    path.hasPrefix("/<") || path.hasPrefix("<") || ownFolders.contains { path.hasPrefix($0) }
      || path.contains("/swift/") && path.hasSuffix(".swiftinterface")
  }

  /// The file and its folder, as `#fileID` shows it.
  private static func shortened(_ path: String) -> String {
    path.split(separator: "/").suffix(2).joined(separator: "/")
  }
}
