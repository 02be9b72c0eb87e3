import ElbowArrays
import ElbowGraph
import ElbowSchedule

/// Counts the floating-point operations of a kernel for given extents.
///
/// A multiply-add is two; functions count as their primitives say (`ScalarCost`). Loads, casts,
/// choices and positions are free. Conditional code of a nest counts as if it always ran, and a loop that depends on
/// an outer one as if that were in its middle.
struct OperationCount {
  private let bindings: [String: Int]

  init(bindings: [String: Int]) { self.bindings = bindings }

  /// The extent as a number, however large.
  func value(_ dimension: Dimension) -> Double {
    dimension.terms.reduce(Double(dimension.constant)) { total, term in
      total + term.symbols.reduce(Double(term.coefficient)) { $0 * Double(bindings[$1] ?? 0) }
    }
  }

  /// How often the body of loops runs.
  func steps(_ loops: some Sequence<Loop>) -> Double { loops.reduce(1) { $0 * value($1.extent) } }

  private func count(_ step: Schedule) -> Double {
    let inner = OperationCount(bindings: step.bindings(bindings))
    return step.stages.flatMap { $0.tasks.flatMap(\.kernels) }.reduce(0) { $0 + inner.count(step.kernels[$1]) }
  }

  func count(_ kernel: Kernel) -> Double {
    let own =
      switch kernel.body {
      case .contraction: 2 * steps(kernel.loops)
      case .map(let instructions, let outputs): map(kernel, instructions, outputs)
      case .nest(let nest): steps(kernel.loops) * statements(nest.nest.body, middles(kernel))
      case .scan(let scan): Double(scan.scan.count) * count(scan.step)
      }
    return kernel.epilogue.reduce(own) { $0 + count($1) }
  }

  // MARK: Maps

  /// An instruction runs once for each step of the loops that it depends on.
  private func map(_ kernel: Kernel, _ instructions: [KernelInstruction], _ outputs: [KernelOutput]) -> Double {
    var loops: [Set<Int>] = []
    var total = 0.0
    for instruction in instructions {
      var depends = instruction.operands.reduce(into: Set<Int>()) { $0.formUnion(loops[$1]) }
      switch instruction.operation {
      case .load(let access): depends.formUnion(access.index.coefficients.keys)
      case .position(let index): depends.formUnion(index.coefficients.keys)
      case .scalar(let operation):
        let operands = instruction.operands.map { instructions[$0].dtype }
        total += weight(operation, operands, instruction.dtype) * steps(kernel.loops.filter { depends.contains($0.id) })
      }
      loops.append(depends)
    }
    return total + steps(kernel.loops) * Double(outputs.filter { $0.reduction != nil }.count)
  }

  private func weight(_ operation: ScalarOperation, _ operands: [DType], _ dtype: DType) -> Double {
    switch operation {
    case .random: return ScalarCost.random.operations
    case .constant, .operand, .position, .extent, .cast, .select: return 0
    case .power: return Power.cost.operations
    case .function(let function): return function.cost.operations
    default: return dtype.isFloatingPoint || operands.contains(where: \.isFloatingPoint) ? 1 : 0
    }
  }

  // MARK: Nests

  private func middles(_ kernel: Kernel) -> [Int: Double] {
    Dictionary(kernel.loops.map { ($0.id, (value($0.extent) - 1) / 2) }) { first, _ in first }
  }

  private func statements(_ statements: [LoopStatement], _ at: [Int: Double]) -> Double {
    statements.reduce(0) { total, statement in
      switch statement {
      case .loop(let variable, let from, let to, _, let body):
        let (first, end) = (position(from, at), position(to, at))
        let inner = at.merging([variable: (first + end - 1) / 2]) { $1 }
        return total + max(0, end - first) * self.statements(body, inner)
      case .store(_, let value), .declare(_, let value), .assign(_, let value): return total + operations(value)
      case .conditional(let condition, let then, let otherwise):
        return total + operations(condition) + max(self.statements(then, at), self.statements(otherwise, at))
      }
    }
  }

  private func position(_ index: LoopIndex, _ at: [Int: Double]) -> Double {
    switch index {
    case .extent(let dimension): value(dimension)
    case .variable(let id): at[id] ?? 0
    case .sum(let a, let b): position(a, at) + position(b, at)
    case .difference(let a, let b): position(a, at) - position(b, at)
    case .product(let a, let b): position(a, at) * position(b, at)
    case .quotient(let a, let divisor): (position(a, at) / max(1, value(divisor))).rounded(.down)
    case .remainder(let a, let divisor): position(a, at).truncatingRemainder(dividingBy: max(1, value(divisor)))
    case .minimum(let a, let b): min(position(a, at), position(b, at))
    case .maximum(let a, let b): max(position(a, at), position(b, at))
    case .value: 0
    }
  }

  private func operations(_ value: LoopValue) -> Double {
    guard case .apply(let operation, let operands, let dtype) = value else { return 0 }
    return operands.reduce(weight(operation, operands.map(\.dtype), dtype)) { $0 + operations($1) }
  }
}
