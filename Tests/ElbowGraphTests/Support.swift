import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import Foundation
import Testing

/// Random numbers that are the same in every run (SplitMix64, Steele et al. 2014).
struct TestGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension HostArray {
  /// Random elements: integers are whole numbers of the range.
  static func random(_ dtype: DType, _ shape: [Int], in range: ClosedRange<Double>, _ generator: inout TestGenerator)
    throws
    -> HostArray
  {
    let values = (0..<shape.reduce(1, *)).map { _ in
      dtype.isFloatingPoint
        ? Double.random(in: range, using: &generator)
        : Double(Int.random(in: Int(range.lowerBound)...Int(range.upperBound), using: &generator))
    }
    return try HostArray(values, shape: shape).converted(to: dtype)
  }

  func converted(to dtype: DType) throws -> HostArray {
    let context = EvaluationContext(
      inputs: [self], dtype: dtype, shape: shape, bindings: [:], random: RandomState(seed: 0))
    return dtype == self.dtype ? self : try Cast(to: dtype).evaluate(context)
  }

  /// x x^T + n I, matrix by matrix.
  func positiveDefinite() throws -> HostArray {
    let n = shape[shape.count - 1]
    let x = doubles
    var result = x
    for start in stride(from: 0, to: x.count, by: n * n) {
      for i in 0..<n {
        for j in 0..<n {
          result[start + i * n + j] = (0..<n).reduce(i == j ? Double(n) : 0) {
            $0 + x[start + i * n + $1] * x[start + j * n + $1]
          }
        }
      }
    }
    return try HostArray(result, shape: shape).converted(to: dtype)
  }
}

/// Whether two lists of numbers agree, relative to their size.
func agree(_ a: [Double], _ b: [Double], tolerance: Double) -> Bool {
  a.count == b.count
    && zip(a, b).allSatisfy { x, y in
      x == y || (x.isNaN && y.isNaN) || abs(x - y) <= tolerance * (1 + max(abs(x), abs(y)))
    }
}

/// Fetches tensors of a graph through the reference evaluator.
func evaluate(_ tensors: [Tensor], feeding feeds: [String: HostArray] = [:]) throws -> [HostArray] {
  guard let graph = tensors.first?.graph else { return [] }
  var signature = Signature("test")
  signature.outputs = tensors.enumerated().map { ("\($0.offset)", $0.element) }
  let result = try ReferenceEvaluator(graph.program(signature)).run(feeding: feeds)
  return try tensors.indices.map { try #require(result.outputs["\($0)"]) }
}
