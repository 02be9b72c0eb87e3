@testable import ElbowEmission
import ElbowGraph
import Testing

@testable import ElbowCodegen

/// Signatures share files where there are many: a file costs as much to compile as several of them.
@Suite struct SignatureFileTests {
  private func sources(count: Int, size: Int) throws -> [String] {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 8])
    let signatures = (0..<count).map { number in
      let y = (0..<size).reduce(x) { y, step in tanh(y) * (1.5 + Double(number * size + step)) }
      return Signature("f\(number)", outputs: ["y": y.sum(axes: [1])])
    }
    // The manifest has a file of its own, always.
    return try ModelCompiler(name: "many").emit(graph, signatures, withLines: false).sources.map(\.name).filter {
      $0 != "many_manifest.c"
    }
  }

  @Test func fewHaveFilesOfTheirOwn() throws {
    let names = try sources(count: 6, size: 300)
    #expect(names.count > 2 && names.filter { $0.hasPrefix("many_f") }.count == names.count - 1)
  }

  @Test func manyShareFiles() throws {
    let names = try sources(count: 60, size: 20)
    #expect(names.count <= 9 && names.contains("many__signatures1.c"), "\(names)")
    #expect(Set(names).count == names.count)
  }
}

/// Dividing kernels among files.
@Suite struct FileSharesTests {
  @Test func everyKernelIsInOneFile() {
    let own = (0..<100).map { $0 % 7 * 100 + 1 }
    let costs = FileShares.Costs(own: own, common: own.map { $0 % 3 == 0 ? ["a\($0)": 500] : [:] })
    let files = FileShares(costs, files: 6).files
    #expect(files.flatMap { $0 }.sorted() == Array(0..<100))
    #expect(files.allSatisfy { $0 == $0.sorted() })
  }

  @Test func loadsAreEven() {
    let costs = FileShares.Costs(own: (1...40).map { $0 * $0 }, common: [[String: Int]](repeating: [:], count: 40))
    let loads = FileShares(costs, files: 4).files.map { costs.cost(of: $0) }
    #expect(loads.count == 4)
    #expect((loads.max() ?? 0) - (loads.min() ?? 0) <= 40)
  }

  @Test func whatNeedsTheSameIsTogether() {
    // Kernel 4 needs what 0 and 1 need one each, so all three go together.
    let common = [["a": 50], ["b": 50], [:], [:], ["a": 50, "b": 50], [:]]
    let costs = FileShares.Costs(own: [10, 10, 100, 100, 10, 100], common: common)
    #expect(costs.total == 430)
    let files = FileShares(costs, files: 3).files
    #expect(files.contains { Set([0, 1, 4]).isSubset(of: $0) })
  }

  @Test func tooMuchForAFileIsCut() {
    let costs = FileShares.Costs(
      own: [Int](repeating: 100, count: 10), common: [[String: Int]](repeating: ["product": 100], count: 10))
    let files = FileShares(costs, files: 2).files
    #expect(files.count == 2)
    #expect(files.allSatisfy { (4...6).contains($0.count) })
  }

  @Test func thereMayBeLessThanFiles() {
    #expect(FileShares(FileShares.Costs(own: [5], common: [[:]]), files: 4).files == [[0]])
    #expect(FileShares(FileShares.Costs(own: [], common: []), files: 4).files.isEmpty)
  }
}
