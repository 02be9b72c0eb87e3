import ElbowArrays
import ElbowGraph
import Foundation

/// A case as a graph file, whose metadata say how it is run.
public struct Reproduction: Sendable {
  public var plan: GraphPlan
  public var setup: Setup
  /// The failure that was seen.
  public var message = ""

  public init(_ fuzzCase: FuzzCase, message: String) {
    plan = fuzzCase.plan
    setup = fuzzCase.setup
    self.message = message
  }

  /// Reads a graph file; without a setup of its own it has the usual one.
  public init(readingFrom path: String) throws {
    let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    let file = try GraphFile(decoding: bytes)
    plan = try GraphPlan(file.graph, file.signatures)
    setup = try Setup(parsing: file.metadata["fuzz"] ?? "")
    message = file.metadata["seen"] ?? ""
  }

  public func fuzzCase(_ index: Int) -> FuzzCase { FuzzCase(index: index, plan: plan, setup: setup) }

  /// The file's text.
  public func text() throws -> String {
    let (graph, signatures) = try plan.graph()
    return try GraphFile.encode(
      graph, signatures: signatures, metadata: ["fuzz": setup.description, "seen": message])
  }
}
