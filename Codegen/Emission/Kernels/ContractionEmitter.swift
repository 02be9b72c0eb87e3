import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// Writes a contraction: loops over what the building block does not take, and one call of it inside.
struct ContractionEmitter {
  let context: KernelContext
  let kernel: Kernel
  let contraction: ContractionBody
  /// The name of the function that finishes tiles.
  let epilogue: String?
  /// The name of the function that claims variables with each tile.
  let claim: String?

  private var method: ContractionMethod { contraction.method }
  private var row: Int? { contraction.rows.last }
  private var column: Int? { contraction.columns.last }
  private var depth: Int? { kernel.depth(of: contraction) }
  /// The loop over runs of the depth.
  private var tap: Int? {
    if case .fixedTile = method { contraction.contracted.dropLast().last } else { nil }
  }
  /// The loops that the building block runs itself.
  private var inner: Set<Int> {
    if case .winograd = method { return Set(kernel.loops.map(\.id)) }
    return Set([row, column, depth, tap].compactMap { $0 })
  }

  private func loop(_ id: Int?) -> Loop? { id.flatMap { id in kernel.loops.first { $0.id == id } } }

  // MARK: Functions

  /// The function of a product whose size is known. Products alike share one.
  func declarations() -> [CDeclaration] {
    switch method {
    case .winograd(let winograd): return winograd.declarations
    case .fixedTile(let product):
      let strides = [product.leftRow, product.leftDepth, product.rightDepth, product.resultRow]
      return [
        .macro(
          "EL_FIXED_CONTRACTION",
          [
            .name(functionName(product)), .name(contraction.dtype.suffix), .type(contraction.dtype.cType),
            .call("EL_SHAPE", [.integer(product.rows), .integer(product.columns)]),
            .call("EL_STRIDES", strides.map { .integer($0) }),
            .call("EL_TILE", [choice(product, \.rows), choice(product, \.vectors)]),
          ])
      ]
    default: return []
    }
  }

  private func numbers(_ product: FixedProduct) -> [Int] {
    [
      product.rows, product.columns, product.leftRow, product.leftDepth, product.rightDepth, product.resultRow,
    ]
  }

  /// The name says all that the function depends on, so equal names are equal functions.
  private func functionName(_ product: FixedProduct) -> String {
    let parts = [contraction.dtype.suffix] + numbers(product).map { $0 < 0 ? "m\(-$0)" : "\($0)" }
    let tiles = product.tiles.map { "\($0.rows)x\($0.vectors)" }
    return "\(context.signature)__product_" + (parts + tiles).joined(separator: "_")
  }

  private func choice(_ product: FixedProduct, _ part: KeyPath<RegisterTile, Int>) -> CExpression {
    .call("EL_BY_REGISTERS", product.tiles.map { .integer($0[keyPath: part]) })
  }

  func body() -> [CStatement] {
    let suffix = contraction.dtype.suffix
    let (a, b, c) = (address(contraction.left), address(contraction.right), address(contraction.result))
    let size = CExpression.call("EL_SIZE", [extent(row), extent(column), extent(depth)])
    let (leftRow, leftDepth) = (stride(contraction.left, row), stride(contraction.left, depth))
    let result = CExpression.call("EL_RESULT", [c, stride(contraction.result, row), isAdded])
    let finish = CExpression.call("EL_FINISH", finish)
    var call: CStatement
    switch method {
    case .fixedTile(let product):
      let taps = CExpression.call(
        "EL_TAPS", [extent(tap), stride(contraction.left, tap), stride(contraction.right, tap)])
      call = .expression(.call(functionName(product), [taps, extent(depth), a, b, c, isAdded]))
    case .winograd(let winograd): return context.prologue(kernel) + self.winograd(winograd)
    case .dots:
      let operands: [CExpression] = [
        .call("EL_LEFT_DOTS", [a, leftRow]), .call("EL_RIGHT_DOTS", [b, stride(contraction.right, column)]),
      ]
      call = .expression(.call("el_contract_dots_\(suffix)", [size] + operands + [result, finish]))
    case .library:
      call = product()
    case .panels(let isCopied):
      let right = isCopied ? ["right", extent(column)] : [b, stride(contraction.right, depth)]
      let operands: [CExpression] = [.call("EL_LEFT", [a, leftRow, leftDepth]), .call("EL_RIGHT", right)]
      call = .expression(.call("el_contract_\(suffix)", [size] + operands + [result, finish]))
      if isCopied { call = .block(copy(b) + [call]) }
    }
    for loop in kernel.loops.reversed() where !inner.contains(loop.id) {
      let (from, end) = kernel.range(loop)
      let name = "i\(loop.id)"
      call = .loop(variable: name, from: from, condition: .binary(.less, .name(name), end), step: 1, [call])
    }
    var own = kernel
    own.epilogue = []
    // A library's product is finished as a whole.
    let afterwards: [CStatement] =
      method != .library || epilogue == nil
      ? [] : [.expression(.call(epilogue ?? "", ["f", "first", "first", "last", 0, extent(column)]))]
    return context.prologue(own) + [call] + afterwards
  }

  /// A library's product; where threads share its rows, in pieces that do not depend on how many threads there are.
  private func product() -> CStatement {
    let isShared = row != nil && row == kernel.partition?.id
    let from: CExpression = isShared ? "from" : "first"
    let rows: CExpression =
      isShared ? .call("el_smaller", ["last" - "from", .integer(Kernel.libraryRows)]) : extent(row)
    let call = CStatement.expression(
      .call(
        "el_blas_contract_\(contraction.dtype.suffix)",
        [
          .call("EL_SIZE", [rows, extent(column), extent(depth)]),
          .call(
            "EL_LEFT",
            [address(contraction.left, from: from), stride(contraction.left, row), stride(contraction.left, depth)]),
          .call(
            "EL_RIGHT_BLAS",
            [
              address(contraction.right, from: from), stride(contraction.right, depth),
              column.map { stride(contraction.right, $0) } ?? 1,
            ]),
          .call("EL_RESULT", [address(contraction.result, from: from), stride(contraction.result, row), isAdded]),
        ]))
    guard isShared else { return call }
    return .loop(
      variable: "from", from: "first", condition: .binary(.less, "from", "last"), step: .integer(Kernel.libraryRows),
      [call])
  }

  /// Copies the right operand, its columns side by side, into an array of the function's.
  private func copy(_ right: CExpression) -> [CStatement] {
    [
      .declareArray(contraction.dtype.cType, "right", extent(column) * extent(depth), nil),
      .expression(
        .call(
          "el_transpose_\(contraction.dtype.suffix)",
          [extent(column), extent(depth), right, stride(contraction.right, column), "right", extent(column)])),
    ]
  }

  private func winograd(_ convolution: WinogradConvolution) -> [CStatement] {
    let images = convolution.images?.id
    let count: CExpression = images == nil ? 1 : "last" - "first"
    let high: CExpression = images == nil ? "last" - "first" : .integer(convolution.positions[0].extent)
    let (a, b, c) = (address(contraction.left), address(contraction.right), address(contraction.result))
    let workspace = CExpression.field("f", "workspace")
    let arguments: [CExpression] =
      switch convolution.result {
      case .image: [a, stride(contraction.left, images), b, c, stride(contraction.result, images), workspace]
      case .kernel:
        [a, stride(contraction.left, images), b, stride(contraction.right, images), c, isAdded, workspace]
      }
    return [
      .declare(
        CType("el_winograd").constant, "convolution",
        .structure([CExpression.Field(name: "high", value: high)] + convolution.fields)),
      .expression(.call(convolution.functionName, [.unary(.address, "convolution"), count] + arguments)),
    ]
  }

  /// The function that is called with each finished tile.
  private var finish: [CExpression] {
    if let claim {
      // Alone, there is nobody to take them from.
      let isShared = CExpression.binary(.greater, .call("el_team_size", [.field("f", "team")]), 1)
      return [.conditional(isShared, .name(claim), "NULL"), "f", "first"]
    }
    return epilogue.map { [.name($0), "f", "first"] } ?? ["NULL", "NULL", 0]
  }

  private func extent(_ id: Int?) -> CExpression {
    guard let loop = loop(id) else { return 1 }
    let (from, end) = kernel.range(loop)
    return end - from
  }

  private func stride(_ access: Access, _ id: Int?) -> CExpression {
    id.flatMap { access.index.coefficients[$0]?.c } ?? 0
  }

  /// The results of earlier steps of the outer loops that are summed over are added to, and so are those of earlier tiles
  /// of a slice of the batch.
  private var isAdded: CExpression {
    var conditions = contraction.contracted.filter { !inner.contains($0) && $0 != kernel.partition?.id }
      .map { CExpression.binary(.greater, .name("i\($0)"), 0) }
    if kernel.isPartial, let partition = kernel.partition {
      let position: CExpression = inner.contains(partition.id) ? "first" : .name("i\(partition.id)")
      conditions.append(.binary(.greater, position, .field("f", "slice_first")))
    }
    guard let first = conditions.first else { return 0 }
    return conditions.dropFirst().reduce(first) { .binary(.or, $0, $1) }
  }

  /// Where an operand begins, the inner loops being at their first steps: `from`, if the kernel's work is divided along one.
  private func address(_ access: Access, from: CExpression = "first") -> CExpression {
    var loops: [Int: CExpression] = [:]
    for loop in kernel.loops {
      loops[loop.id] = inner.contains(loop.id) ? (loop.id == kernel.partition?.id ? from : 0) : .name("i\(loop.id)")
    }
    return .name(context.names[access.buffer])
      + context.index(access, loops: loops, outermost: kernel.partition?.id)
  }
}
