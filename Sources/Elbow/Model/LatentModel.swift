import ElbowArrays
import ElbowData
import ElbowManifest
import ElbowRuntime

/// A compiled model with latent codes, asked through the signatures that ``Model`` gives a meaning.
///
/// ```swift
/// let vae = LatentModel(compiled)
/// let codes = try vae.encode(digits.validation)
/// try ImageSheet(images: vae.decode(codes)).write(to: url)
/// ```
public struct LatentModel {
  /// The compiled model that is asked.
  public let compiled: CompiledModel

  /// A model to ask; which signatures it has is looked up when one is needed.
  public init(_ compiled: CompiledModel) { self.compiled = compiled }

  /// The codes of examples, the means of their posteriors: the first output of `encode`, of shape `[count, dimensions]`.
  ///
  /// - Throws: `ElbowError` of kind `feed` when the model has no signature `encode`, or takes other examples.
  public func encode(_ data: Dataset, batchSize: Int = 100) throws -> HostArray {
    let encode = try signature(.encode)
    let codes = try run(encode, on: data, batchSize: batchSize)
    guard codes.shape.count == 2 else {
      throw ElbowError(
        .feed,
        "The first output of 'encode' of the model '\(compiled.manifest.name)' should be codes, an array of shape "
          + "[n, dimensions], but is \(codes.dtype)\(codes.shape).")
    }
    return codes
  }

  /// The images of codes: the output of `decode` that is a list of images.
  public func decode(_ codes: HostArray) throws -> HostArray {
    let decode = try signature(.decode)
    return try images(of: decode, feeding: [codeInput(of: decode).name: codes])
  }

  /// The number of latent dimensions, which `decode` knows; nil if any number will do.
  public var latentSize: Int? {
    get throws {
      let decode = try signature(.decode)
      guard case .fixed(let size)? = try codeInput(of: decode).shape.last else { return nil }
      return size
    }
  }

  /// Examples and what the model makes of their codes.
  ///
  /// - Returns: The examples as images, and their reconstructions, of the same shape.
  public func reconstruct(_ data: Dataset) throws -> (originals: HostArray, reconstructions: HostArray) {
    let encode = try signature(.encode)
    guard let input = encode.signature.inputs.first(where: { (3...4).contains($0.shape.count) }) else {
      throw ElbowError(.feed, "The signature 'encode' of the model '\(compiled.manifest.name)' takes no images.")
    }
    return (try data[input.name], try decode(self.encode(data)))
  }

  /// Images that the model draws: those of `sample`, which is run as often as it takes.
  public func sample(count: Int) throws -> HostArray {
    guard count > 0 else { throw ElbowError(.invalidArgument, "At least 1 sample can be drawn, not \(count).") }
    let sample = try signature(.sample)
    var drawn: [HostArray] = []
    var total = 0
    while total < count {
      let images = try images(of: sample, feeding: [:])
      guard images.shape[0] > 0 else { break }
      drawn.append(images)
      total += images.shape[0]
    }
    return try HostArray(rows: drawn, limit: count)
  }

  /// Draws from the prior, of shape `[count, dimensions]`: the first output of `prior`, or nil if the model has no such
  /// signature, which means that its prior is the standard normal distribution.
  public func priorSamples() throws -> HostArray? {
    guard compiled.signatures.contains(where: { $0.name == "prior" }) else { return nil }
    return try compiled.prepare("prior").run([]).first
  }

  // MARK: Signatures

  func signature(_ role: SignatureRole) throws -> PreparedSignature {
    guard compiled.signatures.contains(where: { $0.role == role }) else {
      let names = compiled.signatures.map(\.name).joined(separator: ", ")
      throw ElbowError(
        .feed,
        "The model '\(compiled.manifest.name)' has no signature '\(role.rawValue)', \(role.contract); it has \(names).")
    }
    return try compiled.prepare(role)
  }

  private func codeInput(of decode: PreparedSignature) throws -> Manifest.Input {
    let inputs = decode.signature.inputs.filter { !$0.hasDefault }
    guard inputs.count == 1, inputs[0].shape.count == 2 else {
      throw ElbowError(
        .feed,
        "The signature 'decode' of the model '\(compiled.manifest.name)' should take one array of codes, of shape "
          + "[n, dimensions].")
    }
    return inputs[0]
  }

  private func images(of prepared: PreparedSignature, feeding feeds: [String: HostArray]) throws -> HostArray {
    guard let index = prepared.signature.outputs.firstIndex(where: { (3...4).contains($0.shape.count) }) else {
      throw ElbowError(
        .feed,
        "The signature '\(prepared.signature.name)' of the model '\(compiled.manifest.name)' gives no images, which "
          + "have the shape [n, height, width] or [n, height, width, channels].")
    }
    return try prepared.run(prepared.ordered(feeds))[index]
  }

  /// The first output of a signature for every example, in order.
  func run(_ prepared: PreparedSignature, on data: Dataset, batchSize: Int) throws -> HostArray {
    guard data.count > 0 else { throw ElbowError(.data, "The data set \(data.name) has no examples.") }
    var results: [HostArray] = []
    for batch in try data.batches(of: batchSize) {
      let outputs = try prepared.run(prepared.ordered(feeds(prepared, batch, of: data)))
      if let first = outputs.first { results.append(first) }
    }
    return try HostArray(rows: results)
  }

  /// A batch's columns by the inputs that have their names.
  private func feeds(_ prepared: PreparedSignature, _ batch: Batch, of data: Dataset) throws -> [String: HostArray] {
    var feeds: [String: HostArray] = [:]
    for input in prepared.signature.inputs {
      feeds[input.name] = batch[input.name]
      guard feeds[input.name] != nil || input.hasDefault else {
        throw ElbowError(
          .data,
          "The signature '\(prepared.signature.name)' takes '\(input.name)', but the data set has no such column.",
          notes: ["\(data)"])
      }
    }
    return feeds
  }
}

extension HostArray {
  /// Arrays of the same dtype and shape but for their first extents, one after the other.
  ///
  /// - Parameter limit: How many rows there are at most.
  init(rows arrays: [HostArray], limit: Int = .max) throws {
    guard let first = arrays.first, let own = first.shape.first, own > 0 else {
      throw ElbowError(.shape, "There are no rows to join.")
    }
    let rowBytes = first.bytes.count / own
    let count = min(arrays.reduce(0) { $0 + ($1.shape.first ?? 0) }, limit)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * rowBytes)
    for array in arrays { bytes += array.bytes.prefix(count * rowBytes - bytes.count) }
    try self.init(dtype: first.dtype, shape: [count] + first.shape.dropFirst(), bytes: bytes)
  }
}
