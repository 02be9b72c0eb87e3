import ElbowArrays
import Foundation

/// Points of the plane that are drawn on the spot, always the same ones.
enum SyntheticDatasets {
  /// Two interleaved half circles of radius 1 with normal noise of standard deviation 0.1.
  static func twoMoons() throws -> DataSplit {
    var random = SplitMix64(seed: 1)
    return try split("two-moons", training: 10_000, validation: 2_000) {
      let isUpper = random.next() % 2 == 0
      let angle = Double.random(in: 0..<Double.pi, using: &random)
      let (x, y) = isUpper ? (cos(angle), sin(angle)) : (1 - cos(angle), 0.5 - sin(angle))
      return (x + 0.1 * normal(&random), y + 0.1 * normal(&random))
    }
  }

  /// A normal distribution of mean 1 and standard deviation 2 in both dimensions.
  static func normal2D() throws -> DataSplit {
    var random = SplitMix64(seed: 2)
    return try split("normal-2d", training: 1_000, validation: 1_000) {
      (1 + 2 * normal(&random), 1 + 2 * normal(&random))
    }
  }

  private static func split(
    _ name: String, training: Int, validation: Int, _ point: () -> (Double, Double)
  ) throws -> DataSplit {
    var numbers: [Float] = []
    for _ in 0..<training + validation {
      let (x, y) = point()
      numbers += [Float(x), Float(y)]
    }
    let points = try HostArray(numbers, shape: [training + validation, 2])
    return try Dataset(name: name, columns: [("points", points)]).split(at: training)
  }

  /// A standard normal number (Box and Muller 1958).
  private static func normal(_ random: inout SplitMix64) -> Double {
    let radius = (-2 * log(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &random))).squareRoot()
    return radius * cos(2 * Double.pi * Double.random(in: 0..<1, using: &random))
  }
}
