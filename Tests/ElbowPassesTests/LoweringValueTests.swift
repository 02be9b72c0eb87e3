import ElbowArrays
import ElbowGraph
import ElbowPasses
import Testing

/// The forms in which passes write convolutions, pooling and contractions have their values, on whole numbers exactly.
@Suite struct LoweringValueTests {
  /// Numbers of a fixed seed.
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) | (state << 31)
    }
  }

  /// Evaluates an operation on placeholders of the shapes before and after a pass.
  ///
  /// - Returns: The program that the pass gave; nil if the shapes do not fit the operation.
  private func check(
    _ primitive: some Primitive, _ shapes: [[Int]], _ pass: some Pass, _ numbers: inout Numbers
  ) throws -> Program? {
    let types = shapes.map { TensorType(.float32, Shape($0.map { Dimension($0) })) }
    guard (try? primitive.resultType(of: types)) != nil else { return nil }
    let graph = Graph()
    let operands = shapes.enumerated().map { graph.placeholder("x\($0)", shape: $1) }
    let program = try graph.program(Signature("p", outputs: ["y": graph.apply(primitive, operands)]))
    let rewritten = try pass.run(program)
    try Verifier().check(rewritten, after: pass.name)
    var feeds: [String: HostArray] = [:]
    for (position, shape) in shapes.enumerated() {
      let values = (0..<shape.reduce(1, *)).map { _ in Float(Int.random(in: -3...3, using: &numbers)) }
      feeds["x\(position)"] = try HostArray(values, shape: shape)
    }
    let expected = try #require(ReferenceEvaluator(program).run(feeding: feeds).outputs["y"])
    let found = try #require(ReferenceEvaluator(rewritten).run(feeding: feeds).outputs["y"])
    // Zeros of either sign are equal.
    #expect(found.shape == expected.shape && found.doubles == expected.doubles, "\(program)\n\(rewritten)")
    return rewritten
  }

  private func axes(_ spatial: Int, _ numbers: inout Numbers) -> ConvolutionAxes {
    let order = [Int](0..<spatial + 2).shuffled(using: &numbers)
    return ConvolutionAxes(outer: order[0], feature: order[1], spatial: [Int](order[2...]))
  }

  /// Strides, holes in input and kernel, padding of either sign, groups, and axes in any order.
  @Test(arguments: [1, 2])
  func convolutions(spatial: Int) throws {
    var numbers = Numbers(state: UInt64(spatial))
    var count = 0
    while count < 150 {
      let window = (0..<spatial).map { _ in
        WindowAxis(
          stride: .random(in: 1...3, using: &numbers), low: .random(in: -1...3, using: &numbers),
          high: .random(in: -1...3, using: &numbers), inputDilation: .random(in: 1...3, using: &numbers),
          kernelDilation: .random(in: 1...2, using: &numbers))
      }
      // Holes in the input are what there are most rules for, and those are for steps of one.
      let isSparse = window.contains { $0.inputDilation > 1 } && Bool.random(using: &numbers)
      let used =
        isSparse
        ? window.map {
          WindowAxis(
            low: $0.low, high: $0.high, inputDilation: $0.inputDilation,
            kernelDilation: $0.kernelDilation)
        } : window
      let groups = [1, 1, 2, 3].randomElement(using: &numbers) ?? 1
      let features = Int.random(in: 1...2, using: &numbers)
      let outputs = groups * Int.random(in: 1...2, using: &numbers)
      let positions = (0..<spatial).map { _ in Int.random(in: 1...5, using: &numbers) }
      let extents = (0..<spatial).map { _ in Int.random(in: 1...4, using: &numbers) }
      let (input, kernel) = (axes(spatial, &numbers), axes(spatial, &numbers))
      let rule = Convolution(
        input: input, kernel: kernel, output: axes(spatial, &numbers), window: used, groups: groups)
      let x = place(input, 2, features * groups, positions)
      let rewritten = try check(rule, [x, place(kernel, outputs, features, extents)], LowerConvolutions(), &numbers)
      guard let rewritten else { continue }
      #expect(!rewritten.nodes.contains { $0.primitive is Convolution }, "\(rewritten)")
      count += 1
    }
  }

  /// An input of a single position, which each element of the kernel meets once.
  @Test func singlePositions() throws {
    var numbers = Numbers(state: 15)
    for _ in 0..<40 {
      let extents = [Int.random(in: 1...3, using: &numbers), Int.random(in: 2...4, using: &numbers)]
      let (input, kernel) = (axes(2, &numbers), axes(2, &numbers))
      let rule = Convolution(
        input: input, kernel: kernel, output: axes(2, &numbers),
        window: extents.map { WindowAxis(low: $0 - 1, high: $0 - 1) })
      let shapes = [place(input, 2, 3, [1, 1]), place(kernel, 4, 3, extents)]
      let rewritten = try #require(try check(rule, shapes, LowerConvolutions(), &numbers))
      #expect(!rewritten.nodes.contains { $0.primitive is Windows || $0.primitive is Convolution }, "\(rewritten)")
    }
  }

  private func place(_ axes: ConvolutionAxes, _ outer: Int, _ feature: Int, _ spatial: [Int]) -> [Int] {
    var extents = [Int](repeating: 0, count: spatial.count + 2)
    (extents[axes.outer], extents[axes.feature]) = (outer, feature)
    for (axis, extent) in zip(axes.spatial, spatial) { extents[axis] = extent }
    return extents
  }

  @Test(arguments: ReduceWindow.Operation.allCases)
  func pooling(_ operation: ReduceWindow.Operation) throws {
    var numbers = Numbers(state: 5)
    var count = 0
    while count < 60 {
      func draws(_ range: ClosedRange<Int>) -> [Int] { (0..<3).map { _ in .random(in: range, using: &numbers) } }
      let rule = ReduceWindow(
        operation, sizes: draws(1...3), strides: draws(1...3), low: draws(0...1), high: draws(0...1))
      guard let rewritten = try check(rule, [draws(1...5)], LowerWindowReductions(), &numbers) else { continue }
      #expect(!rewritten.nodes.contains { $0.primitive is ReduceWindow })
      count += 1
    }
  }

  /// Axes of one element among them; what is a contraction afterwards has a right operand that ends with the result's last axis.
  @Test func contractions() throws {
    var numbers = Numbers(state: 7)
    for _ in 0..<200 {
      let extents = (0..<6).map { _ in [1, 2, 3, 4].randomElement(using: &numbers) ?? 1 }
      let (batch, contracted) = (Int.random(in: 0...1, using: &numbers), Int.random(in: 0...2, using: &numbers))
      let shared = [Int](0..<batch + contracted)
      let left = (shared + [Int](3..<3 + Int.random(in: 0...2, using: &numbers))).shuffled(using: &numbers)
      let right = (shared + [Int](5..<5 + Int.random(in: 0...1, using: &numbers))).shuffled(using: &numbers)
      func places(_ axes: [Int], _ range: Range<Int>) -> [Int] { range.compactMap { axes.firstIndex(of: $0) } }
      let rule = Contraction(
        leftBatch: places(left, 0..<batch), rightBatch: places(right, 0..<batch),
        leftContracted: places(left, batch..<batch + contracted),
        rightContracted: places(right, batch..<batch + contracted))
      let rewritten = try check(
        rule, [left.map { extents[$0] }, right.map { extents[$0] }], CanonicalizeContractions(), &numbers)
      for node in try #require(rewritten).nodes {
        guard let contraction = node.primitive as? Contraction, let program = rewritten else { continue }
        let shape = program.nodes[node.inputs[1]].type.shape
        let isLong = { (axis: Int) in shape.dimensions[axis] != 1 }
        #expect(
          contraction.rightFree(rank: shape.rank).last(where: isLong) == shape.dimensions.indices.last(where: isLong),
          "\(program)")
      }
    }
  }

  /// Products with a vector are sums of products, unless the vector can be the row of a product over several axes.
  @Test(arguments: [
    ([3], [3, 5], 0), ([5, 3], [3], 0), ([3, 5], [3], 0), ([3, 4, 5], [3], 1), ([3, 4, 1], [3], 0),
    ([4, 5, 3], [3, 1], 0),
    ([3, 4], [3, 5], 1),
  ])
  func productsWithVectors(left: [Int], right: [Int], contractions: Int) throws {
    var numbers = Numbers(state: 9)
    let axis = left.firstIndex(of: 3) ?? 0
    let rule = Contraction(leftContracted: [axis], rightContracted: [0])
    let rewritten = try check(rule, [left, right], CanonicalizeContractions(), &numbers)
    #expect(try #require(rewritten).nodes.count { $0.primitive is Contraction } == contractions)
  }

  /// Without anything to sum up there is nothing for a contraction to do.
  @Test(arguments: [[4, 5], [1]])
  func outerProducts(right: [Int]) throws {
    var numbers = Numbers(state: 11)
    let rule = Contraction(leftContracted: [], rightContracted: [])
    let rewritten = try check(rule, [[2, 3], right], CanonicalizeContractions(), &numbers)
    #expect(try #require(rewritten).nodes.contains { $0.primitive is Contraction } == false)
  }

  @Test func contractionsInOrderStay() throws {
    var numbers = Numbers(state: 13)
    let rule = Contraction(leftContracted: [1], rightContracted: [0])
    let rewritten = try check(rule, [[4, 3], [3, 5]], CanonicalizeContractions(), &numbers)
    #expect(try #require(rewritten).nodes.count == 3)
  }
}
