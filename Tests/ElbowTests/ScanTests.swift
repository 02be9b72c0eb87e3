import Elbow
import ElbowDifferentiation
import ElbowGraph
import TestSupport
import Testing

@testable import ElbowArrays

/// Loops in the evaluator, compiled, and differentiated.
struct ScanTests {
  /// Runs some tensors with both back ends, which have to agree, and returns the evaluator's values.
  private func values(
    _ graph: Graph, _ tensors: [Tensor], _ feeds: [Tensor: HostArray] = [:], threads: Int = 2
  ) throws -> [[Double]] {
    let expected = try Session(graph, backend: .reference).run(tensors, feeding: feeds).map(\.doubles)
    let compiled = try Session(graph, threads: threads).run(tensors, feeding: feeds).map(\.doubles)
    for (index, (x, y)) in zip(compiled, expected).enumerated() {
      #expect(x.count == y.count)
      for (a, b) in zip(x, y) { #expect(abs(a - b) <= 1e-5 * max(1, abs(b)), "result \(index)") }
    }
    return expected
  }

  @Test("Fibonacci numbers: carries change places, outputs are stacked", arguments: [1, 2, 5, 8])
  func fibonacci(count: Int) throws {
    let graph = Graph()
    let loop = graph.scan(from: [graph.constant(0), graph.constant(1)], count: count) { _, carries, _ in
      (carries: [carries[1], carries[0] + carries[1]], outputs: [carries[0]])
    }
    let found = try values(graph, loop.last + loop.outputs)
    let all = [0, 1, 1, 2, 3, 5, 8, 13, 21, 34].map(Double.init)
    #expect(found[0] == [all[count]])
    #expect(found[1] == [all[count + 1]])
    #expect(found[2] == [Double](all[..<count]))
  }

  @Test("Sequences forwards and backwards are running sums")
  func sequences() throws {
    let graph = Graph()
    let x = graph.constant([1, 2, 4, 8])
    for (isReversed, expected) in [(false, [1.0, 3, 7, 15]), (true, [15, 14, 12, 8])] {
      let loop = graph.scan(from: [graph.constant(0)], over: [x], isReversed: isReversed) { _, carries, rows in
        (carries: [carries[0] + rows[0]], outputs: [carries[0] + rows[0]])
      }
      #expect(try values(graph, loop.outputs)[0] == expected)
    }
  }

  /// A recurrent network over a batch, with weights from outside the loop.
  private func network(_ graph: Graph, dtype: DType, steps: Int = 4) -> (
    x: Tensor, w: Tensor, u: Tensor, initial: Tensor, loss: Tensor
  ) {
    let x = graph.placeholder("x", shape: [steps, nil, 3], dtype: dtype)
    let w = graph.placeholder("w", shape: [5, 5], dtype: dtype)
    let u = graph.placeholder("u", shape: [3, 5], dtype: dtype)
    let initial = graph.placeholder("initial", shape: [nil, 5], dtype: dtype)
    let loop = graph.scan(from: [initial], over: [x]) { step, carries, rows in
      let state = tanh(matmul(carries[0], w) + matmul(rows[0], u) + 0.1 * step.cast(to: dtype))
      return (carries: [state], outputs: [(state * state).sum(axes: [-1])])
    }
    return (x, w, u, initial, mean(loop.last[0] * 0.5) + mean(loop.outputs[0]))
  }

  private func feeds(batch: Int, steps: Int = 4) throws -> [(shape: [Int], value: HostArray)] {
    var generator = SplitMix64(seed: 5)
    return try [[steps, batch, 3], [5, 5], [3, 5], [batch, 5]].map { shape in
      let count: Int = shape.reduce(1, *)
      let values: [Float] = (0..<count).map { _ in Float(generator.next() % 2001) / 1000 - 1 }
      return (shape, try HostArray(dtype: .float32, shape: shape, bytes: HostArray(values).bytes))
    }
  }

  @Test("A loop's gradients are those of the unrolled loop, compiled and not", arguments: [1, 7, 130])
  func gradients(batch: Int) throws {
    let graph = Graph()
    let (x, w, u, initial, loss) = network(graph, dtype: .float32)
    var state = initial
    var kept: [Tensor] = []
    for step in 0..<4 {
      let row = x[step]
      state = tanh(matmul(state, w) + matmul(row, u) + 0.1 * Double(step))
      kept.append((state * state).sum(axes: [-1]))
    }
    let unrolled = mean(state * 0.5) + mean(stack(kept))
    let parameters = [x, w, u, initial]
    let fed = try feeds(batch: batch)
    let looped: [Tensor] = [loss] + ElbowDifferentiation.gradients(of: loss, by: parameters)
    let expected: [Tensor] = [unrolled] + ElbowDifferentiation.gradients(of: unrolled, by: parameters)
    let found = try values(
      graph, looped + expected, Dictionary(uniqueKeysWithValues: zip(parameters, fed.map(\.value))))
    for index in 0..<5 {
      for (a, b) in zip(found[index], found[index + 5]) { #expect(abs(a - b) < 1e-5, "gradient \(index)") }
    }
  }

  @Test("A gradient goes through the gradient of a loop")
  func secondDerivative() throws {
    let graph = Graph()
    let x = graph.placeholder("x", dtype: .float64)
    // ((x^2)^2)^2 = x^8.
    let y = graph.scan(from: [x], count: 3) { _, carries, _ in (carries: [carries[0] * carries[0]], outputs: []) }.last[
      0]
    let first = gradient(of: y, by: x)
    let second = gradient(of: first, by: x)
    let found = try values(graph, [y, first, second], [x: HostArray(scalar: 1.5)])
    for (value, expected) in zip(found, [25.62890625, 136.6875, 637.875]) { #expect(abs(value[0] - expected) < 1e-9) }
  }

  @Test("A loop in a loop reads what both are given")
  func nested() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil])
    let sum = graph.scan(from: [x.zerosLike()], count: 3) { outer, carries, _ in
      let inner = graph.scan(from: [carries[0]], count: 2) { inner, carries, _ in
        (carries: [carries[0] + x * (outer + inner).cast(to: .float32)], outputs: [])
      }
      return (carries: inner.last, outputs: [])
    }.last[0]
    let total = sum.sum()
    let found = try values(graph, [sum, gradient(of: total, by: x)], [x: HostArray([1, 2, 3] as [Float])])
    // (0 + 1) + (1 + 2) + (2 + 3) = 9.
    #expect(found == [[9, 18, 27], [9, 9, 9]])
  }

  @Test("The number of threads does not change a bit of a loop over a batch")
  func threads() throws {
    let graph = Graph()
    let (x, w, u, initial, loss) = network(graph, dtype: .float32)
    let results = [loss] + ElbowDifferentiation.gradients(of: loss, by: [w, u])
    let fed = try Dictionary(uniqueKeysWithValues: zip([x, w, u, initial], feeds(batch: 700).map(\.value)))
    let one = try Session(graph, threads: 1).run(results, feeding: fed)
    for threads in [2, 3] { #expect(try Session(graph, threads: threads).run(results, feeding: fed) == one) }
  }

  @Test("A loop survives its graph file")
  func file() throws {
    let graph = Graph()
    let (_, _, _, _, loss) = network(graph, dtype: .float32)
    let text = try GraphFile.encode(graph, signatures: [Signature("loss", outputs: ["loss": loss])])
    let read = try GraphFile(decoding: [UInt8](text.utf8))
    let fed = try Dictionary(
      uniqueKeysWithValues: zip(["x", "w", "u", "initial"], feeds(batch: 3).map(\.value)))
    let before = try Session(graph, backend: .reference).run(Signature("loss", outputs: ["loss": loss]), feeding: fed)
    let after = try Session(read.graph).run(read.signatures[0], feeding: fed)
    #expect(try #require(after["loss"]).doubles == #require(before["loss"]).doubles)
    let hostile = text.replacing("\"carry0\"", with: "\"carry7\"")
    #expect(throws: ElbowError.self) { try GraphFile(decoding: [UInt8](hostile.utf8)) }
  }

  // MARK: Mistakes

  private func mistake(_ build: (Graph) -> Tensor) -> String {
    let graph = Graph()
    let tensor = build(graph)
    do {
      try graph.check()
      _ = try graph.program(Signature("run", outputs: ["y": tensor]))
      return ""
    } catch { return "\(error)" }
  }

  @Test("Mistakes name what is wrong and the user's line")
  func mistakes() {
    let changed = mistake { graph in
      graph.scan(from: [graph.zeros([3])], count: 2) { _, carries, _ in (carries: [carries[0].sum()], outputs: []) }
        .last[0]
    }
    #expect(changed.contains("turned carry 0") && changed.contains("ScanTests.swift"))
    let drawn = mistake { graph in
      graph.scan(from: [graph.zeros([3])], count: 2) { _, carries, _ in
        (carries: [carries[0] + graph.randomNormal([3])], outputs: [])
      }.last[0]
    }
    #expect(drawn.contains("draws random numbers"))
    let uncounted = mistake { graph in
      graph.scan(from: [graph.zeros([3])]) { _, carries, _ in (carries: carries, outputs: []) }.last[0]
    }
    #expect(uncounted.contains("needs a number of steps"))
    let uneven = mistake { graph in
      graph.scan(from: [graph.zeros([3])], over: [graph.zeros([5])], count: 2) { _, carries, _ in
        (carries: carries, outputs: [])
      }.last[0]
    }
    #expect(uneven.contains("not as many rows"))
    let leaked = mistake { graph in
      var inside: Tensor?
      _ = graph.scan(from: [graph.zeros([3])], count: 2) { _, carries, _ in
        inside = carries[0] + 1
        return (carries: carries, outputs: [])
      }
      return inside ?? graph.zeros([])
    }
    #expect(leaked.contains("made in the body of a loop"))
  }
}
