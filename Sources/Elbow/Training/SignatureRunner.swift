import ElbowArrays
import ElbowData
import ElbowManifest
import ElbowRuntime

/// Runs a signature that gives losses on one batch after another.
final class SignatureRunner {
  private let prepared: PreparedSignature
  /// The arrays fed besides the batch, by input; nil where the batch or the default serves.
  private var constants: [HostArray?]
  private var outputs: [HostArray] = []
  /// The figures among the outputs, by position: losses, and what metrics follow from.
  private let figures: [Int]

  /// - Parameters:
  ///   - metrics: The names of figures that may have several numbers; others are scalars.
  ///   - constants: The numbers fed besides the batch, by input.
  init(
    _ model: CompiledModel, _ role: SignatureRole, metrics: some Collection<String>, constants: [String: Double]
  ) throws {
    prepared = try model.prepare(role)
    self.constants = prepared.signature.inputs.map { _ in nil }
    figures = prepared.signature.outputs.indices.filter { [prepared] in
      let output = prepared.signature.outputs[$0]
      return !output.isCheck && (output.shape.isEmpty || metrics.contains(output.name))
    }
    try feed(constants)
  }

  /// Sets numbers that every run is fed, by the names of inputs; others are left out.
  func feed(_ constants: [String: Double]) throws {
    for (index, input) in prepared.signature.inputs.enumerated() {
      guard let value = constants[input.name] else { continue }
      switch input.dtype {
      case .float32: self.constants[index] = HostArray(scalar: Float(value))
      case .float64: self.constants[index] = HostArray(scalar: value)
      default:
        throw ElbowError(
          .feed, "The trainer feeds '\(input.name)', which must be floating point, but the model has \(input.dtype).")
      }
    }
  }

  var outputNames: [String] { figures.map { prepared.signature.outputs[$0].name } }

  /// Means of the figures, of no runs yet.
  var means: LossMeans {
    LossMeans(
      figures.map { position in
        let output = prepared.signature.outputs[position]
        let size = output.shape.reduce(1) { if case .fixed(let extent) = $1 { $0 * extent } else { $0 } }
        return (output.name, size)
      })
  }

  /// Whether ``run(rows:of:batchSize:)`` can run it: the batch is the one extent that is not fixed, the first of what each
  /// step takes, and no output depends on it.
  var canRunManySteps: Bool {
    func isFixed(_ shape: some Sequence<ManifestDimension>) -> Bool {
      shape.allSatisfy { if case .fixed = $0 { true } else { false } }
    }
    let batches = zip(prepared.signature.inputs, constants).compactMap { $1 == nil ? $0.shape.first : nil }
    return prepared.signature.outputs.allSatisfy { isFixed($0.shape) }
      && prepared.signature.inputs.allSatisfy { isFixed($0.shape.dropFirst()) }
      && Set(batches).count == 1 && batches.first?.symbol != nil
  }

  /// Checks that batches have what the signature takes.
  ///
  /// - Throws: `ElbowError` of kind `data` that names the column, what was expected and what was found.
  func check(_ data: DataPipeline) throws {
    let columns = try columns(of: data)
    for (input, constant) in zip(prepared.signature.inputs, constants) where constant == nil {
      let shape = input.shape.map(\.description).joined(separator: ", ")
      guard let column = columns.first(where: { $0.name == input.name })?.array else {
        if input.hasDefault { continue }
        throw ElbowError(
          .data, "The model takes '\(input.name)' (\(input.dtype)[\(shape)]), but the data set has no such column.",
          notes: ["\(data.dataset)", "a column goes to the placeholder of its name"])
      }
      let fits =
        column.dtype == input.dtype && column.shape.count == input.shape.count
        && zip(column.shape, input.shape).dropFirst().allSatisfy { extent, dimension in
          if case .fixed(let expected) = dimension { extent == expected } else { true }
        }
      guard fits else {
        let found = (["n"] + column.shape.dropFirst().map(String.init)).joined(separator: ", ")
        throw ElbowError(
          .data,
          "The model takes '\(input.name)' as \(input.dtype)[\(shape)], but the data set's column is "
            + "\(column.dtype)[\(found)].", notes: ["\(data.dataset)"])
      }
    }
  }

  /// The columns of the data set, or where they are transformed those of the first batch.
  func columns(of data: DataPipeline) throws -> [(name: String, array: HostArray)] {
    guard !data.isPlain else { return data.dataset.storedColumns }
    var batches = try data.batches(inEpoch: 1)
    return try batches.next()?.columns ?? []
  }

  /// The feeds of a run, by input; those with a default value may be missing.
  func feeds(_ batch: Batch) -> [String: HostArray] {
    var feeds: [String: HostArray] = [:]
    for (input, constant) in zip(prepared.signature.inputs, constants) {
      feeds[input.name] = constant ?? batch[input.name]
    }
    return feeds
  }

  /// One run.
  ///
  /// - Returns: The numbers of each figure, in the order of ``outputNames``.
  func run(_ batch: Batch) throws -> [[Double]] {
    let inputs = zip(prepared.signature.inputs, constants).map { input, constant in constant ?? batch[input.name] }
    try prepared.run(inputs, into: &outputs)
    return figures.map { outputs[$0].doubles }
  }

  /// Many runs in one call of the library, each on the next `batchSize` of these stored rows of a data set.
  ///
  /// - Returns: The numbers of each figure, one run's after the other's, in the order of ``outputNames``.
  func run(rows: [Int64], of data: Dataset, batchSize: Int) throws -> [[Double]] {
    let inputs = zip(prepared.signature.inputs, constants).map { input, constant in
      constant ?? data.storedColumns.first { $0.name == input.name }?.array
    }
    let outputs = try prepared.runSteps(inputs, batchSize: batchSize, count: rows.count / batchSize, order: rows)
    return figures.map { outputs[$0].doubles }
  }
}
