import ElbowArrays
import ElbowGraph
import ElbowManifest
import ElbowRuntime

/// Runs one case of a library and compares.
struct CaseRunner {
  let prepared: PreparedCase
  let model: CompiledModel

  private var setup: Setup { prepared.fuzzCase.setup }
  private var data: InputData { InputData(mode: setup.library.mode, seed: setup.run.data) }

  /// A fault that ends the case.
  private struct Fault: Error {
    let kind: Finding.Kind
    let message: String
  }

  /// The first fault; nil if all is well.
  func finding() -> Finding? {
    do {
      try model.initialize(seed: setup.run.data)
      try checkInitialValues()
      // Twice, so that what updates left behind is used.
      for _ in 0..<(prepared.initializer.variables.isEmpty ? 1 : 2) {
        for program in prepared.programs { try run(program) }
      }
      if !setup.run.isSpecialized, !prepared.bindings.isEmpty {
        for program in prepared.programs { try runWide(program) }
      }
      try prepared.programs.forEach(checkInterface)
      return nil
    } catch let fault as Fault {
      return Finding(index: prepared.index, kind: fault.kind, message: fault.message)
    } catch {
      return Finding(index: prepared.index, kind: .notRun, message: "\(error)")
    }
  }

  private var random: RandomState { RandomState(seed: model.randomState.seed, counter: model.randomState.counter) }

  /// The case's own variables, by the names that its graph has for them.
  private func state() throws -> [String: HostArray] {
    var state: [String: HostArray] = [:]
    for variable in prepared.initializer.variables {
      state[variable.name] = try model.value(of: PreparedCase.variable(variable.name, of: prepared.index))
    }
    return state
  }

  private func set(_ state: [String: HostArray], _ random: CompiledModel.RandomState) throws {
    for (name, value) in state { try model.setValue(value, of: PreparedCase.variable(name, of: prepared.index)) }
    model.randomState = random
  }

  private func expectation(
    _ program: Program, _ feeds: [String: HostArray], _ state: [String: HostArray], _ random: RandomState
  ) throws -> Expectation {
    // NaN times the zeros of a padding is NaN in code that has them, and 0 where they are left out; and sums of huge numbers overflow
    // in one order and not in another. Graphs have no such numbers when they are written, but later runs may begin with them.
    guard state.values.allSatisfy({ Composer.isWithin(Composer.greatestOnTheWay, $0) }) else { return .none }
    let fixed = program.substituting(prepared.bindings.mapValues { Dimension($0) })
    return try Expectation(
      fixed, mode: setup.library.mode, feeds: feeds, state: state, random: random)
  }

  private func checkInitialValues() throws {
    let program = prepared.initializer
    let expected = try expectation(program, [:], [:], RandomState(seed: setup.run.data))
    if let (name, words) = try expected.difference(.init(outputs: [:], updates: state())) {
      throw Fault(kind: .wrongValue, message: "the initial value of '\(name)' \(words)")
    }
  }

  private func outputs(_ program: Program, _ feeds: [String: HostArray]) throws -> [String: HostArray] {
    let taken = Set(try signature(program).inputs.map(\.name))
    return try model.run(prepared.entry(program), inputs: feeds.filter { taken.contains($0.key) })
  }

  private func run(_ program: Program) throws {
    let feeds = try data.feeds(program, prepared.bindings)
    let (before, position) = (try state(), model.randomState)
    let expected = try expectation(program, feeds, before, random)
    try model.setThreads(setup.run.threads)
    let found = try outputs(program, feeds)
    let after = try state()
    let updated = Set(program.updates.map { program.variables[$0.variable].name })
    let results = ReferenceEvaluator.Result(outputs: found, updates: after.filter { updated.contains($0.key) })
    if let (name, words) = try expected.difference(results) {
      let kind = updated.contains(name) ? Finding.Kind.wrongState : .wrongValue
      throw Fault(kind: kind, message: "'\(name)' of '\(program.name)' \(words)")
    }
    for (name, value) in before.sorted(by: { $0.key < $1.key }) where !updated.contains(name) && after[name] != value {
      throw Fault(kind: .wrongState, message: "'\(program.name)' changed '\(name)', which it does not update")
    }
    try model.setThreads(setup.run.threads == 1 ? 3 : 1)
    try set(before, position)
    try compareBits(program, found, after, feeds)
  }

  /// Runs once more and compares bits with what another number of threads gave.
  private func compareBits(
    _ program: Program, _ found: [String: HostArray], _ after: [String: HostArray], _ feeds: [String: HostArray]
  ) throws {
    let again = try outputs(program, feeds)
    let state = try state()
    let pairs =
      found.sorted { $0.key < $1.key }.map { ($0.key, $0.value, again[$0.key]) }
      + after.sorted { $0.key < $1.key }.map { ($0.key, $0.value, state[$0.key]) }
    for (name, value, other) in pairs {
      guard let other, let difference = Expectation.bitDifference(value, other) else { continue }
      throw Fault(
        kind: .threads,
        message: "'\(name)' of '\(program.name)' depends on the number of threads (\(setup.run.threads), or "
          + "\(setup.run.threads == 1 ? 3 : 1)): \(difference)")
    }
  }

  /// More rows than the evaluator has time for: enough for several threads, whose bits are compared.
  private func runWide(_ program: Program) throws {
    guard let first = prepared.bindings.keys.min(), program.symbols.contains(first) else { return }
    var random = RandomChoices(seed: setup.run.data, number: 0, purpose: 0x31de)
    var bindings = prepared.bindings
    // Quantiles are found step by step, each by sums of thousands of terms: without optimisation a millisecond an element.
    let isSlow = program.nodes.contains {
      ["igammainv", "igammacinv", "betaincinv"].contains(type(of: $0.primitive).name)
    }
    let wide = isSlow ? random.pick(17, 33) : random.pick(77, 100, 256, 257, 511)
    // A result may grow with the square of the batch, or with more, and fit no memory.
    let fitting = [wide, 77, 17].first {
      program.elementCount(with: bindings.merging([first: $0]) { $1 }) <= Self.wideLimit
    }
    guard let fitting else { return }
    bindings[first] = fitting
    let feeds = try data.feeds(program, bindings)
    guard (try? program.bind(feeds)) != nil else { return }
    let (before, position) = (try state(), model.randomState)
    try model.setThreads(max(2, setup.run.threads))
    let found = try outputs(program, feeds)
    let after = try state()
    try model.setThreads(setup.run.threads == 1 ? 3 : 1)
    try set(before, position)
    try compareBits(program, found, after, feeds)
    try set(before, position)
  }

  /// The most elements that the nodes of a wide run may have together.
  private static let wideLimit = 30_000_000.0

  /// The interface is what was written, whatever the passes found out.
  private func checkInterface(_ program: Program) throws {
    let (found, expected) = (try signature(program).inputs.map(\.name), program.inputs.map(\.name))
    guard found == expected else {
      throw Fault(
        kind: .interface, message: "'\(program.name)' takes the inputs \(found), but was written with \(expected)")
    }
  }

  private func signature(_ program: Program) throws -> Manifest.Signature {
    guard let signature = model.signatures.first(where: { $0.name == prepared.entry(program) }) else {
      throw Fault(kind: .interface, message: "the library has no signature '\(program.name)'")
    }
    return signature
  }
}

extension Program {
  /// How many elements all nodes have together, for values of the symbols.
  fileprivate func elementCount(with bindings: [String: Int]) -> Double {
    nodes.reduce(0) { total, node in
      total + (node.type.shape.evaluated(with: bindings) ?? []).reduce(1) { $0 * Double($1) }
    }
  }
}
