import ElbowCodegen
import ElbowGraph

extension CaseGenerator {
  /// The C of some cases as one library, for those who compile it in other ways than the fuzzer: what is emitted is the same on
  /// every machine, and needs no OpenBLAS.
  ///
  /// - Parameters:
  ///   - indices: Which cases.
  ///   - name: The library's name.
  /// - Throws: `ElbowError` if one of them cannot be made, scheduled or emitted.
  package func emittedLibrary(_ indices: Range<Int>, name: String) throws -> EmittedLibrary {
    let setup = library(of: indices.lowerBound)
    let options = BuildOptions(
      target: .generic, contractions: setup.contractions == .openBLAS ? .emitted : setup.contractions,
      tileRows: setup.tileRows, usesTuning: false)
    let merged = try MergedPrograms(indices.map { try PreparedCase(makeCase($0)) })
    return try ModelCompiler(name: name, options: options).emit(
      merged.programs, initializer: merged.initializer, withLines: false)
  }
}
