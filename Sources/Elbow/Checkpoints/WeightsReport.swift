import ElbowArrays
import ElbowManifest

/// How the tensors of a file and the variables of a model match.
public struct WeightsReport: CustomStringConvertible {
  /// The variables that have the same shape and dtype in both.
  public let fitting: [(name: String, array: HostArray)]
  /// The model's variables that the file lacks.
  public let missing: [String]
  /// The file's tensors that the model does not know.
  public let unknown: [String]
  /// The file's names for the types of tensors that no variable can have, by the variables' names.
  public let unsupported: [String: String]
  /// The variables that have another shape or dtype in the file: each as the model has it, and as the file has it.
  public let misfits: [(variable: Manifest.Variable, found: HostArray)]

  /// - Parameter roles: The purposes of the variables that count; the file's tensors for others are passed over.
  init(
    _ tensors: [(name: String, array: HostArray)], for variables: [Manifest.Variable],
    roles: Set<Manifest.Variable.Role> = Set(Manifest.Variable.Role.allCases), unsupported: [String: String] = [:]
  ) {
    let found = Dictionary(tensors.map { ($0.name, $0.array) }) { first, _ in first }
    let wanted = variables.filter { roles.contains($0.role) }
    let pairs = wanted.map { (variable: $0, array: found[$0.name]) }
    func fits(_ variable: Manifest.Variable, _ array: HostArray) -> Bool {
      array.dtype == variable.dtype && array.shape == variable.shape
    }
    fitting = pairs.compactMap { variable, array in
      array.flatMap { fits(variable, $0) ? (name: variable.name, array: $0) : nil }
    }
    misfits = pairs.compactMap { variable, array in
      array.flatMap { fits(variable, $0) ? nil : (variable: variable, found: $0) }
    }
    missing = pairs.compactMap { $1 == nil ? $0.name : nil }
    self.unsupported = unsupported.filter { type in pairs.contains { $0.variable.name == type.key } }
    missingWeights = pairs.compactMap { $1 == nil && WeightsReport.weights.contains($0.role) ? $0.name : nil }
    let known = Set(variables.map(\.name))
    unknown = tensors.map(\.name).filter { !known.contains($0) && !$0.hasPrefix(Weights.callbackPrefix) }
  }

  /// The variables that are missing besides an optimiser's memory and counters.
  private let missingWeights: [String]
  /// The roles that evaluation needs.
  static let weights: Set<Manifest.Variable.Role> = [.parameter, .statistic]

  /// Whether the file has all weights of the model, and nothing but variables of it.
  var hasAllWeights: Bool { missingWeights.isEmpty && unknown.isEmpty && misfits.isEmpty }

  /// Whether file and model have the same.
  public var isComplete: Bool { missing.isEmpty && unknown.isEmpty && misfits.isEmpty }

  /// The first thing that does not match, in words.
  var firstMisfit: String {
    if let (name, type) = unsupported.min(by: { $0.key < $1.key }) {
      return "the variable '\(name)' is of the type \(type) in the file, which is not read"
    }
    if let name = missingWeights.first { return "it lacks the variable '\(name)'" }
    if let misfit = misfits.first { return describe(misfit) }
    if let name = unknown.first { return "the model has no variable '\(name)'" }
    return "it lacks the variable '\(missing.first ?? "")'"
  }

  private func describe(_ misfit: (variable: Manifest.Variable, found: HostArray)) -> String {
    "the variable '\(misfit.variable.name)' is \(misfit.variable.dtype)\(misfit.variable.shape), but the file has "
      + "\(misfit.found.dtype)\(misfit.found.shape)"
  }

  /// A summary of what was taken over, and a line for each thing that was not.
  public var description: String {
    let lines =
      missing.map { name in
        unsupported[name].map { "of the type \($0) in the file: '\(name)'" } ?? "not in the file: '\(name)'"
      } + misfits.map(describe)
      + unknown.map { "not in the model: '\($0)'" }
    let summary = "\(fitting.count) of \(fitting.count + missing.count + misfits.count) weights taken over"
    // Names are a file's: none makes a line of its own.
    return ([summary] + lines.map { $0.printable() }).joined(separator: "\n")
  }
}
