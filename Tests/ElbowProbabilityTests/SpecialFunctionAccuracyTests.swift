import ElbowArrays
import ElbowGraph
import ElbowProbability
import Foundation
import TestSupport
import Testing

/// How far the special functions are from the true values, in units in the last place: never further than the table of
/// `docs/special-functions.md` says.
///
/// The points are random and exact in float32; the values, of 60 digits by mpmath, are the sum of two numbers of
/// float64.
@Suite struct SpecialFunctionAccuracyTests {
  private struct Point {
    let operands: [Double]
    let value: (high: Double, low: Double)
  }

  private struct Function: Sendable {
    let name: String
    /// The size below which errors count absolutely: near a zero of the function.
    var floor = 0.0
    let apply: @Sendable ([Tensor]) -> Tensor
  }

  private static let functions: [Function] = [
    Function(name: "lgamma") { lgamma($0[0]) }, Function(name: "lgamma, x < 0", floor: 1) { lgamma($0[0]) },
    Function(name: "digamma", floor: 1) { digamma($0[0]) },
    Function(name: "polygamma(1, x)") { polygamma(1, $0[0]) },
    Function(name: "polygamma(3, x)") { polygamma(3, $0[0]) },
    Function(name: "multigammaln(a, 3)", floor: 1) { multigammaln($0[0], 3) },
    Function(name: "lbeta", floor: 0.1) { lbeta($0[0], $0[1]) },
    Function(name: "igamma") { igamma($0[0], $0[1]) }, Function(name: "igammac") { igammac($0[0], $0[1]) },
    Function(name: "igammainv") { igammainv($0[0], $0[1]) }, Function(name: "igammacinv") { igammacinv($0[0], $0[1]) },
    Function(name: "randomGammaGrad") { randomGammaGrad($0[0], $0[1]) },
    Function(name: "betainc") { betainc($0[0], $0[1], $0[2]) },
    Function(name: "betaincinv") { betaincinv($0[0], $0[1], $0[2]) },
    Function(name: "erf") { erf($0[0]) }, Function(name: "erfc") { erfc($0[0]) },
    Function(name: "erfinv") { erfinv($0[0]) }, Function(name: "ndtr") { ndtr($0[0]) },
    Function(name: "logNdtr") { logNdtr($0[0]) }, Function(name: "ndtri") { ndtri($0[0]) },
    Function(name: "i0e") { i0e($0[0]) }, Function(name: "i1e") { i1e($0[0]) },
    Function(name: "log1mexp") { log1mexp($0[0]) }, Function(name: "logAddExp") { logAddExp($0[0], $0[1]) },
    Function(name: "xlogy") { xlogy($0[0], $0[1]) },
  ]

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  /// The points by function: lines of operands and the two parts of the value, after a line with the function's name.
  private static func points() throws -> [String: [Point]] {
    var (points, name): ([String: [Point]], String) = ([:], "")
    let file = folder.appendingPathComponent("Fixtures/special-functions.txt")
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      let numbers = line.split(separator: " ").compactMap { Double($0) }
      if numbers.count >= 3, let low = numbers.last {
        let point = Point(operands: [Double](numbers.dropLast(2)), value: (numbers[numbers.count - 2], low))
        points[name, default: []].append(point)
      } else {
        name = String(line)
      }
    }
    return points
  }

  /// The errors that the page states for a function: evaluator and compiled C in float64, and both in float32.
  private static func stated() throws -> [String: [Double]] {
    let page = folder.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("docs/special-functions.md")
    var stated: [String: [Double]] = [:]
    for line in try String(contentsOf: page, encoding: .utf8).split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      stated[cells[0].replacing("`", with: "")] = cells[2...].prefix(4).compactMap { Double($0) }
    }
    return stated
  }

  private static func error(_ got: Double, _ point: Point, _ dtype: DType, _ floor: Double) -> Double {
    let (high, low) = point.value
    let size = max(abs(high), floor)
    let unit = dtype == .float64 ? size.ulp : Double(Float(size).ulp)
    let error = abs((got - high) - low) / unit
    return error.isNaN ? .infinity : error
  }

  @Test func errorsAreAsStated() throws {
    let (points, stated) = (try Self.points(), try Self.stated())
    #expect(Set(points.keys) == Set(Self.functions.map(\.name)))
    var found: [String: [Double]] = [:]
    for dtype in [DType.float64, .float32] {
      let graph = Graph()
      var (outputs, used): ([String: Tensor], [String: [Point]]) = ([:], [:])
      var feeds: [String: HostArray] = [:]
      for function in Self.functions {
        let representable = Double(Float.leastNormalMagnitude)...Double(Float.greatestFiniteMagnitude)
        let those = (points[function.name] ?? []).filter {
          dtype == .float64 || representable.contains(abs($0.value.high))
        }
        // Fed, for constants are folded by the evaluator.
        let operands = try (those.first?.operands ?? []).indices.map { operand in
          let values = GoldenTensor(shape: [those.count], values: those.map { $0.operands[operand] })
          let input = "\(function.name) operand \(operand)"
          feeds[input] = try values.array(dtype)
          return graph.placeholder(input, shape: [those.count], dtype: dtype)
        }
        #expect(those.count >= 12, "\(function.name) has \(those.count) points")
        (outputs[function.name], used[function.name]) = (function.apply(operands), those)
      }
      for backend in goldenBackends {
        let values = try backend.values(of: outputs, in: graph, feeding: feeds)
        for function in Self.functions {
          let (those, got) = (used[function.name] ?? [], values[function.name]?.doubles ?? [])
          let errors = zip(got, those).map { Self.error($0, $1, dtype, function.floor) }
          found[function.name, default: []].append(errors.max() ?? .infinity)
        }
      }
    }
    for function in Self.functions {
      let (measured, bounds) = (found[function.name] ?? [], stated[function.name] ?? [])
      #expect(
        measured.count == 4 && bounds.count == 4 && zip(measured, bounds).allSatisfy { $0 <= $1 },
        "\(function.name): the errors are \(measured), and the page says \(bounds)")
    }
  }
}
