import ElbowArrays

#if canImport(Runtime) && os(Linux)
  import Runtime
#endif

/// Where a node was made: a location that is known, or the call stack, from which it is found when somebody asks.
///
/// Operators cannot take `#line` arguments, so the stack is the one way to know the user's line of `a + b`. Walking it
/// takes microseconds; looking up lines takes longer and waits until an error or a listing needs them.
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
  public func resolve() -> SourceLocation? { SourceReference.resolve([self])[0] }

  /// The lines of many references at once, which takes little longer than those of one.
  public static func resolve(_ references: [SourceReference]) -> [SourceLocation?] {
    #if canImport(Runtime) && os(Linux)
      let places = SymbolizerTool.places(of: Set(references.flatMap(\.frames)))
      return references.map { reference in
        if case .known(let location) = reference { return location }
        guard let places else { return reference.resolveInProcess() }
        return reference.frames.lazy.compactMap { places[$0]?.first { !isOwn($0.file) } }.first.map(shortened)
      }
    #else
      return references.map { if case .known(let location) = $0 { location } else { nil } }
    #endif
  }

  #if canImport(Runtime) && os(Linux)
    /// Where the calls stand in the program's files, innermost first.
    private var frames: [CodeAddress] {
      guard case .captured(let trace) = self else { return [] }
      return trace.frames.compactMap { frame in
        let address = frame.adjustedProgramCounter
        let images = SourceReference.loadedImages
        guard let index = images.indexOfImage(at: address), let path = images[index].path,
          let value = UInt64(address), let base = UInt64(images[index].baseAddress), value >= base
        else { return nil }
        return CodeAddress(image: path, offset: value - base)
      }
    }

    /// Without the tool: slow for large programs.
    private func resolveInProcess() -> SourceLocation? {
      guard case .captured(let trace) = self, let symbolicated = trace.symbolicated() else { return nil }
      for frame in symbolicated.frames {
        guard let place = frame.symbol?.sourceLocation, place.line > 0, !SourceReference.isOwn(place.path) else {
          continue
        }
        return SourceReference.shortened(SourceLocation(file: place.path, line: place.line))
      }
      return nil
    }
  #endif

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
  private static func shortened(_ place: SourceLocation) -> SourceLocation {
    SourceLocation(file: place.file.split(separator: "/").suffix(2).joined(separator: "/"), line: place.line)
  }
}
