import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import Testing

@Suite struct GraphErrorTests {
  /// The mistake's place is the line given, in this file.
  private func expect(
    _ graph: Graph, mistakeAt line: Int, _ text: String..., at place: Testing.SourceLocation = #_sourceLocation
  ) {
    let mistake = graph.diagnostics.first
    #expect(graph.diagnostics.count == 1, sourceLocation: place)
    #expect(mistake?.location?.file.hasSuffix("GraphTests.swift") == true, sourceLocation: place)
    #expect(mistake?.location?.line == line, sourceLocation: place)
    for part in text {
      #expect(mistake?.message.contains(part) == true, "\(mistake?.message ?? "")", sourceLocation: place)
    }
  }

  @Test func anOperatorNamesTheUsersLine() {
    let graph = Graph()
    let a = graph.placeholder("a", shape: [nil, 3])
    let b = graph.placeholder("b", shape: [4])
    let sum = a + b
    expect(graph, mistakeAt: #line - 1, "'add'", "float32[n, 3]", "float32[4]", "3 on the left and 4 on the right")
    #expect(!sum.isValid)
  }

  @Test func aFunctionNamesTheUsersLine() {
    let graph = Graph()
    let a = graph.placeholder("a", shape: [2, 3])
    _ = matmul(a, a)
    expect(graph, mistakeAt: #line - 1, "contraction", "float32[2, 3]")
  }

  @Test func aCompositionNamesTheUsersLine() {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 8, 8, 3])
    let kernel = graph.placeholder("kernel", shape: [3, 3, 4, 2])
    _ = conv2D(images, kernel)
    expect(graph, mistakeAt: #line - 1, "'convolution'", "3 features", "takes 4")
  }

  @Test func aSubscriptNamesTheUsersLine() {
    let graph = Graph()
    let a = graph.placeholder("a", shape: [2, 3])
    _ = a[5]
    expect(graph, mistakeAt: #line - 1, "axis 0 has the extent 2")
  }

  @Test func whatUsesAMistakeIsSilent() {
    let graph = Graph()
    let a = graph.placeholder("a", shape: [2])
    let b = graph.placeholder("b", shape: [3])
    let wrong = a * b
    let later = softmax(conv2D(exp(wrong + a), b)[0..., 1].reshaped([-1]).transpose)
    let others = [
      cholesky(wrong), triangularSolve(wrong, a), take(a, wrong), argMax(wrong), oneHot(wrong, depth: 2),
      maxPool2D(wrong),
      cumsum(wrong, axis: 0), conv2DTranspose(wrong, a), depthwiseConv2D(a, wrong), diag(wrong), tril(wrong),
      avgPool2D(wrong),
      logSumExp(wrong, axes: [3]), mean(wrong), stack([wrong, a]),
    ]
    #expect(!later.isValid)
    #expect(others.allSatisfy { !$0.isValid })
    #expect(graph.diagnostics.count == 1)
    #expect(throws: ElbowError.self) { try graph.check() }
  }

  @Test func gradientsOfWhatIsNoScalarAreAMistake() {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [3])
    _ = gradients(of: x * 2, by: [x])
    expect(graph, mistakeAt: #line - 1, "take its mean or sum first")
  }
}

@Suite struct SubscriptTests {
  @Test func partsArePickedAsNumPyPicksThem() throws {
    let graph = Graph()
    let x = graph.constant(try HostArray((0..<24).map { Float($0) }, shape: [2, 3, 4]))
    let picked = try evaluate([
      x[1], x[0, 1..<3], x[.ellipsis, 0], x[.all, -1, ..<2], x[.newAxis, 0, 0],
      x[1..., 2, .range(nil, nil, step: -1)], x[0, 0, TensorIndex.range(1, nil, step: 2)],
      x[1, 0, ...1], x[1, 0, (-3)...(-1)], x[1, 0, ...(-1)], x[1, 0, 1...2],
    ])
    #expect(picked.prefix(7).map { $0.shape } == [[3, 4], [2, 4], [2, 3], [2, 2], [1, 4], [1, 4], [2]])
    #expect(picked[0].doubles == (12..<24).map { Double($0) })
    #expect(picked[1].doubles == (4..<12).map { Double($0) })
    #expect(picked[2].doubles == [0, 4, 8, 12, 16, 20])
    #expect(picked[3].doubles == [8, 9, 20, 21])
    #expect(picked[4].doubles == [0, 1, 2, 3])
    #expect(picked[5].doubles == [23, 22, 21, 20])
    #expect(picked[6].doubles == [1, 3])
    #expect(picked.dropFirst(7).map(\.doubles) == [[12, 13], [13, 14, 15], [12, 13, 14, 15], [13, 14]])
  }

  @Test func namesNeedNoType() {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 4])
    let named = [x[.all, ..<2], x[.ellipsis, 1...], x[.newAxis], x[.all, .range(3, 0, step: -2)]]
    let spelled = [
      x[TensorIndex.all, ..<2], x[TensorIndex.ellipsis, 1...], x[TensorIndex.newAxis],
      x[TensorIndex.all, TensorIndex.range(3, 0, step: -2)],
    ]
    #expect(named.map(\.shape.description) == ["[n, 2]", "[n, 3]", "[1, n, 4]", "[n, 2]"])
    #expect(named.map(\.shape) == spelled.map(\.shape))
    #expect(graph.diagnostics.isEmpty)
  }

  /// A part of a symbolic axis is one that is there for every extent.
  @Test func symbolicAxes() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 4])
    let pair = concatenate([x, x], axis: 0)
    let parts = [x[0...], x[..<1], x[...0], x[(-1)...], x[0], x[-1], pair[1...], pair[..<(-1)], pair[1..<2]]
    #expect(
      parts.map(\.shape.description)
        == ["[n, 4]", "[1, 4]", "[1, 4]", "[1, 4]", "[4]", "[4]", "[2*n - 1, 4]", "[2*n - 1, 4]", "[1, 4]"])
    #expect(graph.diagnostics.isEmpty)
    for rows in [1, 3] {
      let values = (0..<(4 * rows)).map { Float($0) }
      let found = try evaluate(parts, feeding: ["x": HostArray(values, shape: [rows, 4])]).map(\.doubles)
      let all = values.map { Double($0) }
      #expect(found[0] == all && found[1] == Array(all.prefix(4)) && found[3] == Array(all.suffix(4)))
      #expect(found[6] == Array((all + all).dropFirst(4)) && found[7] == Array((all + all).dropLast(4)))
      #expect(found[8] == Array((all + all)[4..<8]))
    }
  }

  @Test(arguments: [1, 2]) func whatMayNotBeThereIsAMistake(_ position: Int) {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil])
    for part in [x[position...], x[..<(position + 1)], x[position], x[..<(-position)], x[(-position - 1)...]] {
      #expect(!part.isValid)
    }
    #expect(graph.diagnostics.count == 5)
    #expect(graph.diagnostics.allSatisfy { $0.message.contains("do not lie within it for all values of n from 1") })
  }

  @Test(arguments: [
    TensorIndex.index(2), .index(-3), .range(0, 3, step: 1), .range(1, 1, step: 1), .range(0, 2, step: 0),
    .range(0, 2, step: .min), .range(0, 2, step: .max), .range(nil, .max, step: 1),
  ])
  func whatIsOutsideIsAMistake(_ index: TensorIndex) {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [2])
    #expect(!x[index].isValid)
    #expect(graph.diagnostics.count == 1)
  }
}

@Suite struct FeedTests {
  private func message(_ feeds: [String: HostArray]) throws -> String {
    let graph = Graph()
    let x = graph.placeholder("images", shape: [nil, 3])
    let y = graph.placeholder("labels", shape: [nil])
    let program = try graph.program(Signature("loss", outputs: ["loss": (x.sum(axes: [1]) - y).sum()]))
    do {
      _ = try program.bind(feeds)
      return ""
    } catch { return error.message }
  }

  @Test func placeholdersThatDisagreeAreBothNamed() throws {
    let text = try message(["images": HostArray(zeros: [4, 3]), "labels": HostArray(zeros: [5])])
    for part in ["'images'", "[4, 3]", "'labels'", "[5]", "4 in the first", "5 in axis 0"] {
      #expect(text.contains(part), "\(text)")
    }
  }

  @Test func otherFeedsThatDoNotFit() throws {
    let (x, y) = (try HostArray(zeros: [4, 3]), try HostArray(zeros: [4]))
    #expect(try message(["images": x, "labels": y]) == "")
    #expect(try message(["images": x]).contains("'labels'"))
    #expect(try message(["images": HostArray(zeros: [4, 2]), "labels": y]).contains("[4, 2]"))
    #expect(try message(["images": HostArray(zeros: [4, 3], dtype: .float64), "labels": y]).contains("float64[4, 3]"))
    #expect(try message(["images": x, "labels": y, "label": y]).contains("no placeholder named 'label'"))
    #expect(try message(["images": HostArray(zeros: [0, 3]), "labels": HostArray(zeros: [0])]).contains("empty"))
  }
}
