import ArgumentParser
import Elbow
import ElbowConsole
import ElbowExamples
import Foundation

/// `graphc examples`: the built-in models.
struct ExamplesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "examples", abstract: "List the built-in models, or save one as a graph file.",
    subcommands: [List.self, Write.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the built-in models.")
    @OptionGroup var output: OutputOptions

    private struct Entry: Encodable {
      let name: String
      let summary: String
      /// The options that choose its numbers.
      let settings: [String]
    }

    func run() throws {
      let entries = ExampleCatalog.all.map {
        Entry(name: $0.name, summary: $0.summary, settings: $0.knobs.map { "--\($0.rawValue)" })
      }
      let width = entries.map(\.name.count).max() ?? 0
      let lines = entries.map { entry in
        let settings = entry.settings.isEmpty ? "" : " (\(entry.settings.joined(separator: ", ")))"
        return entry.name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + entry.summary + settings
      }
      try output.print(entries, text: lines.joined(separator: "\n"))
    }
  }

  struct Write: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Save a built-in model's graph.")
    @Argument(help: "The model's name.") var name: String
    @Argument(help: "The file to write; - is standard output.") var file: String
    @OptionGroup(title: "Built-in models") var settings: SettingsOptions
    @OptionGroup var output: OutputOptions

    private struct Written: Encodable {
      let name: String
      let file: String
    }

    func run() throws {
      let model = try ModelSource.load(name, settings.settings)
      let place = URL(output: file)
      try SavedModel.write(model, to: place)
      try output.print(Written(name: model.name, file: file), text: "\(file): \(model.name)", besides: [place])
    }
  }
}
