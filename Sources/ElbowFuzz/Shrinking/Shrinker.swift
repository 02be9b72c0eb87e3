import ElbowArrays
import ElbowGraph

/// Makes a case that fails smaller as long as it fails in the same way.
public struct Shrinker {
  /// Runs cases; the numbers of findings are their positions.
  let findings: ([Reproduction]) throws -> [Finding]
  /// How many changed cases are tried at most.
  public var budget = 600

  public init(_ findings: @escaping ([Reproduction]) throws -> [Finding]) { self.findings = findings }

  /// The smallest case that was found, with what it shows.
  public func shrink(_ original: Reproduction, _ kind: Finding.Kind) throws -> Reproduction {
    var best = original
    var rest = budget
    var tried: Set<String> = []
    // The change that shrinks most comes first; each kind is tried until it gains nothing, and all once more if any did.
    var hasGained = true
    while hasGained, rest > 0 {
      hasGained = false
      for changes in Shrinker.changes {
        while rest > 0, let smaller = try firstFailing(changes(best), kind, &rest, &tried) {
          best = smaller
          hasGained = true
        }
      }
    }
    return best
  }

  /// The first of some cases that fails in that way; none is tried twice.
  private func firstFailing(
    _ candidates: [Reproduction], _ kind: Finding.Kind, _ rest: inout Int, _ tried: inout Set<String>
  ) throws -> Reproduction? {
    let fitting = candidates.compactMap { candidate -> Reproduction? in
      guard let plan = candidate.plan.retyped() else { return nil }
      var candidate = candidate
      candidate.plan = plan
      candidate.message = ""
      guard let text = try? candidate.text(), tried.insert(text).inserted else { return nil }
      return candidate
    }
    var start = 0
    while start < fitting.count, rest > 0 {
      // Several share a library. Where C does not compile they are taken apart, which takes a compiler's run for each.
      let group = [Reproduction](fitting[start..<min(start + (kind == .notCompiled ? 1 : 8), fitting.count)])
      start += group.count
      rest -= group.count
      let failing = try findings(group).filter { $0.kind == kind }.min { $0.index < $1.index }
      if let failing {
        var found = group[failing.index]
        found.message = failing.message.split(separator: "\n").first.map(String.init) ?? ""
        return found
      }
    }
    return nil
  }

  private static let changes: [@Sendable (Reproduction) -> [Reproduction]] = [
    { $0.plan.rootCount == 1 ? [] : $0.with { $0.withOneRoot() } },
    { $0.with { plan in (1...8).compactMap { plan.cut(at: $0) } } },
    { $0.with { $0.withoutParts() } },
    { $0.with { $0.withEarlierRoots() } },
    { $0.with { plan in plan.nodes.indices.reversed().compactMap { plan.feeding([$0]) } } },
    { $0.with(Shrinker.bypasses) },
    { $0.withSimplerSetups() },
    { $0.with(Shrinker.smallerExtents) },
    { $0.with { $0.withSimplerAttributes() } },
  ]

  /// Each node left out in favour of an operand or another earlier node of its type.
  private static func bypasses(_ plan: GraphPlan) -> [GraphPlan] {
    plan.nodes.indices.reversed().flatMap { node -> [GraphPlan] in
      if plan.nodes[node].primitive is any InputPrimitive, plan.nodes[node].inputs.isEmpty {
        // Inputs of one type become one.
        return plan.nodes.indices.prefix(node).filter { other in
          plan.nodes[other].primitive is Placeholder && plan.nodes[other].type == plan.nodes[node].type
            && plan.nodes[node].primitive is Placeholder
        }.prefix(1).map { plan.replacing(node, with: $0) }
      }
      return plan.nodes[node].inputs.filter { plan.nodes[$0].type == plan.nodes[node].type }
        .map { plan.replacing(node, with: $0) }
    }
  }

  private static func smallerExtents(_ plan: GraphPlan) -> [GraphPlan] {
    var extents: Set<Int> = []
    for node in plan.nodes { extents.formUnion(node.type.shape.dimensions.compactMap(\.value)) }
    let symbols = plan.symbols.flatMap { symbol in [1, 2, 3].compactMap { plan.replacingSymbol(symbol, by: $0) } }
    return symbols + (1...3).flatMap(plan.limitingExtents)
      + extents.sorted(by: >).filter { $0 > 1 }.flatMap { extent in
        Set([1, 2, 3, extent / 2, extent - 1]).filter { $0 >= 1 && $0 < extent }.sorted().flatMap { other in
          [true, false].compactMap { plan.replacingExtent(extent, by: other, multiples: $0) }
            + plan.replacingInputExtent(extent, by: other)
        }
      }
  }
}

extension GraphPlan {
  fileprivate var rootCount: Int { entries.reduce(0) { $0 + $1.outputs.count + $1.updates.count } }
}

extension Reproduction {
  /// The cases of changed plans.
  fileprivate func with(_ change: (GraphPlan) -> [GraphPlan]) -> [Reproduction] {
    change(plan).map { plan in
      var result = self
      result.plan = plan
      return result
    }
  }

  /// The cases with one thing of their setup simpler.
  fileprivate func withSimplerSetups() -> [Reproduction] {
    var results: [Reproduction] = []
    let usual = Setup()
    func add(_ change: (inout Setup) -> Void) {
      var result = self
      change(&result.setup)
      if result.setup != setup { results.append(result) }
    }
    add { $0.run.isSaved = false }
    add { $0.run.isSpecialized = false }
    add { $0.run.threads = 1 }
    if setup.run.threads > 2 { add { $0.run.threads = 2 } }
    add { $0.library.compiler = usual.library.compiler }
    for level in 0..<setup.library.optimization { add { $0.library.optimization = level } }
    add { $0.library.tileRows = nil }
    add { $0.library.contractions = usual.library.contractions }
    let count = plan.symbols.count
    if setup.run.extents.count > max(1, count) { add { $0.run.extents = [Int]($0.run.extents.prefix(max(1, count))) } }
    for (index, extent) in setup.run.extents.enumerated() {
      for smaller in [1, 2, 3, 7, extent / 2, extent - 1] where smaller >= 1 && smaller < extent {
        add { $0.run.extents[index] = smaller }
      }
    }
    return results
  }
}
