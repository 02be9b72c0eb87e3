import Foundation
import TestFolders
import Testing

@testable import Elbow

/// Learning rates that change while training runs.
@Suite struct LearningRateCallbackTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes down the rate of each epoch, and may set it.
  private final class Rates: TrainingCallback {
    var rates: [Double] = []
    let set: (TrainingRun) -> Void
    init(_ set: @escaping (TrainingRun) -> Void = { _ in }) { self.set = set }
    func onEpochBegin(_ run: TrainingRun) {
      set(run)
      rates.append(run.learningRates["learning_rate"] ?? .nan)
    }
  }

  /// What is never better than in the first epoch.
  private func plateau(cooldown: Int = 2) -> ReduceLearningRateOnPlateau {
    ReduceLearningRateOnPlateau(
      monitor: "loss", factor: 0.5, patience: 2, minDelta: 1e9, cooldown: cooldown, minimum: 0.003)
  }

  private func values(_ model: CompiledModel) throws -> [HostArray] { try model.variableNames.map(model.value(of:)) }

  private func isClose(_ a: some Collection<Double>, _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-8 }
  }

  /// As Keras does it: after two epochs without a better one, and in a cooldown of two epochs the last counts already.
  @Test func becomesSmaller() throws {
    let (rates, callback) = (Rates(), plateau())
    _ = try ToyTraining().trainer().train(on: ToyTraining.training(), epochs: 10, callbacks: [callback, rates])
    #expect(isClose(rates.rates, [0.01, 0.01, 0.01, 0.005, 0.005, 0.005, 0.003, 0.003, 0.003, 0.003]))
    #expect(callback.reductions == 2)
    let (others, without) = (Rates(), plateau(cooldown: 0))
    _ = try ToyTraining().trainer().train(on: ToyTraining.training(), epochs: 6, callbacks: [without, others])
    #expect(isClose(others.rates, [0.01, 0.01, 0.01, 0.005, 0.005, 0.003]))
    // A figure that becomes better leaves it.
    let better = Rates()
    let patient = ReduceLearningRateOnPlateau(monitor: "loss", patience: 9)
    _ = try ToyTraining().trainer().train(on: ToyTraining.training(), epochs: 9, callbacks: [patient, better])
    #expect(Set(better.rates).count == 1)
  }

  /// One step of gradient descent goes half as far with half the rate, and nothing is compiled for it.
  @Test func stepsHaveTheRate() throws {
    let toy = try ToyTraining(optimizer: SGD(learningRate: 0.1))
    func change(_ rate: Double?) throws -> [Double] {
      let trainer = try toy.trainer()
      let before = try values(trainer.compiled).flatMap(\.doubles)
      let callback = Rates { run in if let rate { run.learningRates["learning_rate"] = rate } }
      _ = try trainer.train(on: ToyTraining.training(batchSize: 23), epochs: 1, callbacks: [callback])
      return zip(try values(trainer.compiled).flatMap(\.doubles), before).map { $0 - $1 }
    }
    let (whole, half) = (try change(nil), try change(0.05))
    #expect(whole.contains { abs($0) > 1e-3 })
    #expect(zip(whole, half).allSatisfy { abs($0 - 2 * $1) < 1e-6 })
  }

  /// Rate, epochs waited and cooldown are in a checkpoint.
  @Test func goesOnFromACheckpoint() throws {
    let whole = try ToyTraining().trainer()
    _ = try whole.train(on: ToyTraining.training(), epochs: 9, callbacks: [plateau()])
    for end in [2, 4, 5] {
      let checkpoints = try Checkpoints(in: folder.file("\(end)"))
      _ = try ToyTraining().trainer().train(
        on: ToyTraining.training(), epochs: end, callbacks: [plateau(), checkpoints])
      let (resumed, rates, callback) = (try ToyTraining().trainer(), Rates(), plateau())
      let checkpoint = try #require(try Checkpoints(in: folder.file("\(end)")).latest())
      _ = try resumed.train(on: ToyTraining.training(), epochs: 9, callbacks: [callback, rates], from: checkpoint)
      #expect(try values(resumed.compiled) == values(whole.compiled))
      #expect(callback.reductions == 2 && isClose(rates.rates.suffix(1), [0.003]))
    }
  }

  @Test func mistakes() throws {
    func message(_ callback: any TrainingCallback) -> String {
      let error = #expect(throws: ElbowError.self) {
        try ToyTraining().trainer().train(on: ToyTraining.training(), epochs: 2, callbacks: [callback])
      }
      return error?.message ?? ""
    }
    #expect(
      message(ReduceLearningRateOnPlateau(factor: 1))
        == "ReduceLearningRateOnPlateau multiplies the rate with a factor above 0 and below 1, not 1.0.")
    #expect(message(ReduceLearningRateOnPlateau(cooldown: -1)).hasSuffix("not 10, -1, 0.0001 and 0.0."))
    #expect(message(ReduceLearningRateOnPlateau(minDelta: .nan)).hasSuffix("not 10, 0, nan and 0.0."))
    #expect(
      message(ReduceLearningRateOnPlateau())
        == "ReduceLearningRateOnPlateau goes by 'val_loss', but the epochs have no such figure: they have 'loss', 'bias'."
    )
    #expect(
      message(Rates { $0.learningRates["learning_rate"] = -1 })
        == "A learning rate is a positive number, not -1.0 as 'learning_rate' was set to.")
    #expect(
      message(Rates { $0.learningRates["rate"] = 1 })
        == "The model 'toy' has no learning rate 'rate' to set; it has 'learning_rate'.")
  }

  /// A graph's second optimiser has a rate of its own, under another name.
  @Test func theRateOfASecondNetwork() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let networks = ["a", "b"].map { Network(inputs: x, Dense(3, name: $0)) }
    for network in networks {
      try network.compile(
        optimizer: SGD(learningRate: 0.5), loss: { ($1 - $0) * ($1 - $0) }, options: BuildOptions(optimization: 1),
        verbose: false)
    }
    var rates: [String: Double] = [:]
    let callback = Rates { rates = $0.learningRates }
    try networks[1].fit(ToyTraining.data(), callbacks: [callback], verbose: false)
    #expect(rates == ["learning_rate_1": 0.5])
    let trainer = try Trainer(networks[1].model, compiled: networks[1].compiled, learningRate: 0.25)
    _ = try trainer.train(on: ToyTraining.training(), epochs: 1, callbacks: [callback])
    #expect(rates == ["learning_rate_1": 0.25])
  }
}
