import Elbow
import ElbowArrays
import Foundation
import Testing

/// A folder of reference values of one posterior.
struct ReferencePosterior: CustomTestStringConvertible {
  let name: String
  let folder: URL
  var testDescription: String { name }

  /// The folders that `$ELBOW_POSTERIORS` names, or those that lie beside the tests.
  static var all: [ReferencePosterior] {
    let given = ProcessInfo.processInfo.environment["ELBOW_POSTERIORS"]
    let root =
      given.map { URL(fileURLWithPath: $0) }
      ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Posteriors")
    return PosteriorModels.all.keys.sorted().map {
      ReferencePosterior(name: $0, folder: root.appendingPathComponent($0))
    }.filter { FileManager.default.fileExists(atPath: $0.folder.appendingPathComponent("data.json").path) }
  }

  private func object(_ file: String) throws -> [String: Any] {
    let contents = try Data(contentsOf: folder.appendingPathComponent(file))
    return try JSONSerialization.jsonObject(with: contents) as? [String: Any] ?? [:]
  }

  /// The data, each array in float64.
  func data() throws -> [String: HostArray] { try object("data.json").compactMapValues(ReferencePosterior.array) }

  /// Numbers and nested arrays of them; nil for anything else.
  static func array(_ value: Any) -> HostArray? {
    if let number = value as? NSNumber { return HostArray(scalar: number.doubleValue) }
    guard let list = value as? [Any] else { return nil }
    if let numbers = list as? [NSNumber] { return HostArray(numbers.map(\.doubleValue)) }
    let rows = list.compactMap(array)
    guard let first = rows.first, rows.count == list.count else { return nil }
    return try? HostArray(rows.flatMap(\.doubles), shape: [rows.count] + first.shape)
  }

  struct Point {
    var values: [String: HostArray]
    var logDensity: Double
  }

  /// Positions with their log density, relative to the first.
  func points() throws -> [Point] {
    let points = try object("log_density.json")["points"] as? [[String: Any]] ?? []
    return points.map { point in
      Point(
        values: (point["values"] as? [String: Any] ?? [:]).compactMapValues(ReferencePosterior.array),
        logDensity: (point["log_density"] as? NSNumber)?.doubleValue ?? .nan)
    }
  }

  struct Moments {
    var name: String
    var mean: Double
    var meanError: Double
    var meanSquare: Double
    var meanSquareError: Double
  }

  /// The means of each parameter and of its square, with their standard errors.
  func moments() throws -> [Moments] {
    let parameters = try object("reference.json")["parameters"] as? [[String: Any]] ?? []
    return parameters.map { parameter in
      func number(_ key: String) -> Double { (parameter[key] as? NSNumber)?.doubleValue ?? .nan }
      return Moments(
        name: parameter["name"] as? String ?? "", mean: number("mean"), meanError: number("mcse_mean"),
        meanSquare: number("mean_square"), meanSquareError: number("mcse_mean_square"))
    }
  }
}
