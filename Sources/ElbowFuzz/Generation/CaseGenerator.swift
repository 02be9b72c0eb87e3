import ElbowArrays
import ElbowGraph
import ElbowTraining

/// Makes the cases of a seed: the same for the same number, however many are made.
public struct CaseGenerator: Sendable {
  public let seed: UInt64

  public init(seed: UInt64) { self.seed = seed }

  /// The setup that the cases of a block share.
  public func library(of index: Int) -> LibrarySetup { LibrarySetup(seed: seed, block: index / FuzzCase.blockSize) }

  /// A case by its number.
  ///
  /// - Throws: `ElbowError` when what was written is not a graph, which is a fault of the generator.
  public func makeCase(_ index: Int) throws -> FuzzCase {
    var random = RandomChoices(seed: seed, number: index)
    let setup = Setup(library: library(of: index), run: RunSetup(&random))
    var composer = Composer(mode: setup.library.mode, run: setup.run, random: random)
    composer.writeInputs()
    let steps = composer.random.integer(in: 4...16)
    let operations = Vocabulary.all.filter { $0.modes.contains(setup.library.mode) }
    for _ in 0..<steps where composer.graph.nodes.count < 2 * Composer.nodeLimit {
      if let operation = composer.random.pick(from: operations, weight: \.weight) { composer.write(operation) }
    }
    return FuzzCase(index: index, plan: try composer.plan(), setup: setup)
  }
}

extension Composer {
  /// The graph so far, with entries of what was written last.
  mutating func plan() throws -> GraphPlan {
    let entries = entries()
    declareMissingBatches()
    var plan = try GraphPlan(graph, allNodesWith: [])
    plan.entries = entries.map(plan.determiningSymbols)
    plan = plan.withoutDeadNodes()
    // Inputs that nothing reads stay now and then: what is written is the interface.
    let roots = plan.entries.flatMap { $0.outputs.map(\.node) + $0.updates.map(\.node) }
    let used = Set(plan.nodes.flatMap(\.inputs)).union(roots)
    let isKept = plan.placeholders.map { placeholder in
      random.chance(0.1) && placeholder.type.shape.symbols == placeholder.type.shape.determinedSymbols
    }
    plan.placeholders = zip(plan.placeholders, isKept).filter { used.contains($0.node) || $1 }.map(\.0)
    return plan.withoutDeadNodes()
  }

  /// Inputs for batches that shapes have, but no input so far.
  private mutating func declareMissingBatches() {
    let replacements = graph.symbolReplacements
    let known = graph.placeholders.reduce(into: Set<String>()) {
      $0.formUnion($1.type.shape.substituting(replacements).determinedSymbols)
    }
    for batch in Composer.batches where replacements[batch] == nil && !known.contains(batch) {
      _ = graph.declarePlaceholder("size_\(batch)", TensorType(.float32, [Dimension(symbol: batch)]), defaultValue: nil)
    }
  }

  private mutating func entries() -> [GraphPlan.Entry] {
    let step = mode == .smooth && random.chance(0.5) ? trainingStep() : nil
    let count = random.pick(1, 1, 1, 2, 3)
    return (step.map { [$0] } ?? [])
      + (0..<count).map { number in
        let outputCount = random.integer(in: 1...4)
        var nodes: [Int] = []
        for _ in 0..<outputCount {
          if let tensor = unused() ?? earlier(), !nodes.contains(tensor.id) { nodes.append(tensor.id) }
        }
        return GraphPlan.Entry(
          name: "f\(number)", outputs: nodes.enumerated().map { ("y\($0)", $1) }, updates: someUpdates())
      }
  }

  /// A step of an optimizer on what depends on variables.
  private mutating func trainingStep() -> GraphPlan.Entry? {
    let graph = graph
    guard
      let y = earlier(where: { y in
        y.dtype == .float32 && !graph.variables(role: .parameter, neededBy: y).isEmpty
      })
    else { return nil }
    let parameters = graph.variables(role: .parameter, neededBy: y)
    let choice = random.below(3)
    let step = graph.located(at: .unknown) {
      let loss = mean(y * y)
      return switch choice {
      case 0: SGD(learningRate: 0.1, momentum: 0.9).minimize(loss, variables: parameters)
      case 1: RMSprop().minimize(loss, variables: parameters)
      default: Adam(learningRate: 0.01).minimize(loss, variables: parameters)
      }
    }
    evaluate()
    guard value(of: step.loss) != nil, step.updates.allSatisfy({ value(of: $0.value) != nil }) else { return nil }
    let updates = step.updates.compactMap { update -> (variable: Int, node: Int)? in
      let name = graph.declaration(of: update.variable)?.name
      return graph.variables.firstIndex { $0.name == name }.map { ($0, update.value.id) }
    }
    return GraphPlan.Entry(name: "step", outputs: [("loss", step.loss.id)], updates: updates)
  }

  /// New values for some of the variables: what layers ask for, a training step's, or anything of their type.
  private mutating func someUpdates() -> [(variable: Int, node: Int)] {
    var updates: [(variable: Int, node: Int)] = []
    for (position, declaration) in graph.variables.enumerated() where random.chance(0.5) {
      let asked = self.updates.first { graph.declaration(of: $0.variable)?.name == declaration.name }
      if let asked, random.chance(0.8) {
        if value(of: asked.value) != nil { updates.append((position, asked.value.id)) }
      } else if let value = earlier(where: { $0.type == declaration.type }) {
        updates.append((position, value.id))
      }
    }
    return updates
  }
}

extension GraphPlan {
  /// An entry that has inputs whose shapes say what all its symbols are: where one is missing, it gives such an input back.
  fileprivate func determiningSymbols(_ entry: Entry) -> Entry {
    var entry = entry
    var isNeeded = [Bool](repeating: false, count: nodes.count)
    for root in entry.outputs.map(\.node) + entry.updates.map(\.node) { isNeeded[root] = true }
    for index in nodes.indices.reversed() where isNeeded[index] {
      for input in nodes[index].inputs { isNeeded[input] = true }
    }
    let needed = nodes.indices.filter { isNeeded[$0] }
    let symbols = needed.reduce(into: Set<String>()) { symbols, index in
      symbols.formUnion(nodes[index].type.shape.symbols)
      if let extent = nodes[index].primitive as? ExtentOf { symbols.formUnion(extent.dimension.symbols) }
    }
    var known = needed.filter { nodes[$0].primitive is Placeholder }.reduce(into: Set<String>()) {
      $0.formUnion(nodes[$1].type.shape.determinedSymbols)
    }
    for symbol in symbols.sorted() where !known.contains(symbol) {
      guard let input = placeholders.first(where: { $0.type.shape.determinedSymbols.contains(symbol) }) else {
        continue
      }
      entry.outputs.append(("y\(entry.outputs.count)", input.node))
      known.formUnion(input.type.shape.determinedSymbols)
    }
    return entry
  }
}

extension Shape {
  /// The symbols that an input of this shape tells: those that are extents by themselves, not parts of 2 n + 1.
  fileprivate var determinedSymbols: Set<String> {
    Set(dimensions.flatMap { dimension in dimension.symbols.filter { dimension == Dimension(symbol: $0) } })
  }
}
