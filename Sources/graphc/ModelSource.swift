import Elbow
import ElbowExamples
import Foundation

/// Where models come from: the examples by name, saved graphs by path.
enum ModelSource {
  /// The model of a name or path.
  ///
  /// - Throws: `ElbowError` that lists the examples when there is neither such an example nor such a file.
  static func load(_ nameOrPath: String, _ settings: ExampleSettings = ExampleSettings()) throws -> Model {
    if let example = ExampleCatalog.named(nameOrPath) { return try example.make(settings) }
    if let knob = settings.chosen.first {
      throw ElbowError(
        .invalidArgument,
        "'--\(knob.rawValue)' is for built-in models; '\(nameOrPath)' is none, and is as it was saved.")
    }
    let file = URL(input: nameOrPath)
    guard FileManager.default.fileExists(atPath: file.path) else {
      let names = ExampleCatalog.all.map(\.name).joined(separator: ", ")
      throw ElbowError(
        .invalidArgument,
        "There is no example named '\(nameOrPath)', and no file at that path; the examples are \(names).")
    }
    return try SavedModel.read(file)
  }
}
