import ElbowArrays

/// A loss or metric over the epochs of a training run.
public struct LossCurve: Sendable {
  /// The name in the legend.
  public var name: String
  /// A value for each epoch, the first epoch's first.
  public var training: [Double]
  /// As for training; NaN where an epoch was not validated, and empty if none was.
  public var validation: [Double]

  /// A curve as given.
  ///
  /// - Parameters:
  ///   - name: The name in the legend.
  ///   - training: A value for each epoch, the first epoch's first.
  ///   - validation: As for training; NaN where an epoch was not validated, and empty if none was.
  public init(_ name: String, training: [Double], validation: [Double] = []) {
    self.name = name
    self.training = training
    self.validation = validation
  }
}

extension Plot {
  /// Losses over epochs: a colour for each, a whole line for training, a dashed one, `val_` before its name, for validation.
  /// Losses that are the same in all epochs share a line.
  ///
  /// All epochs are shown. Where the first ones are so far away that all others would be flat, the axis of the losses is
  /// logarithmic; if there are losses that are not positive, it leaves out the first tenth of the epochs, and the plot marks
  /// what lies beyond it.
  ///
  /// - Parameter title: The text over the plot; nil for one that says how many epochs there are.
  public static func lossCurves(_ curves: [LossCurve], title: String? = nil, firstEpoch: Int = 1) -> Plot {
    let epochs = curves.map { max($0.training.count, $0.validation.count) }.max() ?? 0
    var plot = Plot(
      title: title ?? "losses over \(epochs) \(epochs == 1 ? "epoch" : "epochs")", xLabel: "epoch",
      yLabel: yLabel(curves.map(\.name)))
    plot.hasWholeX = true
    func points(_ values: [Double]) -> [Point] {
      values.enumerated().map { Point(Double(firstEpoch + $0.offset), $0.element) }
    }
    for (index, equal) in grouped(curves).enumerated() {
      guard let curve = equal.first else { continue }
      let (color, name) = (Color.distinct(index), equal.map(\.name).joined(separator: ", "))
      let isValidated = curve.validation.contains(where: \.isFinite)
      let isBoth = !curve.training.isEmpty && isValidated
      if !curve.training.isEmpty { plot.addLine(points(curve.training), name: name, color: color) }
      if isValidated {
        plot.addLine(
          points(curve.validation), name: isBoth ? equal.map { "val_\($0.name)" }.joined(separator: ", ") : name,
          color: color, isDashed: isBoth)
      }
    }
    plot.fitLosses(curves)
    return plot
  }

  /// The curves, those of the same values together: one would hide the other.
  private static func grouped(_ curves: [LossCurve]) -> [[LossCurve]] {
    func areSame(_ first: [Double], _ second: [Double]) -> Bool {
      first.elementsEqual(second) { $0 == $1 || $0.isNaN && $1.isNaN }
    }
    return curves.reduce(into: [[LossCurve]]()) { groups, curve in
      let place = groups.firstIndex {
        areSame($0[0].training, curve.training) && areSame($0[0].validation, curve.validation)
      }
      if let place { groups[place].append(curve) } else { groups.append([curve]) }
    }
  }

  /// The losses' names, as far as they fit beside an axis.
  private static func yLabel(_ names: [String]) -> String {
    let joined = names.joined(separator: ", ")
    return joined.count <= 40 ? joined : "losses and metrics"
  }

  private mutating func fitLosses(_ curves: [LossCurve]) {
    let series = curves.flatMap { [$0.training, $0.validation] }
    let all = series.joined().filter(\.isFinite)
    let settled = series.flatMap { $0.dropFirst($0.count > 2 ? max(1, $0.count / 10) : 0) }.filter(\.isFinite)
    guard let least = all.min(), let most = all.max(), let low = settled.min(), let high = settled.max(), low < high,
      most - least > 3 * (high - low)
    else { return }
    if least > 0 {
      hasLogY = true
      yLabel += " (log scale)"
    } else {
      yRange = low - 0.06 * (high - low)...high + 0.06 * (high - low)
    }
  }
}
