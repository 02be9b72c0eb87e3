import Foundation
import Synchronization

/// Ends training after the step that is running when the user presses Ctrl-C (SIGINT), or the process is asked to end
/// (SIGTERM), so that what it came to is saved. A second signal ends the process at once.
///
/// From ``onTrainBegin(_:)`` to ``onTrainEnd(_:)`` it takes over what the process does with these signals; one training of a
/// process at a time can have it.
public final class StopOnInterrupt: TrainingCallback {
  /// The signal that came; nil if none did.
  public private(set) var signal: Int32?

  /// The latest signal, 0 for none. What handles signals may touch nothing but such a number, and belongs to the process.
  private static let received = Atomic<Int32>(0)
  private static let signals = [SIGINT, SIGTERM]
  /// What the thread blocked before.
  private var mask = sigset_t()

  public init() {}

  public func onTrainBegin(_ run: TrainingRun) {
    // Also makes the number before a signal needs it.
    StopOnInterrupt.received.store(0, ordering: .relaxed)
    signal = nil
    for number in StopOnInterrupt.signals {
      Foundation.signal(number) {
        StopOnInterrupt.received.store($0, ordering: .relaxed)
        Foundation.signal($0, SIG_DFL)
      }
    }
    // Whoever started the process, or the thread, may have blocked them; one that waits since then arrives now.
    var ours = sigset_t()
    sigemptyset(&ours)
    for number in StopOnInterrupt.signals { sigaddset(&ours, number) }
    pthread_sigmask(SIG_UNBLOCK, &ours, &mask)
  }

  public func onStepEnd(_ run: TrainingRun) {
    look()
    if let signal { run.stop("interrupted by \(name(signal))") }
  }

  public func onTrainEnd(_ run: TrainingRun) {
    pthread_sigmask(SIG_SETMASK, &mask, nil)
    for number in StopOnInterrupt.signals { Foundation.signal(number, SIG_DFL) }
    look()
  }

  private func look() {
    let number = StopOnInterrupt.received.load(ordering: .relaxed)
    if number != 0 { signal = number }
  }

  private func name(_ signal: Int32) -> String { signal == SIGINT ? "Ctrl-C" : "SIGTERM" }
}
