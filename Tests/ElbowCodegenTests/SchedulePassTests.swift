import ElbowArrays
import ElbowGraph
import ElbowNetworks
import ElbowPasses
import ElbowTraining
import Foundation
import Testing

@testable import ElbowSchedule

/// Each schedule pass on the smallest program that it changes, in the printed form: the lines that it takes away and those that it
/// writes instead.
@Suite struct SchedulePassTests {
  /// A pass, a program, and the lines that change.
  struct Example: Sendable, CustomTestStringConvertible {
    let pass: String
    let signature: @Sendable (Graph) -> Signature
    let change: String

    var testDescription: String { pass }
  }

  @Test(arguments: examples)
  func changesTheseLines(_ example: Example) throws {
    let graph = Graph()
    let program = try Pipeline().run(graph.program(example.signature(graph)))
    var change = "none"
    _ = try SchedulePipeline(isVerified: true).run(program) { pass, before, after in
      if pass.name == example.pass { change = Self.difference(before.listing, after.listing) }
    }
    #expect(change == example.change, "\(change)")
  }

  @Test func everyPassHasAnExample() {
    #expect(Set(Self.examples.map(\.pass)) == Set(SchedulePipeline.names))
  }

  /// The lines that one text alone has, `-`, and those that the other alone has, `+`, in order.
  private static func difference(_ before: String, _ after: String) -> String {
    // Without this file's lines.
    func lines(_ text: String) -> [String] {
      text.components(separatedBy: "\n").map { $0.replacing(/\ \ \/\/ .*swift:\d+.*/, with: "") }
    }
    let difference = lines(after).difference(from: lines(before))
    let removed = difference.removals.map { change in
      if case .remove(_, let line, _) = change { "- " + line } else { "" }
    }
    let added = difference.insertions.map { change in
      if case .insert(_, let line, _) = change { "+ " + line } else { "" }
    }
    return (removed + added).joined(separator: "\n")
  }

  private static func layer(_ graph: Graph) -> Tensor {
    let x = graph.placeholder("x", shape: [nil, 20])
    let w = graph.placeholder("w", shape: [20, 16])
    return relu(matmul(x, w) + graph.placeholder("b", shape: [16]))
  }

  private static func twoLayers(_ graph: Graph) -> Tensor {
    matmul(layer(graph), graph.placeholder("v", shape: [16, 3]))
  }

  private static func training(_ graph: Graph, _ size: Int) -> Signature {
    let w = graph.variable("layer/w", initialValue: graph.ones([Dimension(size), 40]))
    let y = matmul(graph.placeholder("x", shape: [nil, size]), w)
    let loss = mean(y * y)
    let train = SGD().minimize(loss)
    return Signature("train", outputs: ["loss": loss], updates: train.updates)
  }

  static let examples: [Example] = [
    Example(
      pass: "slice-batches",
      signature: { graph in
        let x = graph.placeholder("x", shape: [nil, 4096])
        return Signature("f", outputs: ["sum": exp(x).sum(axes: [0])])
      },
      change: """
        -   k0: map of 2 instructions for (l1 < 4096, sum l0 < n): (b0) -> (b1)
        +   b2: float32[slices:1, 4096]  // slices, node %2
        +   k0: map of 2 instructions for (sum l0 < n, l1 < 4096): (b0) -> (b2)
        +     slice by slice of the batch
        +   k1: map of 1 instructions for (l0 < 4096, sum l1 < slices:1): (b2) -> (b1)
        +     %2 reduce
        """),
    Example(
      pass: "assign-stages",
      signature: { graph in
        let x = graph.placeholder("x", shape: [nil, 3])
        return Signature("f", outputs: ["y": x - x.sum(axes: [0])])
      },
      change: """
        -   k0: map of 1 instructions for (l1 < 3, sum l0 < n): (b0) -> (b1)
        -     %1 reduce
        -   k1: map of 3 instructions for (l0 < n, l1 < 3): (b0, b1) -> (b2)
        -     %2 broadcast, %3 subtract
        +   stage 0 {
        +     task over 3 {
        +       k0: map of 1 instructions for (l1 < 3, sum l0 < n): (b0) -> (b1)
        +         %1 reduce
        +     }
        +   }
        +   stage 1 {
        +     tiles over n {
        +       k1: map of 3 instructions for (l0 < n, l1 < 3): (b0, b1) -> (b2)
        +         %2 broadcast, %3 subtract
        +     }
        +   }
        """),
    Example(
      pass: "choose-vector-loops",
      signature: { graph in Signature("f", outputs: ["y": exp(graph.placeholder("x", shape: [nil, 3]))]) },
      change: """
        +         vectors along l1
        """),
    Example(
      pass: "fuse-epilogues", signature: { Signature("f", outputs: ["y": twoLayers($0)]) },
      change: """
        -       k0: contraction for (l0 < n, l1 < 16, sum l2 < 20): (b0, b1) -> (b2)
        -         %2 contraction
        -       k1: map of 6 instructions for (l0 < n, l1 < 16): (b2, b3) -> (b4)
        -         %4 broadcast, %5 add, %6 constant, %7 broadcast, %8 compare, %9 select
        -         vectors along l1
        +       k0: contraction for (l0 < n, l1 < 16, sum l2 < 20): (b0, b1, b2, b3) -> (b2, b4)
        +         %2 contraction, %4 broadcast, %5 add, %6 constant, %7 broadcast, %8 compare, %9 select
        +         each tile finished by (b2, b3) -> (b4)
        """),
    Example(
      pass: "overwrite-operands", signature: { Signature("f", outputs: ["y": twoLayers($0)]) },
      change: """
        -       k0: contraction for (l0 < n, l1 < 16, sum l2 < 20): (b0, b1, b2, b3) -> (b2, b4)
        -         each tile finished by (b2, b3) -> (b4)
        +       k0: contraction for (l0 < n, l1 < 16, sum l2 < 20): (b0, b1, b3, b4) -> (b4)
        +         each tile finished by (b3, b4) -> (b4)
        """),
    Example(
      pass: "claim-parameters", signature: { training($0, 40) },
      change: """
        +         claims variable 'layer/w'
        """),
    Example(
      pass: "fuse-neighbors",
      signature: { graph in
        let (a, b) = (
          graph.variable("a", initialValue: graph.ones([5])), graph.variable("b", initialValue: graph.ones([7]))
        )
        return Signature("f", updates: [VariableUpdate(a, to: a * 2), VariableUpdate(b, to: b * 2)])
      },
      change: """
        -     task over 5 {
        -       k0: map of 3 instructions for (l0 < 5): (b0) -> (b2)
        -         %2 constant, %3 broadcast, %4 multiply
        -         vectors along l0
        -     }
        -     task over 7 {
        -       k1: map of 3 instructions for (l0 < 7): (b1) -> (b3)
        -         %2 constant, %5 broadcast, %6 multiply
        +     task over 23 {
        +       k0: map of 3 instructions for (l0 < 23): (b0) -> (b2)
        +         %2 constant, %3 broadcast, %4 multiply, %5 broadcast, %6 multiply
        """),
    Example(
      pass: "choose-methods",
      signature: { graph in
        let x = graph.placeholder("x", shape: [nil, 300])
        let w = graph.placeholder("w", shape: [8, 300])
        return Signature("f", outputs: ["y": matmul(x, w, transposeB: true)])
      },
      change: """
        +         by dots
        """),
    Example(
      pass: "plan-memory", signature: { Signature("f", outputs: ["y": layer($0).sum(axes: [1])]) },
      change: """
        + arena {
        + }
        + tile of stage 0, task 0, a row {
        +   64 bytes: b2
        + }
        """),
    Example(
      pass: "divide-tasks", signature: { Signature("f", outputs: ["y": layer($0).sum(axes: [1])]) },
      change: """
        -     tiles over n {
        +     tiles over n in tiles of at most 64 rows {
        """),
    Example(
      pass: "name-values", signature: { training($0, 40) },
      change: """
        -   b2: float32[n, 40]  // arena, node %2
        -   b3: float32[]  // arena, node %4
        -   b5: float32[n, 40]  // arena, node %12
        -   b6: float32[40, 40]  // arena, node %13
        +   b2: float32[n, 40]  // arena, node %2, 'layer_product'
        +   b3: float32[]  // arena, node %4, 'layer_sum'
        +   b5: float32[n, 40]  // arena, node %12, 'layer_gradient'
        +   b6: float32[40, 40]  // arena, node %13, 'layer/w_gradient'
        """),
  ]
}
