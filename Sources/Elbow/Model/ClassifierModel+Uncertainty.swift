import ElbowArrays
import ElbowData
import ElbowPlots
import Foundation

extension ClassifierModel {
  /// A picture of how sure the model is of examples: those that it is most and least certain of, one that is turned until it
  /// is upside down, and one that becomes another. Each lies over bars of its classes' probabilities, means over draws of the
  /// weights, with their standard deviations; H and I are those of ``PosteriorPredictive``.
  ///
  /// - Parameters:
  ///   - examples: The data that `predictions` is about; the column `labels`, if there is one, gives the true classes.
  ///   - predictions: Of all the examples, in order.
  ///   - count: The images in a row.
  /// - Throws: `ElbowError` as ``predict(_:draws:batchSize:)``, or when the two do not belong together.
  public func uncertaintySheet(
    of examples: Dataset, _ predictions: PosteriorPredictive, count: Int = 8
  ) throws -> PredictionSheet {
    let images = try examples[inputName]
    let order = predictions.byEntropy
    guard let surest = order.first, order.count == examples.count, count >= 1 else {
      throw ElbowError(
        .invalidArgument,
        "A sheet of at least 1 column shows predictions of all \(examples.count) examples, but found "
          + "\(count) columns and \(order.count) predictions.")
    }
    let (labels, classes) = (try examples.classLabels, predictions.classes)
    func known(_ chosen: some Sequence<Int>) throws -> [Prediction] {
      try chosen.map { predictions.prediction($0, of: try images.row($0), label: labels?[$0]) }
    }
    // Another class, or the least certain example where there is none.
    let other = order.first { classes[$0] != classes[surest] } ?? order[order.count - 1]
    let ends = try [surest, other].map { try images.row($0) }
    // Some digits are the same upside down: of the two, the one that the model comes to doubt more is shown.
    let turned = try zip(ends, [surest, other]).map { image, index in
      try said(of: ImageSeries(turning: image, count: count), draws: predictions.draws, label: labels?[index])
    }
    let blended = try said(
      of: ImageSeries(from: ends[0], to: ends[1], count: count), draws: predictions.draws, label: nil)

    var sheet = PredictionSheet(
      title: "\(compiled.manifest.name): class probabilities, mean and spread over \(predictions.draws) draws")
    sheet.note =
      "bars: means over the draws, lines: standard deviations, green: the true class; H: entropy in nats, I: its part from the "
      + "weights"
    sheet.addRow("most certain", try known(order.prefix(count)))
    sheet.addRow("least certain", try known(order.suffix(count).reversed()))
    sheet.addRow("turned", turned.max { $0.entropy < $1.entropy }?.predictions ?? [])
    sheet.addRow("one becomes another", blended.predictions)
    return sheet
  }

  /// The model's predictions for images that are not in the data, and the sum of the entropies.
  private func said(
    of series: ImageSeries, draws: Int, label: Int?
  ) throws -> (predictions: [Prediction], entropy: Double) {
    let said = try predict(series.images, draws: draws)
    return (
      try said.means.indices.map { said.prediction($0, of: try series.images.row($0), label: label) },
      said.entropies.reduce(0, +)
    )
  }
}

extension PosteriorPredictive {
  fileprivate func prediction(_ index: Int, of image: HostArray, label: Int?) -> Prediction {
    Prediction(
      image: image, means: means[index], deviations: deviations[index], label: label,
      caption: String(format: "H %.2f  I %.2f", entropies[index], informations[index]))
  }
}

extension Dataset {
  /// The column `labels`, if there is one of integers.
  public var classLabels: [Int]? {
    get throws {
      guard columnNames.contains("labels") else { return nil }
      let labels = try self["labels"]
      return labels.shape.count == 1 && labels.dtype.isInteger ? labels.doubles.map { Int($0) } : nil
    }
  }
}

extension HostArray {
  /// The part of the array at one index of the first axis.
  fileprivate func row(_ index: Int) throws -> HostArray {
    let size = bytes.count / max(shape[0], 1)
    return try HostArray(
      dtype: dtype, shape: [Int](shape.dropFirst()), bytes: [UInt8](bytes[index * size..<(index + 1) * size]))
  }
}
