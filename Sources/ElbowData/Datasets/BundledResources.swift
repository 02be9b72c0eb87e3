import ElbowArrays
import Foundation

/// The data files that come with the library.
enum BundledResources {
  /// SwiftPM's name for the folder that it copies this target's resources to.
  private static let bundleName = "Elbow_ElbowData.resources"

  /// The location of a file of `Resources`.
  ///
  /// The accessor that SwiftPM generates ends the program when the folder is missing, and so it is not used.
  ///
  /// - Throws: ``ElbowError`` when the file is not beside the program.
  static func url(_ file: String, folders: [URL] = candidates) throws -> URL {
    for folder in folders {
      let url = folder.appendingPathComponent(bundleName).appendingPathComponent("Resources/\(file)")
      if FileManager.default.fileExists(atPath: url.path) { return url }
    }
    throw ElbowError(
      .data,
      """
      The bundled file \(file) cannot be found. Keep the folder \(bundleName), which the build makes beside the \
      program, together with the program.
      """,
      notes: folders.map { "looked for \(bundleName) in \($0.path)" })
  }

  /// Where the resources may lie: beside the program, also where a symbolic link leads to it.
  static var candidates: [URL] {
    let program = Bundle.main.executableURL
    let folders = [
      Bundle.main.resourceURL, Bundle.main.bundleURL, program?.deletingLastPathComponent(),
      program?.resolvingSymlinksInPath().deletingLastPathComponent(),
    ]
    var seen: Set<String> = []
    return folders.compactMap { $0 }.filter { seen.insert($0.standardizedFileURL.path).inserted }
  }
}
