import ElbowArrays
import ElbowGraph

/// Writes a contraction: loops over what the building block does not take, and one call of it inside.
struct ContractionEmitter {
  let context: KernelContext
  let kernel: Kernel
  let contraction: ContractionBody
  /// The name of the function that finishes tiles.
  let epilogue: String?

  func body() -> [CStatement] {
    let row = contraction.rows.last
    let column = contraction.columns.last
    let depth = contraction.contracted.last
    let inner = Set([row, column, depth].compactMap { $0 })
    // BLAS wants one of the left operand's axes, and the right operand's columns, to lie together.
    let isPlain = [row, depth].contains { $0.map { contraction.left.index.coefficients[$0] == 1 } ?? true }
    let function = context.contractions == .openBLAS && isPlain ? "el_blas_contract" : "el_contract"
    var call: CStatement = .expression(
      .call(
        "\(function)_\(contraction.dtype.suffix)",
        [
          extent(row), extent(column), extent(depth), address(contraction.left), stride(contraction.left, row),
          stride(contraction.left, depth), address(contraction.right), stride(contraction.right, depth),
          address(contraction.result), stride(contraction.result, row), isAdded,
        ] + (function == "el_contract" ? finish : [])))
    for loop in kernel.loops.reversed() where !inner.contains(loop.id) {
      let (from, end) = range(loop)
      let name = "i\(loop.id)"
      call = .loop(variable: name, from: from, condition: .binary("<", .name(name), end), step: 1, [call])
    }
    var own = kernel
    own.epilogue = []
    // A library's product is finished as a whole.
    let afterwards: [CStatement] =
      function == "el_contract" || epilogue == nil
      ? [] : [.expression(.call(epilogue ?? "", ["f", "first", "first", "last", 0, extent(column)]))]
    return context.prologue(own) + [call] + afterwards
  }

  /// The function that is called with each finished tile.
  private var finish: [CExpression] { epilogue.map { [.name($0), "f", "first"] } ?? ["NULL", "NULL", 0] }

  private func range(_ loop: Loop) -> (CExpression, CExpression) {
    loop.id == kernel.partition?.id ? ("first", "last") : (0, loop.extent.c)
  }

  private func extent(_ id: Int?) -> CExpression {
    guard let id, let loop = kernel.loops.first(where: { $0.id == id }) else { return 1 }
    let (from, end) = range(loop)
    return end - from
  }

  private func stride(_ access: Access, _ id: Int?) -> CExpression {
    id.flatMap { access.index.coefficients[$0]?.c } ?? 0
  }

  /// The results of earlier steps of the outer loops that are summed over are added to.
  private var isAdded: CExpression {
    let outer = contraction.contracted.dropLast().map { CExpression.binary(">", .name("i\($0)"), 0) }
    guard let first = outer.first else { return 0 }
    return outer.dropFirst().reduce(first) { .binary("||", $0, $1) }
  }

  /// Where an operand begins, the inner loops being at their first steps.
  private func address(_ access: Access) -> CExpression {
    let inner = Set([contraction.rows.last, contraction.columns.last, contraction.contracted.last].compactMap { $0 })
    var loops: [Int: CExpression] = [:]
    for loop in kernel.loops {
      loops[loop.id] = inner.contains(loop.id) ? (loop.id == kernel.partition?.id ? "first" : 0) : .name("i\(loop.id)")
    }
    return .name(context.names[access.buffer])
      + context.index(access, loops: loops, outermost: kernel.partition?.id)
  }
}
