import ElbowArrays
import Foundation

/// Images between what a model has learned and what it has not: one that is turned step by step, and one that becomes another.
struct ImageSeries {
  /// The same dtype as the images they are made of, `[count, height, width]` or `[count, height, width, channels]`.
  let images: HostArray

  /// An image turned about its centre, from as it is to upside down.
  ///
  /// - Parameter image: `[height, width]`, or with channels.
  init(turning image: HostArray, count: Int) throws {
    let pixels = Pixels(image)
    try self.init(
      (0..<count).map { pixels.turned(by: Double.pi * Double($0) / Double(max(count - 1, 1))) }, like: image)
  }

  /// The mean of two images, from all of the first to all of the second.
  init(from first: HostArray, to second: HostArray, count: Int) throws {
    let pairs = Array(zip(first.doubles, second.doubles))
    try self.init(
      (0..<count).map { step in
        let share = Double(step) / Double(max(count - 1, 1))
        return pairs.map { (1 - share) * $0 + share * $1 }
      }, like: first)
  }

  private init(_ steps: [[Double]], like image: HostArray) throws {
    let values = steps.flatMap { $0 }
    let shape = [steps.count] + image.shape
    images =
      switch image.dtype {
      case .uint8: try HostArray(values.map { UInt8(min(max($0, 0), 255).rounded()) }, shape: shape)
      case .float32: try HostArray(values.map { Float($0) }, shape: shape)
      case .float64: try HostArray(values, shape: shape)
      case .int32, .int64, .uint32, .bool:
        throw ElbowError(.dtype, "Images that can be turned are uint8, float32 or float64, not \(image.dtype).")
      }
  }
}

/// An image that can be asked between its pixels.
private struct Pixels {
  let values: [Double]
  let height: Int
  let width: Int
  let channels: Int

  init(_ image: HostArray) {
    values = image.doubles
    (height, width) = (image.shape[0], image.shape[1])
    channels = image.shape.count == 3 ? image.shape[2] : 1
  }

  /// The image turned to the left; 0 where it shows what lay outside.
  func turned(by angle: Double) -> [Double] {
    let (sine, cosine) = (sin(angle), cos(angle))
    let (middleY, middleX) = (Double(height - 1) / 2, Double(width - 1) / 2)
    var result: [Double] = []
    result.reserveCapacity(values.count)
    for row in 0..<height {
      for column in 0..<width {
        let (y, x) = (Double(row) - middleY, Double(column) - middleX)
        let (fromY, fromX) = (middleY + cosine * y + sine * x, middleX - sine * y + cosine * x)
        for channel in 0..<channels { result.append(value(fromY, fromX, channel)) }
      }
    }
    return result
  }

  /// Linear between the four pixels around a place.
  private func value(_ y: Double, _ x: Double, _ channel: Int) -> Double {
    let (row, column) = (Int(y.rounded(.down)), Int(x.rounded(.down)))
    let (s, t) = (y - Double(row), x - Double(column))
    func at(_ row: Int, _ column: Int) -> Double {
      guard (0..<height).contains(row), (0..<width).contains(column) else { return 0 }
      return values[(row * width + column) * channels + channel]
    }
    return (1 - s) * ((1 - t) * at(row, column) + t * at(row, column + 1))
      + s * ((1 - t) * at(row + 1, column) + t * at(row + 1, column + 1))
  }
}
