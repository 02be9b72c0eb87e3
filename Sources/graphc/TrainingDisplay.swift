import Elbow
import ElbowConsole
import Foundation

/// Shows training on standard error: on a terminal a bar with the time that is left, and everywhere a line for each epoch, or
/// for every few of many.
final class TrainingDisplay: TrainingCallback {
  let epochs: Int
  let isTerminal = Console.isTerminal
  /// The columns of the table, chosen with the first epoch.
  private var columns: [String] = []
  private var widths: [Int] = []
  private var lastUpdate = ContinuousClock.now
  private var start = ContinuousClock.now
  private var firstStep = 0

  init(epochs: Int) { self.epochs = epochs }

  /// The losses in the order that people read them: the parts, then the total.
  static func ordered(_ losses: [NamedLoss]) -> [NamedLoss] {
    losses.filter { $0.name != "loss" } + losses.filter { $0.name == "loss" }
  }

  func onTrainBegin(_ run: TrainingRun) {
    start = ContinuousClock.now
    firstStep = run.totalSteps
  }

  func onStepEnd(_ run: TrainingRun) {
    let now = ContinuousClock.now
    guard isTerminal, now - lastUpdate > .milliseconds(50) else { return }
    lastUpdate = now
    let perStep = (now - start).inSeconds / Double(max(run.totalSteps - firstStep, 1))
    let left = (run.epochs - run.epoch + 1) * run.stepsPerEpoch - run.step
    let line = ProgressLine(
      epoch: run.epoch, epochs: run.epochs, step: run.step, steps: run.stepsPerEpoch,
      losses: TrainingDisplay.ordered(run.losses).map { ($0.name, $0.value) },
      examplesPerSecond: Double(run.examplesPerEpoch) / Double(max(run.stepsPerEpoch, 1)) / perStep,
      secondsLeft: Double(left) * perStep)
    Console.write("\r\u{1B}[K" + line.text(width: Console.terminalWidth - 1).printable(), to: STDERR_FILENO)
  }

  func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) {
    if isTerminal { Console.write("\r\u{1B}[K", to: STDERR_FILENO) }
    if columns.isEmpty {
      // The held-out loss tells enough of the validation.
      columns = TrainingDisplay.ordered(epoch.losses).map(\.name) + (epoch["val_loss"] == nil ? [] : ["val_loss"])
      let titles = columns.map { $0 == "loss" ? "loss=total" : $0 }
      widths = titles.map { max($0.count, 10) }
      Console.report(row(["epoch"] + titles + ["seconds", "examples/s"]))
    }
    // Few lines say as much as hundreds.
    let stride = isTerminal ? 1 : max(1, epochs / 50)
    guard epoch.epoch % stride == 0 || epoch.epoch == 1 || epoch.epoch == epochs else { return }
    let speed = Double(run.examplesPerEpoch) / max(epoch.seconds, 1e-9)
    Console.report(
      row(
        ["\(epoch.epoch)"] + columns.map { (epoch[$0] ?? .nan).fixed(3) } + [
          epoch.seconds.fixed(2), Int(min(speed, 1e15)).grouped,
        ]))
  }

  private func row(_ cells: [String]) -> String {
    zip(cells, [5] + widths + [7, 10]).map { cell, width in
      String(repeating: " ", count: max(0, width - cell.count)) + cell
    }.joined(separator: "  ")
  }
}
