import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc new`: a package with a model in it.
struct NewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Write a Swift package with a variational auto-encoder, ready for 'swift run'.",
    discussion: """
      The package is a folder of the name that is given. It depends on Elbow by a path or by the address of a git \
      repository; by default on the checkout that this graphc was built in.
      """)

  @Argument(help: "The package's name: letters, digits, '-' and '_', a letter first.") var name: String
  @Option(help: ArgumentHelp("Where the package gets Elbow from.", valueName: "path|url"))
  var elbow: String?
  @OptionGroup var format: OutputOptions

  private struct Written: Encodable {
    let name: String
    let folder: String
    let elbow: String
    let files: [String]
  }

  func run() throws {
    let template = try PackageTemplate(name: name, elbow: elbow ?? NewCommand.ownCheckout())
    let folder = URL(fileURLWithPath: name, isDirectory: true)
    guard !FileManager.default.fileExists(atPath: folder.path) else {
      throw ElbowError(.file, "There is a file or folder '\(name)' already; choose another name, or remove it.")
    }
    for file in template.files {
      let place = folder.appendingPathComponent(file.path)
      try Folder.make(place.deletingLastPathComponent())
      try AtomicFile.write(Data(file.text.utf8), to: place)
    }
    try format.print(
      Written(name: name, folder: name, elbow: template.elbow, files: template.files.map(\.path)),
      text: "\(name): a package that uses Elbow from \(template.elbow); to train its model:\n"
        + "  cd \(name) && swift run -c release")
  }

  /// The package that the running executable was built in.
  private static func ownCheckout() throws -> String {
    var folder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
    while let place = folder, place.path != "/" {
      let manifest = place.appendingPathComponent("Package.swift")
      if let text = try? String(contentsOf: manifest, encoding: .utf8), text.contains("name: \"Elbow\"") {
        return place.path
      }
      folder = place.deletingLastPathComponent()
    }
    throw ElbowError(
      .invalidArgument,
      "This graphc does not lie in a checkout of Elbow, so --elbow has to say where the package gets it from.")
  }
}
