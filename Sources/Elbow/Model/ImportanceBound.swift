import ElbowArrays
import ElbowData
import ElbowRuntime
import Foundation

/// Lower bounds of a model's log-likelihood by importance sampling (Burda, Grosse and Salakhutdinov 2016, equation 8),
///
///     L_K = E[ log 1/K sum_k w_k ],   w_k = p(x, z_k) / q(z_k | x),   z_k ~ q(z | x)
///
/// L_1 is the evidence lower bound; with more samples the bound rises towards log p(x).
public struct ImportanceBound: Sendable, Hashable {
  /// K.
  public let samples: Int
  /// The number of examples.
  public let count: Int
  /// L_K in nats, a mean over the examples.
  public let bound: Double
  /// The standard error of that mean.
  public let standardError: Double
  /// The evidence lower bound, the mean of all logarithms of weights.
  public let evidenceLowerBound: Double
}

extension LatentModel {
  /// The bounds on a data set, through the signature `importance`, which is run `samples` times on each batch.
  ///
  /// - Throws: `ElbowError`: of kind `feed` when the model has no such signature, `data` when the data set does not fit,
  ///   `numerics` when a weight is NaN or infinite.
  public func importanceBound(on data: Dataset, samples: Int, batchSize: Int = 100) throws -> ImportanceBound {
    guard samples >= 1 else {
      throw ElbowError(.invalidArgument, "A bound needs at least 1 sample of each code, not \(samples).")
    }
    let importance = try signature(.importance)
    var means: [LogMeanExp] = []
    for batch in try batches(of: data, size: batchSize) {
      var own = [LogMeanExp](repeating: LogMeanExp(), count: batch.count)
      for _ in 0..<samples {
        let weights = try run(importance, on: batch, batchSize: batchSize).doubles
        guard weights.count == own.count else {
          throw ElbowError(
            .feed, "The signature 'importance' gave \(weights.count) logarithms for \(own.count) examples.")
        }
        for index in own.indices { own[index].add(weights[index]) }
      }
      means += own
    }
    if let bad = means.firstIndex(where: { !$0.value.isFinite || !$0.mean.isFinite }) {
      throw ElbowError(
        .numerics, "The logarithm of an importance weight of example \(bad) of \(data.name) is NaN or infinite.")
    }
    let values = means.map(\.value)
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let variance = values.count > 1 ? squares / Double(values.count - 1) : 0
    return ImportanceBound(
      samples: samples, count: values.count, bound: mean,
      standardError: (variance / Double(values.count)).squareRoot(),
      evidenceLowerBound: means.reduce(0) { $0 + $1.mean } / Double(means.count))
  }

  /// A data set cut into data sets of so many examples.
  private func batches(of data: Dataset, size: Int) throws -> [Dataset] {
    guard data.count > 0 else { throw ElbowError(.data, "The data set \(data.name) has no examples.") }
    guard size > 0 else { throw ElbowError(.invalidArgument, "A batch needs at least 1 example, not \(size).") }
    var parts: [Dataset] = []
    var rest = data
    while rest.count > 0 {
      let split = try rest.split(at: min(size, rest.count))
      parts.append(split.training)
      rest = split.validation
    }
    return parts
  }
}

/// The logarithm of the mean of exponentials, and the mean, of numbers that come one by one. The greatest so far is kept apart,
/// so that nothing overflows.
struct LogMeanExp {
  private var greatest = -Double.infinity
  /// The sum of exp(x - greatest).
  private var scaled = 0.0
  private var sum = 0.0
  private var count = 0.0

  mutating func add(_ value: Double) {
    sum += value
    count += 1
    if value <= greatest {
      scaled += exp(value - greatest)
    } else {
      // Also where the value is NaN, which then stays.
      scaled = greatest == -.infinity ? 1 : scaled * exp(greatest - value) + 1
      greatest = value
    }
  }

  var value: Double { greatest + log(scaled) - log(count) }
  var mean: Double { sum / count }
}
