import Foundation
import Synchronization

/// Ends training after the step that is running when the user presses Ctrl-C (SIGINT), the process is asked to end
/// (SIGTERM), its terminal goes away (SIGHUP), or what reads its output does (SIGPIPE), so that what it came to is saved. A
/// second signal ends the process at once, but for SIGPIPE: what is still to be said must not keep results from being saved.
///
/// From ``onTrainBegin(_:)`` to ``onTrainEnd(_:)`` it takes over what the process does with these signals, unless it ignores them,
/// as `nohup` has it; one training of a process at a time can have it. After a SIGPIPE the process goes on ignoring that.
public final class StopOnInterrupt: TrainingCallback {
  /// The signal that came; nil if none did.
  public private(set) var signal: Int32?

  /// The latest signal, 0 for none. What handles signals may touch nothing but such a number, and belongs to the process.
  private static let received = Atomic<Int32>(0)
  private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGPIPE]
  /// The handlers that the process had for them before.
  private var handlers: [(signal: Int32, handler: (@convention(c) (Int32) -> Void)?)] = []
  /// The signals that the thread blocked before.
  private var mask = sigset_t()

  /// A callback that takes over the signals only while training runs.
  public init() {}

  public func onTrainBegin(_ run: TrainingRun) {
    // Also makes the number before a signal needs it.
    StopOnInterrupt.received.store(0, ordering: .relaxed)
    signal = nil
    handlers = StopOnInterrupt.signals.map { number in
      let before = Foundation.signal(number) {
        StopOnInterrupt.received.store($0, ordering: .relaxed)
        if $0 != SIGPIPE { Foundation.signal($0, SIG_DFL) }
      }
      if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        Foundation.signal(number, SIG_IGN)
      }
      return (number, before)
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
    look()
    for (number, handler) in handlers {
      Foundation.signal(number, number == SIGPIPE && signal == SIGPIPE && handler == nil ? SIG_IGN : handler)
    }
    look()
  }

  private func look() {
    let number = StopOnInterrupt.received.load(ordering: .relaxed)
    if number != 0 { signal = number }
  }

  private func name(_ signal: Int32) -> String {
    switch signal {
    case SIGINT: "Ctrl-C"
    case SIGHUP: "SIGHUP: its terminal was closed"
    case SIGPIPE: "SIGPIPE: nobody reads its output any more"
    default: "SIGTERM"
    }
  }
}
