import ElbowArrays
import Foundation

/// Batches one after the other, made when they are asked for or ahead of time.
public struct BatchStream {
  private let make: (Int) throws -> Batch
  private var rest: Range<Int>
  private let worker: PrefetchWorker?

  init(_ indices: Range<Int>, ahead: Int, _ make: @escaping @Sendable (Int) throws -> Batch) {
    rest = indices
    self.make = make
    worker = ahead > 0 ? PrefetchWorker(indices, capacity: ahead, make) : nil
  }

  /// The next batch, or nil after the last.
  ///
  /// - Throws: The error of a transformation.
  public mutating func next() throws -> Batch? {
    guard let index = rest.popFirst() else { return nil }
    return try namingTheCallersLine { try worker.map { try $0.take() } ?? make(index) }
  }
}

/// A thread that makes batches in order, at most so many before they are taken. It ends with the last batch, the first error,
/// or when nobody holds the worker any more.
private final class PrefetchWorker: Sendable {
  private let queue: BoundedQueue

  init(_ indices: Range<Int>, capacity: Int, _ make: @escaping @Sendable (Int) throws -> Batch) {
    let queue = BoundedQueue(capacity: capacity)
    self.queue = queue
    let thread = Thread {
      for index in indices {
        let result = Result { try make(index) }
        guard queue.put(result), case .success = result else { return }
      }
    }
    thread.name = "elbow-prefetch"
    thread.start()
  }

  deinit { queue.close() }

  func take() throws -> Batch { try queue.take().get() }
}

/// A queue of batches that one thread makes and another takes, at most so many at a time.
private final class BoundedQueue: @unchecked Sendable {
  private let capacity: Int
  // The state that the condition's lock guards.
  private var items: [Result<Batch, any Error>] = []
  private var isClosed = false
  private let condition = NSCondition()

  init(capacity: Int) { self.capacity = capacity }

  /// Waits for room; false if nobody takes any more.
  func put(_ item: Result<Batch, any Error>) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while items.count >= capacity, !isClosed { condition.wait() }
    guard !isClosed else { return false }
    items.append(item)
    condition.broadcast()
    return true
  }

  func take() -> Result<Batch, any Error> {
    condition.lock()
    defer { condition.unlock() }
    while items.isEmpty { condition.wait() }
    condition.broadcast()
    // An error stays: there is nothing after it.
    if case .failure = items[0] { return items[0] }
    return items.removeFirst()
  }

  func close() {
    condition.lock()
    isClosed = true
    condition.broadcast()
    condition.unlock()
  }
}
