import Elbow
import Testing

/// One case a mistake: the smallest program, and the whole text with the user's line. Mistakes of sessions are in
/// ``SessionErrorTests``, those of the command line in `MistakeTests`.
@Suite struct MistakeTable {
  static let all = shapes + dtypes + layers + distributions + training + BuildErrorTests.shapes + BuildErrorTests.others

  @Test func eachIsExplained() {
    for (mistake, found) in zip(MistakeTable.all, Mistake.found(MistakeTable.all)) {
      #expect(found == mistake.expected)
    }
  }
}
