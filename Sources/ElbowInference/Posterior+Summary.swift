import Foundation

extension Posterior {
  /// A table of all variables' elements - mean, standard deviation, quantiles, and how far to trust them - and below it, in sentences,
  /// what is wrong with the chains.
  public struct Summary: CustomStringConvertible, Sendable {
    /// One element of a variable.
    public struct Row: Sendable {
      /// `theta[Choate]`, `tau`.
      public let name: String
      /// The mean of all draws.
      public let mean: Double
      /// The standard deviation of all draws.
      public let sd: Double
      /// The 5 %, 50 % and 95 % quantiles.
      public let quantiles: [Double]
      /// The standard error of the mean.
      public let meanError: Double
      /// The effective sample size for the bulk.
      public let bulkESS: Double
      /// The effective sample size for the tails.
      public let tailESS: Double
      /// The potential scale reduction; near 1 where chains agree.
      public let rHat: Double
    }

    /// The elements of all variables, in the order of declaration.
    public let rows: [Row]
    /// What is wrong, and what to try.
    public let warnings: [String]

    /// The row of an element, by its name as the table has it.
    public subscript(name: String) -> Row? { rows.first { $0.name == name } }

    /// The table, and the sentences.
    public var description: String {
      let head = ["", "mean", "sd", "5%", "50%", "95%", "mcse", "ess_bulk", "ess_tail", "r_hat"]
      let cells = rows.map { row in
        let numbers = [row.mean, row.sd] + row.quantiles + [row.meanError]
        let digits = Summary.digits(row.sd)
        return [row.name] + numbers.map { Summary.text($0, digits) }
          + [Summary.text(row.bulkESS, 0), Summary.text(row.tailESS, 0), Summary.text(row.rHat, 3)]
      }
      let widths = head.indices.map { column in
        max(head[column].count, cells.map { $0[column].count }.max() ?? 0)
      }
      let lines = ([head] + cells).map { line in
        line.enumerated().map { column, cell in
          let gap = String(repeating: " ", count: widths[column] - cell.count)
          return column == 0 ? cell + gap : gap + cell
        }.joined(separator: "  ")
      }
      return (lines + (warnings.isEmpty ? [] : [""] + warnings)).joined(separator: "\n")
    }

    /// Three digits of the standard deviation.
    private static func digits(_ sd: Double) -> Int {
      guard sd.isFinite, sd > 0 else { return 3 }
      return max(0, min(12, 2 - Int(log10(sd).rounded(.down))))
    }

    private static func text(_ value: Double, _ digits: Int) -> String {
      value.isFinite ? String(format: "%.\(digits)f", value) : value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
    }
  }

  /// Mean, standard deviation, quantiles and diagnostics of each element of each variable.
  public var summary: Summary {
    let rows = variables.flatMap { variable in
      (0..<variable.count).map { element in
        let draws = variable.draws(of: element)
        let sorted = draws.joined().sorted()
        return Summary.Row(
          name: name(of: element, in: variable),
          mean: sorted.reduce(0, +) / Double(sorted.count), sd: Diagnostics.standardDeviation(sorted),
          quantiles: [0.05, 0.5, 0.95].map { Diagnostics.quantile(sorted, $0) },
          meanError: Diagnostics.meanError(draws), bulkESS: Diagnostics.bulkESS(draws),
          tailESS: Diagnostics.tailESS(draws), rHat: Diagnostics.rHat(draws))
      }
    }
    return Summary(rows: rows, warnings: warnings(rows))
  }

  /// `theta[Choate]`, with a label where there is one and else the position from 0.
  func name(of element: Int, in variable: Variable) -> String {
    guard !variable.shape.isEmpty else { return variable.name }
    var (rest, places) = (element, [Int]())
    for extent in variable.shape.reversed() {
      places.insert(rest % extent, at: 0)
      rest /= extent
    }
    let labels = places.enumerated().map { axis, place in
      let known = axis < variable.dims.count ? coords[variable.dims[axis]] : nil
      return known.map { $0[place] } ?? "\(place)"
    }
    return "\(variable.name)[\(labels.joined(separator: ", "))]"
  }

  private func warnings(_ rows: [Summary.Row]) -> [String] {
    var warnings: [String] = []
    let total = statistics.reduce(0) { $0 + $1.count }
    if divergenceCount > 0 {
      warnings.append(
        "\(divergenceCount) of \(total) draws diverged: the posterior has places that are too narrow for the step, and draws near "
          + "them are missing. Try a target acceptance nearer to 1 (\(options.targetAcceptance) now), or non-centred parameters."
      )
    }
    let deepest = statistics.joined().filter { $0.depth >= options.largestDepth }.count
    if options.pathSteps == 0, deepest > total / 100 {
      warnings.append(
        "\(deepest) of \(total) paths were cut off after \(options.largestDepth) doublings: draws cost much and move little. Try a "
          + "dense metric, centred columns of data, or more doublings.")
    }
    let chained = rows.filter { $0.rHat > 1.01 }
    if !chained.isEmpty {
      warnings.append(
        "The chains disagree about \(Posterior.listed(chained.map(\.name))): R-hat is up to "
          + "\(String(format: "%.3f", chained.map(\.rHat).max() ?? 0)), and should be below 1.01. Draw more, after a longer warm-up."
      )
    }
    let few = rows.filter { min($0.bulkESS, $0.tailESS) < 100 * Double(states.count) }
    if !few.isEmpty {
      warnings.append(
        "There are less than \(100 * states.count) effective draws of \(Posterior.listed(few.map(\.name))): means and quantiles of "
          + "them are uncertain. Draw more.")
    }
    let slow = statistics.indices.filter { Diagnostics.energyFraction(statistics[$0].map(\.energy)) < 0.3 }
    if !slow.isEmpty {
      warnings.append(
        "\(slow.count) of \(states.count) chains move slowly between energies (E-BFMI below 0.3): tails are heavy or funnels narrow. "
          + "Try non-centred parameters.")
    }
    return warnings
  }

  private static func listed(_ names: [String]) -> String {
    names.prefix(5).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
  }
}
