import ElbowInference
import Testing

/// Diagnostics against figures that were computed once from the equations of arXiv:1903.08008 with NumPy and SciPy.
@Suite struct DiagnosticsTests {
  /// An autoregressive chain of uniform numbers, those of SplitMix64.
  private static func chain(_ seed: UInt64, _ phi: Double, _ shift: Double) -> [Double] {
    var value = 0.0
    return (1...400).map { index in
      var z = seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      z ^= z >> 31
      value = phi * value + Double(z >> 11) * 0x1p-53 - 0.5
      return value + shift
    }
  }

  struct Case: Sendable {
    let phi: Double
    let shifts: [Double]
    let rHat: Double
    let bulk: Double
    let tail: Double
    let mean: Double
    var tolerance = 1e-9
  }

  static let cases = [
    Case(
      phi: 0, shifts: [0, 0, 0, 0], rHat: 0.9996833876965097, bulk: 1655.7645018604396, tail: 1550.2671348863105,
      mean: 1623.4749951623664),
    Case(
      phi: 0.9, shifts: [0, 0, 0, 0], rHat: 1.0123589053071207, bulk: 125.04053764567301, tail: 402.82239976353975,
      mean: 123.53013128158715),
    // Correlations of chains apart never end, and implementations differ in the last of them that they count.
    Case(
      phi: 0.5, shifts: [0, 0, 0, 1], rHat: 1.4902094583627403, bulk: 7.697420960786254, tail: 33.18110207259291,
      mean: 6.169281185048433, tolerance: 1e-4),
    // Draws that swing back count for more than their number, up to a bound.
    Case(
      phi: -0.6, shifts: [0, 0, 0, 0], rHat: 1.0010204289558942, bulk: 5126.59197224948, tail: 1415.804874918824,
      mean: 5126.59197224948),
  ]

  @Test(arguments: cases) func figures(_ testCase: Case) {
    let chains = testCase.shifts.enumerated().map {
      DiagnosticsTests.chain(UInt64($0.offset + 1), testCase.phi, $0.element)
    }
    func expect(_ found: Double, _ expected: Double) {
      #expect(abs(found / expected - 1) < testCase.tolerance, "\(found), \(expected)")
    }
    expect(Diagnostics.rHat(chains), testCase.rHat)
    expect(Diagnostics.bulkESS(chains), testCase.bulk)
    expect(Diagnostics.tailESS(chains), testCase.tail)
    expect(Diagnostics.meanESS(chains), testCase.mean)
  }

  @Test func drawsThatSayNothing() {
    #expect(Diagnostics.rHat([[1, 1, 1, 1], [1, 1, 1, 1]]).isNaN)
    #expect(Diagnostics.rHat([[1, 2, 3]]).isNaN)
    #expect(Diagnostics.bulkESS([[1, 2, .nan, 4]]).isNaN)
    // Of a step back and forth, the energies' differences are four times their variance.
    #expect(Diagnostics.energyFraction([1, -1, 1, -1]) == 3)
  }
}
