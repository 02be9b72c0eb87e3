import ElbowArrays

extension Scan {
  public func substituting(_ replacements: [String: Dimension]) -> Scan? {
    let program = body.program.substituting(replacements)
    let substituted = ScanBody(program, carryCount: body.carryCount, outputCount: body.outputCount)
    return substituted == body ? nil : with(substituted)
  }

  /// The same loop around another body.
  public func with(_ body: ScanBody) -> Scan {
    Scan(body, count: count, isReversed: isReversed, rowCount: rowCount, result: result)
  }

  /// Another result of the same loop.
  public func with(_ result: Result) -> Scan {
    Scan(body, count: count, isReversed: isReversed, rowCount: rowCount, result: result)
  }

  /// The loop backwards: from the gradients by a step's results to those by what it began with.
  ///
  /// The new loop's carries are the gradients by the carries and, added up, those by what the body reads besides; its
  /// sequences are those of this loop, the carries that each step found, and the gradient by a stacked result.
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    let graph = context.output.graph
    let inputs = context.inputs
    let (carryCount, firstCapture) = (body.carryCount, body.carryCount + rowCount)
    let loop = substituting(graph.symbolReplacements) ?? self
    let before = (0..<carryCount).map { graph.apply(loop.with(.before($0)), inputs) }
    // The operands that have a gradient at all, by number.
    let smooth = inputs.indices.filter { inputs[$0].dtype.isFloatingPoint }
    let carries = smooth.filter { $0 < carryCount }
    let rows = smooth.filter { (carryCount..<firstCapture).contains($0) }
    let captures = smooth.filter { $0 >= firstCapture }

    var initial = (carries + captures).map { inputs[$0].zerosLike() }
    var sequences = before + inputs[carryCount..<firstCapture]
    if case .last(let index) = result {
      guard let place = carries.firstIndex(of: index) else { return inputs.map { _ in nil } }
      initial[place] = context.upstream
    } else {
      sequences.append(context.upstream)
    }
    let gradients = graph.scan(from: initial, over: sequences, count: count, isReversed: !isReversed) {
      step, sums, row in
      let operands = row[..<firstCapture] + inputs[firstCapture...]
      let results = graph.replay(
        loop.body, step: step, operands: Dictionary(operands.enumerated().map { (loop.input($0), $1) }) { $1 })
      var seeds = carries.enumerated().map { (tensor: results[$1], gradient: sums[$0]) }
      if case .output(let index) = result { seeds.append((results[carryCount + index], row[firstCapture])) }
      let targets = smooth.map { operands[$0] }
      var found = Dictionary(uniqueKeysWithValues: zip(smooth, context.pullBack(seeds, targets)))
      if case .before(let index) = result {
        found[index] = .some(found[index]?.map { $0 + row[firstCapture] } ?? row[firstCapture])
      }
      func gradient(_ operand: Int) -> Tensor { (found[operand] ?? nil) ?? operands[operand].zerosLike() }
      return (
        carries: carries.map(gradient)
          + captures.enumerated().map { index, operand in
            (found[operand] ?? nil).map { sums[carries.count + index] + $0 } ?? sums[carries.count + index]
          },
        outputs: rows.map(gradient)
      )
    }
    var all = [Tensor?](repeating: nil, count: inputs.count)
    for (operand, gradient) in zip(carries + captures, gradients.last) { all[operand] = gradient }
    for (operand, gradient) in zip(rows, gradients.outputs) { all[operand] = gradient }
    return all
  }
}
