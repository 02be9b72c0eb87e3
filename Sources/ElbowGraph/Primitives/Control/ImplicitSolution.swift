import ElbowArrays

/// A number x that solves `residual(x, t) = 0`, with the derivative by t that follows from that:
///
///     dx/dt = -(d residual / dt) / (d residual / dx)
///
/// For values that are found by other means than what defines them, such as quantiles by Newton's method and random
/// variates with implicit derivatives (Figurnov, Mohamed, Mnih 2018, "Implicit reparameterization gradients").
///
/// Operands: the solution, through which no gradient flows; the residual at it and the slope d residual / dx, both made
/// of the solution by operations of the graph; and then what else these operations read. The slope has the solution's
/// shape, or one more axis where the residuals of a vector depend on the elements before: there it is the lower
/// triangular Jacobian.
///
/// The gradient writes residual and slope down once more, of the result in place of the solution. So it is a function
/// of the result, too, and has derivatives of its own.
public struct ImplicitSolution: ViewPrimitive, PlainPrimitive {
  public static let name = "implicit_solution"
  public init() {}

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    guard operands.count >= 3 else { throw OperandError(.invalidArgument, "it takes at least 3 operands") }
    let (x, slope) = (operands[0], operands[2])
    try requireFloatingPoint(operands)
    try requireSameDType([TensorType](operands[..<3]))
    try requireSameShape([x, operands[1]])
    guard slope.shape == x.shape || (x.shape.rank > 0 && slope.shape == x.shape + x.shape.suffix(1)) else {
      throw OperandError(.shape, "a slope of shape \(slope.shape) does not fit a solution of shape \(x.shape)")
    }
    return x
  }

  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    let (solution, x, parameters) = (context.inputs[0], context.output, [Tensor](context.inputs[3...]))
    let rewritten = x.graph.rewriting([Tensor](context.inputs[1...2]), replacing: solution, with: x)
    let (residual, slope) = (rewritten[0], rewritten[1])
    let share =
      slope.rank == x.rank
      ? context.upstream / slope
      : triangularSolve(slope, context.upstream.expandedDims(-1), transposed: true).squeezed(axes: [-1])
    // The result counts as a target only so that nothing passes through it.
    return [nil, nil, nil] + context.pullBack([(residual, -share)], parameters + [x]).dropLast()
  }

  public func evaluate(_ context: EvaluationContext) throws -> HostArray { context.inputs[0] }
  public func operandIndex(
    of index: [LinearIndex], operand: Shape, result: Shape, loops: inout any LoopSplitter
  ) -> [LinearIndex]? { index }
  public static let samples = [
    PrimitiveSample(
      ImplicitSolution(), [TensorType](repeating: TensorType(.float32, [3, 17]), count: 3), isDifferentiable: false)
  ]
}

extension Tensor {
  /// This tensor's value as the solution of an equation, with the gradients that follow from that; see
  /// ``ImplicitSolution``.
  ///
  /// - Parameter equation: The residual at this tensor, and its derivative by it: of the same shape or, for vectors in
  ///   the last axis of which each residual depends on the elements before, their lower triangular Jacobian.
  public func solving(_ equation: (Tensor) -> (residual: Tensor, slope: Tensor)) -> Tensor {
    graph.located {
      let solution = stopGradient(self)
      let (residual, slope) = equation(solution)
      guard solution.isValid, residual.isValid, slope.isValid else { return graph.invalid() }
      let equations = [
        residual.broadcast(to: shape), slope.rank > rank ? slope : slope.broadcast(to: shape),
      ]
      guard equations.allSatisfy(\.isValid) else { return graph.invalid() }
      return graph.apply(
        ImplicitSolution(), [solution] + equations + graph.surroundings(of: equations, around: solution))
    }
  }
}

extension Graph {
  /// The operations that lead from `x` to some tensors, in order.
  private func path(from x: Tensor, to results: [Tensor]) -> [Int] {
    guard let last = results.map(\.id).max(), x.id < last else { return [] }
    var leads = Set([x.id])
    for id in (x.id + 1)...last where nodes[id].inputs.contains(where: leads.contains) { leads.insert(id) }
    var wanted = Set(results.map(\.id))
    var path: [Int] = []
    for id in stride(from: last, to: x.id, by: -1) where leads.contains(id) && wanted.contains(id) {
      path.append(id)
      wanted.formUnion(nodes[id].inputs)
    }
    return path.reversed()
  }

  /// The tensors that the operations which lead from `x` to some tensors read besides, as far as they may have gradients.
  fileprivate func surroundings(of results: [Tensor], around x: Tensor) -> [Tensor] {
    let path = path(from: x, to: results)
    let inside = Set(path + [x.id])
    let read = Set(path.flatMap { nodes[$0].inputs } + results.map(\.id)).subtracting(inside)
    return read.sorted().filter { nodes[$0].type.dtype.isFloatingPoint && !(nodes[$0].primitive is Constant) }
      .map { Tensor(graph: self, id: $0) }
  }

  /// Writes down the operations that lead from `x` to some tensors once more, of `y` in place of `x`.
  fileprivate func rewriting(_ results: [Tensor], replacing x: Tensor, with y: Tensor) -> [Tensor] {
    var replaced = [x.id: y]
    for id in path(from: x, to: results) {
      let node = nodes[id]
      let primitive = node.primitive.substituting(symbolReplacements) ?? node.primitive
      replaced[id] = located(at: node.source) {
        apply(primitive, node.inputs.map { replaced[$0] ?? Tensor(graph: self, id: $0) })
      }
    }
    return results.map { replaced[$0.id] ?? $0 }
  }
}
