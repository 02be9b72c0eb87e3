import Foundation
import PackagePlugin

/// Puts the headers of a target's folder into its code, as texts.
@main
struct EmbedFiles: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let script = context.package.directoryURL.appending(path: "Scripts/embed")
    let headers = try FileManager.default.contentsOfDirectory(at: target.directoryURL, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "h" }.sorted { $0.path < $1.path }
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
    return [
      .buildCommand(
        displayName: "Embedding \(headers.count) headers", executable: URL(filePath: "/bin/sh"),
        arguments: [script.path, output.path] + headers.map(\.path), inputFiles: [script] + headers,
        outputFiles: [output])
    ]
  }
}
