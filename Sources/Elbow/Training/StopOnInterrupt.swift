import Dispatch
import Foundation
import Synchronization

/// Ends training after the step that is running when the user presses Ctrl-C (SIGINT), or the process is asked to end
/// (SIGTERM), so that what it came to is saved. A second signal ends the process at once.
///
/// From ``onTrainBegin(_:)`` to ``onTrainEnd(_:)`` it takes over what the process does with these signals.
public final class StopOnInterrupt: TrainingCallback {
  /// The signal that came; nil if none did.
  public var signal: Int32? {
    let number = received.number.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  private final class Received: Sendable {
    let number = Atomic<Int32>(0)
  }

  private let received = Received()
  private var sources: [any DispatchSourceSignal] = []
  private static let signals = [SIGINT, SIGTERM]

  public init() {}

  public func onTrainBegin(_ run: TrainingRun) {
    sources = StopOnInterrupt.signals.map { number in
      Foundation.signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInteractive))
      source.setEventHandler { [received] in
        received.number.store(number, ordering: .relaxed)
        Foundation.signal(number, SIG_DFL)
      }
      source.resume()
      return source
    }
  }

  public func onStepEnd(_ run: TrainingRun) { if let signal { run.stop("interrupted by \(name(signal))") } }

  public func onTrainEnd(_ run: TrainingRun) {
    for source in sources { source.cancel() }
    sources = []
    for number in StopOnInterrupt.signals { Foundation.signal(number, SIG_DFL) }
  }

  private func name(_ signal: Int32) -> String { signal == SIGINT ? "Ctrl-C" : "SIGTERM" }
}
