import ArgumentParser
import ElbowArrays
import ElbowConsole
import ElbowGolden
import Foundation

/// `elbow-check golden`: every case of the golden files in a folder, by what it is of.
struct GoldenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "golden",
    abstract: "Compare with values of other systems.",
    discussion: """
      Case by case, the values of seeds.json, distributions.json, kl.json, bijectors.json and nn.json in the folder are \
      computed by the reference evaluator and by compiled code, and compared. Elements that the file lists as exact are \
      compared with these; a few cases have tolerances of their own, by id. Ends with 1 if any case fails.
      """)

  @Argument(help: "The folder with the golden files; Elbow's own is Tests/Goldens.") var folder: String
  @OptionGroup var format: OutputOptions

  private struct Row: Encodable {
    let file: String
    let kind: String
    var passed = 0
    var failed = 0
  }
  private struct Report: Encodable {
    let isGood: Bool
    let rows: [Row]
    let unsupported: Int
    let mistakes: [String]
  }

  /// - Throws: `ElbowError` if a file cannot be read or none is there; `ExitCode.failure` if a case fails.
  func run() throws {
    let directory = URL(fileURLWithPath: folder, isDirectory: true)
    let suites = GoldenSuite.all.filter {
      FileManager.default.fileExists(atPath: directory.appendingPathComponent($0.file).path)
    }
    guard !suites.isEmpty else {
      throw ElbowError(
        .file,
        "'\(folder)' has none of the golden files \(GoldenSuite.all.map(\.file).joined(separator: ", ")).")
    }
    var (rows, mistakes, unsupported): ([Row], [String], Int) = ([], [], 0)
    for suite in suites {
      Console.report("checking \(suite.file)")
      let cases = try GoldenCase.cases(of: directory.appendingPathComponent(suite.file))
      let supported = cases.compactMap { golden in suite.kind(golden).map { (golden: golden, kind: $0) } }
      unsupported += cases.count - supported.count
      let found = supported.map(\.golden).groups(of: 8).flatMap { findings(in: $0, suite) }
      mistakes += found.flatMap { $0 }
      for ((_, kind), found) in zip(supported, found) {
        let row = rows.firstIndex { $0.file == suite.file && $0.kind == kind } ?? rows.count
        if row == rows.count { rows.append(Row(file: suite.file, kind: kind)) }
        if found.isEmpty { rows[row].passed += 1 } else { rows[row].failed += 1 }
      }
    }
    let isGood = mistakes.isEmpty && !rows.isEmpty
    let table = Console.table(
      [["file", "of", "passed", "failed"]] + rows.map { [$0.file, $0.kind, "\($0.passed)", "\($0.failed)"] },
      left: [0, 1])
    let (passed, failed) = rows.reduce((0, 0)) { ($0.0 + $1.passed, $0.1 + $1.failed) }
    let verdict = "\(passed) cases passed, \(failed) failed, \(unsupported) are not supported"
    try format.print(
      Report(isGood: isGood, rows: rows, unsupported: unsupported, mistakes: mistakes),
      text: ([table] + mistakes + [verdict]).joined(separator: "\n"))
    if !isGood { throw ExitCode.failure }
  }

  /// The mistakes of each of some cases: found together, and if there are any, one by one.
  private func findings(in cases: [GoldenCase], _ suite: GoldenSuite) -> [[String]] {
    if let found = try? suite.mistakes(cases, goldenBackends), found.isEmpty { return cases.map { _ in [] } }
    return cases.map { findings(in: $0, suite) }
  }

  /// A case that cannot be computed is one that fails.
  private func findings(in golden: GoldenCase, _ suite: GoldenSuite) -> [String] {
    do {
      return try suite.mistakes([golden], goldenBackends)
    } catch {
      return ["\(golden.id): \((error as? ElbowError)?.message ?? "\(error)")"]
    }
  }
}
