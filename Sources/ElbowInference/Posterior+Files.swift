import ElbowArrays
import ElbowData
import ElbowRuntime
import Foundation

extension Posterior {
  /// All draws as arrays `[chains, draws, ...]`, by the variables' names, and what is known of each draw, `sample_stats/...`,
  /// named as ArviZ names them.
  ///
  /// - Throws: `ElbowError` if chains have different numbers of draws, as where sampling was ended.
  public func arrays() throws -> [(name: String, array: HostArray)] {
    let counts = statistics.map(\.count)
    guard let count = counts.first, counts.allSatisfy({ $0 == count }) else {
      throw ElbowError(
        .data, "The chains have \(counts) draws; an array holds chains of one length. Keep as many of each.")
    }
    let chains = statistics.count
    var arrays = try variables.map { variable in
      (variable.name, try HostArray(Array(variable.chains.joined()), shape: [chains, count] + variable.shape))
    }
    func add(_ name: String, _ value: (DrawStatistics) -> Double) throws {
      arrays.append(
        ("sample_stats/\(name)", try HostArray(statistics.joined().map(value), shape: [chains, count])))
    }
    try add("lp") { $0.logDensity }
    try add("energy") { $0.energy }
    try add("acceptance_rate") { $0.acceptance }
    try add("step_size") { $0.stepSize }
    try add("n_steps") { Double($0.steps) }
    try add("tree_depth") { Double($0.depth) }
    try add("diverging") { $0.isDivergent ? 1 : 0 }
    return arrays
  }

  /// Writes all draws into a NumPy archive; see ``arrays()``.
  ///
  /// - Throws: `ElbowError` if the file cannot be written; what was there before is left then.
  public func write(to url: URL) throws { try NPZ.write(arrays(), to: url) }
}
