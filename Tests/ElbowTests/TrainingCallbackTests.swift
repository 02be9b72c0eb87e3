import Elbow
import Foundation
import Testing

/// The view and the powers of callbacks.
@Suite struct TrainingCallbackTests {
  /// Writes down what it is told.
  private final class Recorder: TrainingCallback {
    let needsEveryStep: Bool
    var events: [String] = []
    var stopsAfter: Int?

    init(everyStep: Bool) { needsEveryStep = everyStep }

    func onTrainBegin(_ run: TrainingRun) { events.append("begin") }
    func onEpochBegin(_ run: TrainingRun) { events.append("epoch \(run.epoch)") }
    func onStepEnd(_ run: TrainingRun) {
      events.append("step \(run.step) of \(run.stepsPerEpoch)")
      if run.totalSteps == stopsAfter { run.stop("enough") }
    }
    func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) { events.append("end of epoch \(epoch.epoch)") }
    func onTrainEnd(_ run: TrainingRun) { events.append("end: \(run.stopReason ?? "all done")") }
  }

  @Test func areCalledInOrder() throws {
    let recorder = Recorder(everyStep: true)
    _ = try ToyTraining().trainer().train(on: ToyTraining.training(), epochs: 2, callbacks: [recorder])
    let steps = (1...4).map { "step \($0) of 4" }
    #expect(
      recorder.events == ["begin", "epoch 1"] + steps + ["end of epoch 1", "epoch 2"] + steps
        + ["end of epoch 2", "end: all done"])
  }

  @Test func mayStop() throws {
    let recorder = Recorder(everyStep: true)
    recorder.stopsAfter = 6
    let report = try ToyTraining().trainer().train(on: ToyTraining.training(), epochs: 5, callbacks: [recorder])
    #expect(report.stepCount == 6)
    #expect(report.epochs.count == 1)
    #expect(recorder.events.suffix(2) == ["step 2 of 4", "end: enough"])
  }

  /// Steps one by one, in calls of many, and checked come to the same weights and losses, to the bit.
  @Test func doNotChangeTheResult() throws {
    var results: [(weights: [HostArray], epochs: [[NamedLoss]])] = []
    for mode in ["many", "one", "checked"] {
      let toy = try ToyTraining()
      let trainer = try toy.trainer()
      trainer.checksNumerics = mode == "checked"
      let report = try trainer.train(
        on: ToyTraining.training(), epochs: 3, callbacks: [Recorder(everyStep: mode == "one")])
      let weights = try trainer.compiled.variableNames.map { try trainer.compiled.value(of: $0) }
      results.append((weights, report.epochs.map(\.losses)))
    }
    #expect(results[0].weights == results[1].weights)
    #expect(results[0].weights == results[2].weights)
    #expect(results[0].epochs == results[1].epochs)
    #expect(results[0].epochs == results[2].epochs)
  }

  /// From the first moment on no signal is lost.
  @Test func signalsEndTraining() throws {
    final class Sender: TrainingCallback {
      func onTrainBegin(_ run: TrainingRun) { raise(SIGTERM) }
    }
    let interrupt = StopOnInterrupt()
    let report = try ToyTraining().trainer().train(
      on: ToyTraining.training(), epochs: 1000, callbacks: [interrupt, Sender()])
    #expect(interrupt.signal == SIGTERM)
    #expect(report.stopReason == "interrupted by SIGTERM")
    #expect(report.epochs.count < 1000)
    let next = try ToyTraining().trainer().train(on: ToyTraining.training(), epochs: 1, callbacks: [interrupt])
    #expect(interrupt.signal == nil && next.stopReason == nil)
  }
}
