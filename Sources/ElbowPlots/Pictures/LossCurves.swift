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
  /// Losses over epochs: a colour for each, a whole line for training, a dashed one for validation.
  ///
  /// The first tenth of many epochs is drawn as far as it fits: losses fall so steeply there that everything after would be
  /// flat.
  public static func lossCurves(_ curves: [LossCurve], title: String = "", firstEpoch: Int = 1) -> Plot {
    var plot = Plot(title: title, xLabel: "epoch", yLabel: curves.count == 1 ? curves[0].name : "")
    plot.hasWholeX = true
    func points(_ values: [Double]) -> [Point] {
      values.enumerated().map { Point(Double(firstEpoch + $0.offset), $0.element) }
    }
    for (index, curve) in curves.enumerated() {
      let color = Color.distinct(index)
      let isBoth = !curve.training.isEmpty && curve.validation.contains(where: \.isFinite)
      if !curve.training.isEmpty { plot.addLine(points(curve.training), name: curve.name, color: color) }
      if curve.validation.contains(where: \.isFinite) {
        plot.addLine(
          points(curve.validation), name: isBoth ? "\(curve.name), val." : curve.name, color: color, isDashed: isBoth)
      }
    }
    let settled = curves.flatMap { curve in
      [curve.training, curve.validation].flatMap { $0.dropFirst($0.count / 10) }
    }.filter(\.isFinite)
    if let low = settled.min(), let high = settled.max(), low < high {
      plot.yRange = low - 0.06 * (high - low)...high + 0.06 * (high - low)
    }
    return plot
  }
}
