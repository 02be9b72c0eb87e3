import ElbowArrays
import ElbowGraph
import Testing

@Suite struct ExpectedResultsTests {
  private let graph = Graph()

  /// The expected results for a tensor, and those that the evaluator in the declared arithmetic finds.
  private final class Case {
    private var expected: ExpectedResults
    let found: HostArray

    init(_ y: Tensor, feeding feeds: [String: HostArray]) throws {
      let program = try y.graph.program(Signature("test", outputs: ["y": y]))
      expected = try ExpectedResults(program, feeding: feeds)
      found = try #require(try ReferenceEvaluator(program).run(feeding: feeds).outputs["y"])
    }

    func compare(_ found: HostArray?) throws -> ExpectedResults.Comparison {
      let comparisons = try expected.compare(.init(outputs: found.map { ["y": $0] } ?? [:]))
      return try #require(comparisons.first)
    }
    func compare() throws -> ExpectedResults.Comparison { try compare(found) }
  }

  private func normals(_ shape: [Int]) throws -> HostArray {
    var generator = TestGenerator(seed: 7)
    return try HostArray.random(.float32, shape, in: -2...2, &generator)
  }

  private func changing(_ array: HostArray, _ change: (inout [Float]) -> Void) throws -> HostArray {
    var values = try array.values(as: Float.self)
    change(&values)
    return try HostArray(values, shape: array.shape)
  }

  /// The evaluator in the declared arithmetic is a correct implementation, and so are its results for every primitive.
  @Test(arguments: SampleCase.all) func theDeclaredArithmeticIsWithinTheBounds(_ testCase: SampleCase) throws {
    let operands = try testCase.operands(seed: 3)
    var feeds: [String: HostArray] = [:]
    let inputs = operands.enumerated().map { index, value in
      feeds["x\(index)"] = value
      return graph.placeholder("x\(index)", shape: value.shape, dtype: value.dtype)
    }
    let result = graph.apply(testCase.sample.primitive, inputs)
    let comparison = try Case(result, feeding: feeds).compare()
    #expect(comparison.isGood, "\(comparison)")
  }

  @Test func oneWrongElementOfALargeArrayIsFound() throws {
    let x = graph.placeholder("x", shape: [100, 100])
    let example = try Case(exp(x) * 3 - x, feeding: ["x": normals([100, 100])])
    #expect(try example.compare().isGood)
    let comparison = try example.compare(changing(example.found) { $0[7_777] *= 1.0001 })
    #expect(comparison.wrongCount == 1)
    #expect(comparison.worst?.index == 7_777)
  }

  /// Between elements of a billion, one of a billionth.
  @Test func aSmallElementBesideLargeOnesIsHeldToItsOwnSize() throws {
    let x = graph.placeholder("x", shape: [3])
    let example = try Case(x * x, feeding: ["x": HostArray([3e9 as Float, 3e-9, 3e9])])
    #expect(try example.compare(changing(example.found) { $0[1] *= 1.001 }).wrongCount == 1)
  }

  @Test func whatCancelsHasWideBounds() throws {
    let x = graph.placeholder("x", shape: [4])
    let example = try Case((x + 1e6) - 1e6, feeding: ["x": HostArray([0.3 as Float, 0.7, -0.2, 1.9])])
    let rounded = try HostArray([0.3125 as Float, 0.6875, -0.1875, 1.875], shape: [4])
    #expect(try example.compare(rounded).isGood)
    let wrong = try HostArray([0.3125 as Float, 0.6875, -0.1875, 5], shape: [4])
    #expect(try example.compare(wrong).worst?.index == 3)
  }

  @Test func whatIsExactMustBeExact() throws {
    let x = graph.placeholder("x", shape: [50, 100], dtype: .int32)
    let small = x.cast(to: .float32)
    let sums = matmul(small, small.transposed([1, 0])).sum(axes: [1])
    var generator = TestGenerator(seed: 5)
    let feed = try HostArray.random(.int32, [50, 100], in: -9...9, &generator)
    let example = try Case((sums .== round(sums)).cast(to: .int32), feeding: ["x": feed])
    #expect(try example.compare().error == 0)
    #expect(try example.compare(HostArray(zeros: [50], dtype: .int32)).wrongCount == 50)
  }

  /// An error of several roundings, squared, is many times the square of one.
  @Test func squaresOfErrorsHaveWideBounds() throws {
    let x = graph.placeholder("x", shape: [1])
    let noise = (x + 1e6) - 1e6 - x
    let example = try Case(noise * noise, feeding: ["x": HostArray([0.3 as Float])])
    #expect(try example.compare(HostArray([0.15 as Float])).isGood)
    #expect(try example.compare(HostArray([20 as Float])).wrongCount == 1)
  }

  /// Equal terms added one to the other are all rounded the same way.
  @Test func sumsInOrderHaveWideBounds() throws {
    let x = graph.placeholder("x", shape: [2000])
    let example = try Case(cumsum(x, axis: 0), feeding: ["x": HostArray([Float](repeating: 0.1, count: 2000))])
    var (sums, sum): ([Float], Float) = ([], 0)
    for _ in 0..<2000 {
      sum += 0.1
      sums.append(sum)
    }
    #expect(try example.compare(HostArray(sums)).isGood)
    #expect(try example.compare(changing(HostArray(sums)) { $0[1000] *= 1.001 }).wrongCount == 1)
  }

  /// So are equal terms of a sum in an order that is not said.
  @Test func sumsOfOneNumberHaveWideBounds() throws {
    let x = graph.placeholder("x", shape: [2000])
    let feed = HostArray([Float](repeating: 0.7, count: 2000))
    let example = try Case(x.sum(), feeding: ["x": feed])
    var sum: Float = 0
    for _ in 0..<2000 { sum += 0.7 }
    #expect(try example.compare(HostArray(scalar: sum)).isGood)
    #expect(try example.compare(HostArray(scalar: sum - 0.7)).wrongCount == 1)
  }

  /// And so are equal ones among others.
  @Test func sumsOfManyEqualNumbersHaveWideBounds() throws {
    let numbers = (0..<8_000).map { $0 % 16 < 8 ? 0.7 : Float($0) * 0x1p-20 }
    let x = graph.placeholder("x", shape: [8_000])
    let example = try Case(x.sum(), feeding: ["x": HostArray(numbers)])
    let sum = numbers.reduce(0, +)
    #expect(try example.compare(HostArray(scalar: sum)).isGood)
    #expect(try example.compare(HostArray(scalar: sum * 1.001)).wrongCount == 1)
  }

  /// Two numbers that are equal but for rounding may come out equal, although no rounding at random makes them so.
  @Test func equalityIsEitherWayWhereRoundingDecides() throws {
    let x = graph.placeholder("x", shape: [2])
    let values: [Float] = [0.3, 0.7]
    let cancelled = (x + 1e3) - 1e3
    let example = try Case((cancelled .== x), feeding: ["x": HostArray(values)])
    for found in [[true, false], [false, true], [true, true]] {
      #expect(try example.compare(HostArray(found)).isGood)
    }
    let distant = try Case(((x + 1) .== x), feeding: ["x": HostArray(values)])
    #expect(try distant.compare(HostArray([true, false])).wrongCount == 1)
  }

  /// 0.7 * 10 is 6.99999988 of the nearest float, which rounds to 7.
  @Test func aJumpThatRoundingDecidesIsEitherWay() throws {
    let x = graph.placeholder("x", shape: [])
    let example = try Case(floor(x * 10), feeding: ["x": HostArray(scalar: Float(0.7))])
    #expect(example.found.doubles == [7])
    for (value, isGood) in [(Float(6), true), (7, true), (100, false)] {
      #expect(try example.compare(HostArray(scalar: value)).isGood == isGood)
    }
  }

  /// tanh(-9) lies half way between -1 and the next float.
  @Test func aPoleThatRoundingMeetsIsInfiniteOrNot() throws {
    let x = graph.placeholder("x", shape: [1])
    let example = try Case(log1p(tanh(x)), feeding: ["x": HostArray([-9 as Float])])
    for value in [-Float.infinity, -16.6] { #expect(try example.compare(HostArray([value])).isGood, "\(value)") }
    // Further from it no run is infinite, and numbers are held to their size.
    let other = try Case(log1p(tanh(x)), feeding: ["x": HostArray([-5 as Float])])
    for (value, isGood) in [(-Float.infinity, false), (-9.3069, true), (-9.5, false)] {
      #expect(try other.compare(HostArray([value])).isGood == isGood, "\(value)")
    }
  }

  /// Of many numbers beside a pole some are infinite in every draw, and then the sum is.
  @Test func sumsBesideAPoleMayBeFinite() throws {
    let x = graph.placeholder("x", shape: [40])
    let t = tanh(x)
    let example = try Case((log1p(t) - log1p(-t)).sum(), feeding: ["x": HostArray([Float](repeating: 9, count: 40))])
    #expect(try example.compare(HostArray(scalar: Float(40 * 17.33))).isGood)
    #expect(try example.compare(HostArray(scalar: Float.infinity)).isGood)
  }

  @Test func theRangeIsThatOfTheDeclaredDType() throws {
    let x = graph.placeholder("x", shape: [3])
    let example = try Case(log(exp(x)), feeding: ["x": HostArray([1 as Float, 100, -200])])
    #expect(example.found.doubles.dropFirst() == [.infinity, -.infinity])
    #expect(try example.compare().isGood)
    #expect(try example.compare(changing(example.found) { $0[1] = 100 }).wrongCount == 1)
    #expect(try !example.compare(nil).isGood)
  }
}
