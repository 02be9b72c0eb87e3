import ElbowArrays
import Foundation

/// The points of a two-dimensional latent space from which a grid of images is decoded: a walk through what a model can
/// draw.
///
/// Along each axis they are quantiles of the prior, at the middles of `size` equal shares of its probability, so that each
/// image stands for as much of the prior as any other.
public struct LatentGrid: Sendable {
  /// The images in a row, and the rows.
  public let size: Int
  /// The first coordinate of each column, from the left.
  public let columns: [Double]
  /// The second coordinate of each row, from the top, where it is greatest.
  public let rows: [Double]
  /// `float32[size * size, 2]`, row by row from the top, where the second coordinate is greatest.
  public let codes: HostArray

  /// The grid of a standard normal prior, or of the marginal distributions of a prior's samples.
  ///
  /// - Parameter priorSamples: Of shape `[count, 2]`; nil for the standard normal distribution.
  /// - Throws: `ElbowError` when the size is not from 2 to 100, or the samples are not points of the plane.
  public init(size: Int, priorSamples: HostArray? = nil) throws {
    guard (2...100).contains(size) else {
      throw ElbowError(.invalidArgument, "A latent grid has from 2 to 100 images a side, not \(size).")
    }
    let shares = (0..<size).map { (Double($0) + 0.5) / Double(size) }
    let axes: [[Double]]
    if let priorSamples {
      guard priorSamples.shape.count == 2, priorSamples.shape[1] == 2, priorSamples.shape[0] > 0 else {
        throw ElbowError(
          .shape, "Samples of a prior for a grid have the shape [count, 2], but found \(priorSamples.shape).")
      }
      let values = priorSamples.doubles
      axes = (0..<2).map { axis in
        let sorted = stride(from: axis, to: values.count, by: 2).map { values[$0] }.sorted()
        return shares.map { sorted[min(Int($0 * Double(sorted.count)), sorted.count - 1)] }
      }
    } else {
      axes = [shares.map(LatentGrid.normalQuantile), shares.map(LatentGrid.normalQuantile)]
    }
    self.size = size
    (columns, rows) = (axes[0], axes[1].reversed())
    let points = rows.flatMap { y in axes[0].flatMap { x in [Float(x), Float(y)] } }
    codes = try HostArray(points, shape: [size * size, 2])
  }

  /// The images of the codes, edge to edge, with the coordinates beside them.
  ///
  /// - Parameters:
  ///   - images: As for ``ImageSheet/init(images:columns:margin:background:title:)``, one for each code.
  ///   - title: The text over the sheet.
  /// - Throws: `ElbowError` when these are not as many images.
  public func sheet(of images: HostArray, title: String = "images of a latent space") throws -> ImageSheet {
    guard images.shape.first == size * size else {
      throw ElbowError(
        .shape, "A grid of \(size) x \(size) codes needs as many images, but found \(images.dtype)\(images.shape).")
    }
    var sheet = try ImageSheet(images: images, columns: size, margin: 0, title: title)
    (sheet.xLabel, sheet.yLabel) = ("z1", "z2")
    (sheet.columnLabels, sheet.rowLabels) = (LatentGrid.labels(columns), LatentGrid.labels(rows))
    return sheet
  }

  /// Coordinates with as many digits as tell them apart.
  private static func labels(_ values: [Double]) -> [String] {
    let span = (values.max() ?? 0) - (values.min() ?? 0)
    return values.map { Ticks.label($0, step: Ticks.step(span / 100)) }
  }

  /// Where the standard normal distribution has a share of its probability to the left, by bisection.
  static func normalQuantile(_ share: Double) -> Double {
    var (low, high) = (-40.0, 40.0)
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if erfc(-middle / 2.0.squareRoot()) / 2 < share { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
