import ElbowArrays
import ElbowGraph
import Testing

@Suite struct DimensionTests {
  let n = Dimension(symbol: "n")
  let m = Dimension(symbol: "m")

  @Test func arithmeticKeepsACanonicalForm() {
    #expect(n + n == n * 2)
    #expect((n + 1) * (n - 1) == n * n - 1)
    #expect(n * m == m * n)
    #expect(n - n == 0)
    #expect((n * 2 + m - n - n).symbol == "m")
    #expect((n + 1).value == nil)
    #expect(Dimension(7).value == 7)
  }

  @Test func coefficientsSaturate() {
    #expect(Dimension(Int.max) + 1 == Dimension(Int.max))
    #expect(Dimension(Int.max) * Dimension(Int.max) == Dimension(Int.max))
    #expect(n * Dimension(Int.max) * 3 == n * Dimension(Int.max))
    #expect((n * n).evaluated(with: ["n": Int.max]) == nil)
  }

  @Test func exactDivision() {
    #expect((n * 6).dividedExactly(by: 3) == n * 2)
    #expect((n * n - 1).dividedExactly(by: n + 1) == n - 1)
    #expect((n * m * 4 + n * 2).dividedExactly(by: n * 2) == m * 2 + 1)
    #expect((n + 1).dividedExactly(by: 2) == nil)
    #expect(n.dividedExactly(by: m) == nil)
    #expect(n.dividedExactly(by: 0) == nil)
    #expect(Dimension(0).dividedExactly(by: n) == 0)
  }

  @Test func whatIsPrintedCanBeRead() {
    let dimensions: [Dimension] = [
      0, 28, -3, n, n * 2 + 1, n - 1, n * -1, n * m - n * 3 + m * m * 2 - 5, n * -2 + m, (n + m) * (n - m),
    ]
    for dimension in dimensions { #expect(Dimension(parsing: dimension.description) == dimension) }
    #expect((n * 2 + 1).description == "2*n + 1")
    #expect((n - 1).description == "n - 1")
  }

  @Test(arguments: ["", "n +", "+ n", "2**n", "n m", "n*", "1x", "_n", "n + + m", "--1", "9999999999999999999", "é"])
  func nonsenseIsNotRead(_ text: String) { #expect(Dimension(parsing: text) == nil) }

  @Test func whatCanBeEqual() {
    #expect(n.canEqual(5))
    #expect(!n.canEqual(0))
    #expect(!(n + 5).canEqual(5))
    #expect(n.canEqual(m))
    #expect(!n.canEqual(n + 1))
    #expect(!Dimension(2).canEqual(3))
  }
}

@Suite struct BroadcastingTests {
  private func broadcast(_ a: Shape, _ b: Shape) throws -> (Shape, [(Dimension, Dimension)]) {
    var equalities: [(Dimension, Dimension)] = []
    return (try Shape.broadcast(a, b, equalities: &equalities), equalities)
  }

  @Test func lastAxesAreAlignedAndOnesStretch() throws {
    #expect(try broadcast([3, 4], [4]).0 == [3, 4])
    #expect(try broadcast([3, 1], [1, 4]).0 == [3, 4])
    #expect(try broadcast([], [2, 3]).0 == [2, 3])
    #expect(try broadcast([5, 1, 3], [2, 1]).0 == [5, 2, 3])
    #expect(throws: OperandError.self) { try broadcast([3, 4], [3]) }
  }

  @Test func aSymbolIsNeverOne() throws {
    let (n, m) = (Dimension(symbol: "n"), Dimension(symbol: "m"))
    #expect(try broadcast([n], [1]).0 == [n])
    let fixed = try broadcast([n], [4])
    #expect(fixed.0 == [4])
    #expect(fixed.1.count == 1)
    let both = try broadcast([n, 3], [m, 3])
    #expect(both.0 == [n, 3])
    #expect(both.1.count == 1)
    #expect(throws: OperandError.self) { try broadcast([n + 1], [n]) }
  }

  @Test func symbolsThatMeetBecomeOne() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let y = graph.placeholder("y", shape: [nil, 3])
    #expect(x.shape != y.shape)
    let sum = x + y
    #expect(x.shape == y.shape)
    #expect(sum.shape == x.shape)
    let program = try graph.program(Signature("sum", outputs: ["sum": sum]))
    #expect(program.symbols.count == 1)
  }
}
