import ElbowArrays
import Foundation

/// Prints a line after each epoch: `epoch 3 of 15: loss 112.31, val_loss 113.2 (1.4 s)`.
public final class EpochPrinter: TrainingCallback {
  private let print: (String) -> Void

  /// - Parameter print: The printer of a line; by default to standard output.
  public init(_ print: @escaping (String) -> Void = { Swift.print($0) }) { self.print = print }

  public func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) {
    let figures = epoch.figures.map { "\($0.name.printable()) \(HostArray(scalar: Float($0.value)))" }
    let seconds = String(format: "%.1f s", epoch.seconds)
    print("epoch \(epoch.epoch) of \(run.epochs): \(figures.joined(separator: ", ")) (\(seconds))")
  }
}
