import Foundation

/// Where is kept what can be made or fetched again.
package enum CacheFolder {
  /// `$XDG_CACHE_HOME/elbow`, or `$HOME/.cache/elbow`; without either, in the account's home. Relative paths are ignored, as
  /// the base directory specification asks.
  package static func url(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> URL {
    func folder(_ variable: String) -> URL? {
      environment[variable].flatMap { $0.hasPrefix("/") ? URL(fileURLWithPath: $0, isDirectory: true) : nil }
    }
    let home = folder("HOME") ?? FileManager.default.homeDirectoryForCurrentUser
    let base = folder("XDG_CACHE_HOME") ?? home.appendingPathComponent(".cache", isDirectory: true)
    return base.appendingPathComponent("elbow", isDirectory: true)
  }
}
