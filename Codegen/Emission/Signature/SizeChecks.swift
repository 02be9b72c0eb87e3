import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// Conditions on the extents that a run is fed, so that no size or index that emitted code computes of them overflows:
/// checked before anything else, for any values of the symbols.
struct SizeChecks {
  let program: Program
  /// Sums and products of symbols whose parts, taken as positive, are all that anything is computed of. None bounds another.
  private(set) var sizes: [Dimension] = []

  init(_ schedule: Schedule) {
    program = schedule.program
    var found: Set<Dimension> = []
    SizeChecks.collect(schedule, &found)
    let largest = found.filter { SizeChecks.mayBeTooLarge($0) }
    sizes = largest.filter { size in !largest.contains { $0 != size && SizeChecks.bounds($0, size) } }
      .sorted { "\($0)" < "\($1)" }
  }

  /// Whether nothing need be checked.
  var isEmpty: Bool { sizes.isEmpty && program.requirements.isEmpty && equalities.isEmpty }

  private var equalities: [DimensionEquality] {
    let known = Set(program.symbols)
    return program.equalities.filter { $0.left.symbols.union($0.right.symbols).isSubset(of: known) }
  }

  // MARK: Collecting

  private static func collect(_ schedule: Schedule, _ found: inout Set<Dimension>) {
    // At most so many slices.
    let slices = schedule.slices.reduce(into: [:]) { $0[$1.count.symbol ?? ""] = Dimension($1.limit) }
    func note(_ size: Dimension) { found.insert(size.magnitude.substituting(slices)) }
    for symbol in schedule.program.symbols { note(Dimension(symbol: symbol)) }
    for buffer in schedule.buffers { note(buffer.shape.elementCount * Dimension(buffer.dtype.byteCount)) }
    for node in schedule.program.nodes {
      for extent in node.type.shape.dimensions { note(extent) }
      // Positions are numbers, too.
      if node.primitive is any GeneratingPrimitive { note(node.type.shape.elementCount) }
    }
    for kernel in schedule.kernels.flatMap({ [$0] + $0.epilogue }) {
      // Indices stay within their buffers.
      for loop in kernel.loops { note(loop.extent) }
      if case .scan(let scan) = kernel.body { collect(scan.step, &found) }
    }
    // Tiles within slices have as many rows as fit the cache, whatever the size of the batch.
    for tile in schedule.memory.tiles {
      let task = schedule.stages[tile.stage].tasks[tile.task]
      guard schedule.slices(of: task) != nil, let rows = task.tileRows else { continue }
      for bytes in tile.slots.flatMap(\.byteCounts) { note(bytes * Dimension(rows)) }
    }
  }

  /// Whether a size is not one that any machine can count to.
  private static func mayBeTooLarge(_ size: Dimension) -> Bool { size.isSymbolic || size.constant > 1 << 30 }

  /// Whether a size is at least another, term by term.
  private static func bounds(_ larger: Dimension, _ size: Dimension) -> Bool {
    guard larger.constant >= size.constant else { return false }
    let coefficients = Dictionary(larger.terms.map { ($0.symbols, $0.coefficient) }) { first, _ in first }
    return size.terms.allSatisfy { (coefficients[$0.symbols] ?? 0) >= $0.coefficient }
  }

  // MARK: Writing

  /// The function that refuses extents; its numbers are exact as far as they are not refused.
  func function(_ name: String) -> CFunction {
    var body: [CStatement] = program.symbols.enumerated().flatMap { index, symbol -> [CStatement] in
      let variable = Naming.symbol(symbol)
      return [
        .declare(.double.constant, variable, .cast(.double, .subscripted("symbols", .integer(index)))),
        .expression(.cast(.void, .name(variable))),
      ]
    }
    if program.symbols.isEmpty { body.append(.expression(.cast(.void, "symbols"))) }
    for size in sizes {
      body.append(
        refusal(
          .binary(.greater, size.c, "EL_LARGEST_SIZE"), "ELBOW_OUT_OF_MEMORY",
          "'%s' would work with sizes of \(size) = %.0f, more than can be held here.", [.cast(.double, size.c)]))
    }
    for requirement in program.requirements where requirement.extent.symbols.isSubset(of: program.symbols) {
      body.append(
        refusal(
          .binary(.less, requirement.extent.c, 1), "ELBOW_BAD_ARGUMENT",
          "In '%s', '\(requirement.operation)' has the extent \(requirement.extent), which would be %.0f; expected 1 or more.",
          [.cast(.double, requirement.extent.c)]))
    }
    for equality in equalities {
      let (left, right) = (equality.left.c, equality.right.c)
      body.append(
        refusal(
          .binary(.notEqual, left, right), "ELBOW_BAD_ARGUMENT",
          "What '%s' is fed makes \(equality.left) = %.0f and \(equality.right) = %.0f, which have to be equal.",
          [.cast(.double, left), .cast(.double, right)]))
    }
    body.append(.returned("ELBOW_OK"))
    return CFunction(
      "\(name)__check", result: .status, isStatic: false,
      parameters: [(.model.pointer, "model"), (.long.constant.pointer, "symbols")],
      comment: "Refuses extents that sizes and indices cannot be computed of.", body: body)
  }

  private func refusal(
    _ condition: CExpression, _ status: String, _ sentence: String, _ values: [CExpression]
  ) -> CStatement {
    .conditional(
      condition,
      [
        .returned(
          .call("el_fail", ["model", .name(status), .string(sentence), .string(program.name)] + values))
      ], [])
  }
}

extension Dimension {
  /// The dimension with all its parts taken as positive.
  fileprivate var magnitude: Dimension {
    terms.reduce(Dimension(Int(clamping: constant.magnitude))) { sum, term in
      sum + term.symbols.reduce(Dimension(Int(clamping: term.coefficient.magnitude))) { $0 * Dimension(symbol: $1) }
    }
  }
}
