import ElbowArrays
import ElbowGraph
import Testing

@testable import ElbowFuzz

@Suite struct GeneratorTests {
  /// A seed and a number give the same graph and setup, whatever else is made.
  @Test func aCaseDependsOnSeedAndNumberAlone() throws {
    let all = try (0..<12).map { try CaseGenerator(seed: 5).makeCase($0) }
    for index in [11, 3, 7] {
      let again = try CaseGenerator(seed: 5).makeCase(index)
      let (text, known) = (Reproduction(again, message: ""), Reproduction(all[index], message: ""))
      #expect(try text.text() == known.text())
    }
    let other = try CaseGenerator(seed: 6).makeCase(3)
    #expect(try Reproduction(other, message: "").text() != Reproduction(all[3], message: "").text())
  }

  /// Graphs are valid: they can be saved, read back and evaluated, every symbol is determined by an input, and every signature
  /// has a result. Batches are symbols in most.
  @Test func graphsAreValid() throws {
    var (symbolicCount, count) = (0, 0)
    for index in 0..<40 {
      let prepared = try PreparedCase(CaseGenerator(seed: 9).makeCase(index))
      for program in prepared.programs {
        let symbols = program.nodes.reduce(into: Set<String>()) { $0.formUnion($1.type.shape.symbols) }
        #expect(symbols.isSubset(of: program.symbols), "graph \(index)")
        count += 1
        symbolicCount += symbols.isEmpty ? 0 : 1
        #expect(!program.roots.isEmpty, "graph \(index)")
      }
    }
    #expect(symbolicCount * 2 > count)
  }

  /// Every operation of the vocabulary is written in some graph, and every primitive occurs.
  @Test func theWholeVocabularyIsUsed() throws {
    var operations: Set<String> = []
    var primitives: Set<String> = []
    for mode in FuzzMode.allCases {
      for number in 0..<250 {
        var random = RandomChoices(seed: 3, number: number)
        var composer = Composer(mode: mode, run: RunSetup(&random), random: random)
        composer.writeInputs()
        for operation in random.shuffled(Vocabulary.all.filter { $0.modes.contains(mode) }).prefix(12) {
          composer.write(operation)
        }
        operations.formUnion(composer.used.keys)
        primitives.formUnion(try composer.plan().nodes.map { type(of: $0.primitive).name })
      }
    }
    #expect(Set(Vocabulary.all.map(\.name)).subtracting(operations) == [])
    let rare: Set<String> = [
      BinomialQuantile.name, GammaReparameterization.name, ImplicitSolution.name, IncompleteBetaByA.name,
      IncompleteBetaByB.name, IncompleteGammaComplementInverse.name, PoissonQuantile.name, RandomGammaGradient.name,
      Tan.name,
    ]
    #expect(Set(PrimitiveRegistry.all.map { $0.name }).subtracting(primitives).subtracting(rare) == [])
  }

  @Test func setupsAreReadAsTheyAreWritten() throws {
    for number in 0..<50 {
      var random = RandomChoices(seed: 1, number: number)
      let setup = Setup(library: LibrarySetup(seed: 1, block: number), run: RunSetup(&random))
      #expect(try Setup(parsing: setup.description) == setup)
    }
    #expect(throws: ElbowError.self) { try Setup(parsing: "mode=rough") }
    #expect(throws: ElbowError.self) { try Setup(parsing: "extents=0") }
  }
}
