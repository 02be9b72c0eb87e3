import Elbow
import Foundation

/// Trains a workload from given weights on given batches with given noise, so that another framework can do the same and the
/// losses can be compared.
///
/// The npz file has `images` and `labels`, or `points`, with an axis of batches first; `noise`, with an axis of steps first;
/// and for each variable `init/<name>`. Step i takes batch i modulo their number.
struct Check {
  let name: String
  let arguments: Arguments
  let file: URL

  /// What is printed, one line of JSON.
  struct Report: Encodable {
    var workload: String
    var steps: Int
    var firstLoss: Double
    /// After so many steps, before the next.
    var lastLoss: Double
  }

  func run() throws -> Report {
    let workload = try Workload.make(name, noise: .fed)
    let arrays = try NPZ.read(contentsOf: file)
    let session = try Session(workload.graph, threads: arguments.threads)
    let parameters = workload.graph.variables.filter { $0.role == .parameter }.map(\.name)
    let given = arrays.keys.filter { $0.hasPrefix("init/") }.map { String($0.dropFirst(5)) }
    guard Set(given) == Set(parameters) else {
      throw ElbowError(
        .data, "The file has the weights \(given.sorted()), but \(name) has \(parameters.sorted()).")
    }
    for parameter in parameters {
      if let value = arrays["init/\(parameter)"] { try session.setValue(value, of: parameter) }
    }
    let inputs = workload.graph.placeholders.map(\.name).filter { arrays[$0] != nil }
    var losses: [Double] = []
    // One more than the steps asked for: a step's loss is that before its update.
    for step in 0...arguments.steps {
      var feeds: [String: HostArray] = [:]
      for input in inputs { feeds[input] = try arrays[input].map { try slice($0, step) } }
      losses.append(try session.run(workload.train, feeding: feeds)["loss"]?.doubles.first ?? .nan)
    }
    return Report(workload: name, steps: arguments.steps, firstLoss: losses[0], lastLoss: losses[arguments.steps])
  }

  /// The part of an array that a step takes, going round.
  private func slice(_ array: HostArray, _ step: Int) throws -> HostArray {
    guard let count = array.shape.first, count > 0 else {
      throw ElbowError(.data, "An array of shape \(array.shape) has no axis of batches or steps.")
    }
    let size = array.bytes.count / count
    let start = step % count * size
    return try HostArray(
      dtype: array.dtype, shape: [Int](array.shape.dropFirst()), bytes: [UInt8](array.bytes[start..<start + size]))
  }
}
