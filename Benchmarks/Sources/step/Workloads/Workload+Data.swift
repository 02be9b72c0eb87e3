import Elbow
import Foundation

extension Workload {
  /// Twenty batches: binarized images, a fifth of the pixels set, with uniform labels; or points around a parabola.
  func data(batch: Int) throws -> [[String: HostArray]] {
    var generator = SplitMix64(seed: 1)
    return try (0..<20).map { _ in
      switch inputs {
      case .images(let shape): return ["images": try images(batch, shape, &generator)]
      case .labelledImages(let shape):
        let images = try images(batch, shape, &generator)
        return ["images": images, "labels": HostArray((0..<batch).map { _ in Int32(generator.next() % 10) })]
      case .points: return ["points": try points(batch, &generator)]
      }
    }
  }

  private func images(_ batch: Int, _ shape: [Int], _ generator: inout SplitMix64) throws -> HostArray {
    let pixels = (0..<batch * 784).map { _ in Float(generator.next() % 5 == 0 ? 1 : 0) }
    return try HostArray(pixels, shape: [batch] + shape)
  }

  /// x = y^2 / 4 + N(0, 1) and y = 4 N(0, 1).
  private func points(_ batch: Int, _ generator: inout SplitMix64) throws -> HostArray {
    func normal() -> Double {
      let (u, v) = (uniform(&generator), uniform(&generator))
      return (-2 * Foundation.log(1 - u)).squareRoot() * Foundation.cos(2 * Double.pi * v)
    }
    var values: [Float] = []
    for _ in 0..<batch {
      let y = 4 * normal()
      values += [Float(0.25 * y * y + normal()), Float(y)]
    }
    return try HostArray(values, shape: [batch, 2])
  }

  /// A number in [0, 1).
  private func uniform(_ generator: inout SplitMix64) -> Double {
    Double(generator.next() >> 11) / 9_007_199_254_740_992
  }
}
