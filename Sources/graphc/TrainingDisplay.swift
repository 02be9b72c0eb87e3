import Elbow
import Foundation

/// Shows training on standard error: a bar on a terminal, and a line for each epoch.
final class TrainingDisplay: TrainingCallback {
  let epochs: Int
  let isTerminal = Console.isTerminal
  private var widths: [Int] = []
  private var lastUpdate = ContinuousClock.now

  init(epochs: Int) { self.epochs = epochs }

  /// The losses in the order that people read them: the parts, then the total.
  static func ordered(_ losses: [NamedLoss]) -> [NamedLoss] {
    losses.filter { $0.name != "loss" } + losses.filter { $0.name == "loss" }
  }

  func onStepEnd(_ run: TrainingRun) { showBar(run.epoch, run.step, run.stepsPerEpoch, run.losses) }
  func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) { showEpoch(epoch) }

  private func showBar(_ epoch: Int, _ step: Int, _ steps: Int, _ losses: [NamedLoss]) {
    let now = ContinuousClock.now
    guard isTerminal, now - lastUpdate > .milliseconds(50) else { return }
    lastUpdate = now
    let filled = 24 * step / max(steps, 1)
    let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: 24 - filled)
    let figures = TrainingDisplay.ordered(losses).map { "\($0.name) \($0.value.fixed(3))" }.joined(separator: "  ")
    Console.write("\r\u{1B}[Kepoch \(epoch)/\(epochs) [\(bar)] \(step)/\(steps)  \(figures)", to: STDERR_FILENO)
  }

  private func showEpoch(_ summary: EpochSummary) {
    if isTerminal { Console.write("\r\u{1B}[K", to: STDERR_FILENO) }
    let losses = TrainingDisplay.ordered(summary.losses)
    if widths.isEmpty {
      let names = losses.map { $0.name == "loss" ? "loss=total" : $0.name }
      widths = names.map { max($0.count, 10) }
      Console.report(line(["epoch"] + names + ["seconds"]))
    }
    // Few lines say as much as hundreds.
    let stride = isTerminal ? 1 : max(1, epochs / 50)
    guard summary.epoch % stride == 0 || summary.epoch == 1 || summary.epoch == epochs else { return }
    Console.report(line(["\(summary.epoch)"] + losses.map { $0.value.fixed(3) } + [summary.seconds.fixed(2)]))
  }

  private func line(_ cells: [String]) -> String {
    zip(cells, [5] + widths + [7]).map { cell, width in
      String(repeating: " ", count: max(0, width - cell.count)) + cell
    }.joined(separator: "  ")
  }
}
