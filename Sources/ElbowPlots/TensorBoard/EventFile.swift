import ElbowArrays
import ElbowData
import ElbowGraph
import Foundation

/// A file of events that TensorBoard shows: scalars, images, histograms and a graph.
///
/// ```swift
/// let events = try EventFile(in: folder)
/// try events.addScalar("loss/training", 153.2, step: 1)
/// ```
///
/// `tensorboard --logdir FOLDER` reads it while it grows. Each record carries checksums, so that a last one that was cut
/// off is recognised; for the same reason the file is appended to, not written anew and renamed.
public final class EventFile {
  /// The file's place, whose name has the time and the process, so that it is new.
  public let url: URL
  private let handle: FileHandle

  /// Makes a new file in a folder, which is made if need be.
  ///
  /// - Throws: `ElbowError` of kind `file` when that fails.
  public init(in folder: URL) throws {
    let seconds = Int(Date().timeIntervalSince1970)
    // TensorBoard looks for "tfevents" in the name and sorts by it. What follows the time makes it unique.
    let name = "events.out.tfevents.\(seconds).elbow.\(getpid()).\(UUID().uuidString.prefix(8))"
    url = folder.appendingPathComponent(name)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data().write(to: url, options: .withoutOverwriting)
      handle = try FileHandle(forWritingTo: url)
    } catch {
      throw EventFile.failure(url, error)
    }
    var event = EventFile.event(step: 0)
    event.add(3, "brain.Event:2")
    try write(event)
  }

  deinit { try? handle.close() }

  /// A number at a step.
  ///
  /// - Parameter tag: The figure's name; parts before a `/` are groups.
  public func addScalar(_ tag: String, _ value: Double, step: Int) throws {
    var entry = ProtobufMessage()
    entry.add(1, tag)
    entry.add(2, Float(value))
    try writeSummary(entry, step: step)
  }

  /// An image at a step, `uint8[height, width]` or `uint8[height, width, 3]`.
  public func addImage(_ tag: String, _ image: HostArray, step: Int) throws {
    let data = try PNG.encode(image)
    var picture = ProtobufMessage()
    picture.add(1, integer: Int64(image.shape[0]))
    picture.add(2, integer: Int64(image.shape[1]))
    picture.add(3, integer: image.shape.count == 3 && image.shape[2] == 3 ? 3 : 1)
    picture.add(4, data)
    var entry = ProtobufMessage()
    entry.add(1, tag)
    entry.add(4, picture)
    try writeSummary(entry, step: step)
  }

  /// How an array's values are distributed at a step.
  public func addHistogram(_ tag: String, _ histogram: Histogram, step: Int) throws {
    var message = ProtobufMessage()
    message.add(1, histogram.minimum)
    message.add(2, histogram.maximum)
    message.add(3, Double(histogram.count))
    message.add(4, histogram.sum)
    message.add(5, histogram.sumOfSquares)
    message.add(6, histogram.limits)
    message.add(7, histogram.counts)
    var entry = ProtobufMessage()
    entry.add(1, tag)
    entry.add(5, message)
    try writeSummary(entry, step: step)
  }

  /// The graph of a signature.
  public func addGraph(_ program: Program) throws {
    var event = EventFile.event(step: 0)
    event.add(4, GraphDefinition(program).message)
    try write(event)
  }

  private static func event(step: Int) -> ProtobufMessage {
    var event = ProtobufMessage()
    event.add(1, Date().timeIntervalSince1970)
    event.add(2, integer: Int64(step))
    return event
  }

  private func writeSummary(_ value: ProtobufMessage, step: Int) throws {
    var summary = ProtobufMessage()
    summary.add(1, value)
    var event = EventFile.event(step: step)
    event.add(5, summary)
    try write(event)
  }

  private func write(_ event: ProtobufMessage) throws {
    do {
      try handle.write(contentsOf: Data(RecordFile.framed(event.bytes)))
    } catch {
      throw EventFile.failure(url, error)
    }
  }

  private static func failure(_ url: URL, _ error: any Error) -> ElbowError {
    ElbowError(.file, "The event file '\(url.path)' cannot be written: \(error.systemReason).")
  }
}
