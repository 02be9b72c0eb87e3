import ElbowArrays
import ElbowGraph
import TestSupport
import Testing

/// The normal distribution's functions against values computed with 50 digits.
@Suite struct NormalFunctionTests {
  private func values(_ x: [Double], _ function: (Tensor) -> Tensor) throws -> HostArray {
    try ReferenceBackend().value(function(Graph().constant(x, dtype: .float64)))
  }

  @Test func logNdtrInBothTails() throws {
    let x: [Double] = [-300, -40, -25, -20.1, -19.9, -14, -5, -1, -0.1, 0, 0.1, 1, 5, 8, 9]
    let exact = [
      -45006.622732118663, -804.60844201375379, -316.63940800802026, -205.92711840194825, -201.9171677073326,
      -101.56303440744996, -15.064998393988726, -1.8410216450092635, -0.77615459273027333, -0.69314718055994531,
      -0.61650501011502629, -0.17275377902344989, -2.8665161296376359e-7, -6.2209605742717861e-16,
      -1.1285884059538406e-19,
    ]
    // Rounding x / sqrt(2) alone moves exp(-x^2 / 2) by x^2 units in the last place.
    let found = difference(
      try values(x, logNdtr), GoldenTensor(shape: [x.count], values: exact), Tolerance(relative: 1e-14))
    #expect(found == nil, "\(found ?? "")")
  }

  @Test func ndtriFromTailToTail() throws {
    let p = [1e-20, 1e-12, 1e-5, 0.01, 0.07499, 0.0751, 0.3, 0.5, 0.6, 0.925, 0.9251, 0.99, 0.999999]
    let exact = [
      -9.2623400897984076, -7.0344838253011319, -4.2648907939228246, -2.3263478740408411, -1.4396021182393162,
      -1.43882539275254, -0.52440051270804082, 0, 0.25334710313579974, 1.4395314709384562, 1.4402382675279639,
      2.3263478740408408, 4.7534243088170878,
    ]
    let found = difference(
      try values(p, ndtri), GoldenTensor(shape: [p.count], values: exact), Tolerance(relative: 2e-15))
    #expect(found == nil, "\(found ?? "")")
  }

  @Test func theEdgesOfTheQuantile() throws {
    #expect(try values([0, 1], ndtri).doubles == [-.infinity, .infinity])
    #expect(try values([-0.1, 1.1, .nan], ndtri).doubles.allSatisfy(\.isNaN))
  }

  @Test func theQuantileInvertsTheCDF() throws {
    let x = stride(from: -8.0, through: 3, by: 0.25).map { $0 }
    let found = difference(
      try values(x) { ndtri(ndtr($0)) }, GoldenTensor(shape: [x.count], values: x),
      Tolerance(relative: 1e-12, absolute: 1e-13))
    #expect(found == nil, "\(found ?? "")")
  }

  @Test func float32KeepsItsDigitsInTheTail() throws {
    let x: [Double] = [-1000, -30, -12, -9.9, -3, 0.5]
    let exact = try values(x, logNdtr)
    let single = try ReferenceBackend().value(logNdtr(Graph().constant(x)))
    let found = difference(single, GoldenTensor(shape: exact.shape, values: exact.doubles), Tolerance(relative: 1e-6))
    #expect(found == nil, "\(found ?? "")")
  }
}
