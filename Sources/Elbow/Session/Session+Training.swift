import ElbowArrays
import ElbowCodegen
import ElbowGraph
import ElbowTraining
import Foundation

extension Session {
  /// One step of training.
  ///
  /// - Parameters:
  ///   - training: The step, from an optimiser's `minimize`.
  ///   - feeds: The placeholders' values.
  /// - Returns: The loss before the step.
  @discardableResult
  public func run(_ training: TrainingOperation, feeding feeds: [Tensor: any ArrayConvertible]) throws -> HostArray {
    let outputs = try namingTheCallersLine { try run(training.signature("train"), feeding: named(feeds)) }
    guard let loss = outputs["loss"] else { throw ElbowError(.internal, "A training step gave no loss.") }
    return loss
  }
}

extension Graph {
  /// Compiles signatures to a library: writes `NAME.c`, `NAME.h`, the headers they need, the manifest `NAME.json`, and
  /// `libNAME.so`, which `CompiledModel` loads and any C program links.
  ///
  /// - Parameters:
  ///   - name: The model's name; C symbols begin with it.
  ///   - signatures: The signatures that can be run.
  ///   - folder: Where the files go; made if need be.
  ///   - options: How the C is compiled.
  ///   - specialization: Symbols of the graph's shapes, such as `n`, to be fixed: the code then serves these sizes alone.
  /// - Returns: The library's place.
  /// - Throws: `ElbowError`: the graph's first mistake, or why the C compiler or the files failed.
  @discardableResult
  public func compile(
    _ name: String, signatures: [Signature], to folder: URL, options: BuildOptions = BuildOptions(),
    specialization: [String: Int] = [:]
  ) throws -> URL {
    try ModelCompiler(name: name, options: options, specialization: specialization)
      .compile(self, signatures, to: folder)
  }
}
