import CElbowABI
import ElbowArrays
import ElbowManifest
import Foundation

/// A signature of a model with all names resolved, so that runs only check shapes and call the library.
///
/// Inputs and outputs are in the manifest's order. It belongs to its model's thread, and keeps the model's state alive.
public final class PreparedSignature {
  /// The signature that is run.
  public let signature: Manifest.Signature
  let handle: ModelHandle
  /// The extents of all inputs, one after another, and the inputs' C arrays, which point into them.
  let binding: InputBinding
  let name: UnsafeMutablePointer<CChar>
  private let outputArrays: UnsafeMutableBufferPointer<elbow_array>
  private let outputExtents: UnsafeMutableBufferPointer<Int64>
  private let boolOutputs: [Int]
  /// The outputs' shapes for the extents of the last run; nil before it, and after one that failed.
  private var outputShapes: [[Int]]?

  init(_ signature: Manifest.Signature, handle: ModelHandle) {
    self.signature = signature
    self.handle = handle
    binding = InputBinding(signature)
    let characters = signature.name.utf8CString
    name = .allocate(capacity: characters.count)
    for (index, character) in characters.enumerated() { (name + index).initialize(to: character) }
    outputArrays = .allocate(capacity: signature.outputs.count)
    outputArrays.initialize(repeating: elbow_array())
    outputExtents = .allocate(capacity: signature.outputs.reduce(1) { $0 + $1.shape.count })
    outputExtents.initialize(repeating: 0)
    boolOutputs = signature.outputs.indices.filter { signature.outputs[$0].dtype == .bool }
  }

  deinit {
    name.deallocate()
    outputArrays.deallocate()
    outputExtents.deallocate()
  }

  /// Runs the signature and gives new outputs.
  ///
  /// - Throws: as ``run(_:into:)``.
  public func run(_ inputs: [HostArray?]) throws -> [HostArray] {
    var outputs: [HostArray] = []
    try run(inputs, into: &outputs)
    return outputs
  }

  /// Runs the signature into `outputs`, whose memory is reused where dtype and shape fit and nobody else holds it.
  ///
  /// After an error the outputs hold whatever was computed until then.
  ///
  /// - Parameters:
  ///   - inputs: one array for each input, or nil for its default.
  ///   - outputs: may be empty at first.
  /// - Throws: ``ElbowError`` of kind `feed` when the inputs do not fit, `invalidArgument` when a check of an argument does
  ///   not hold, `numerics` when a check met NaN or infinity, and `library` when the library fails.
  public func run(_ inputs: [HostArray?], into outputs: inout [HostArray]) throws {
    // Forgotten until all is well: inputs that are refused may already have replaced some extents.
    let known = outputShapes
    outputShapes = nil
    let changed = try binding.bind(inputs)
    let shapes = if !changed, let known { known } else { try findOutputShapes() }
    try fit(&outputs, to: shapes)
    outputShapes = shapes
    let status = outputs.withUnsafeMutableBufferPointer { outputs in
      binding.withData(of: inputs) { withData(of: outputs, from: 0, call) }
    }
    try handle.check(status, argumentKind: .feed, doing: "run '\(signature.name)'")
    for index in boolOutputs {
      try checkBooleans(outputs[index], name: signature.outputs[index].name)
    }
    try requireChecks(outputs)
  }

  /// Throws the message of the first check that does not hold.
  func requireChecks(_ outputs: [HostArray]) throws {
    for index in boolOutputs where signature.outputs[index].isCheck {
      guard outputs[index].withUnsafeBytes({ $0.allSatisfy { $0 != 0 } }) else {
        throw ElbowError(.invalidArgument, signature.outputs[index].name)
      }
    }
  }

  private func call() -> elbow_status {
    handle.functions.run(
      handle.model, name, binding.arrays.baseAddress, Int32(binding.arrays.count), outputArrays.baseAddress,
      Int32(outputArrays.count))
  }

  /// Points the outputs' C arrays, from `index` on, at their bytes for as long as `body` runs.
  private func withData(
    of outputs: UnsafeMutableBufferPointer<HostArray>, from index: Int, _ body: () -> elbow_status
  ) -> elbow_status {
    guard index < outputs.count else { return body() }
    return outputs[index].withUnsafeMutableBytes { bytes in
      outputArrays[index].data = bytes.baseAddress ?? UnsafeMutableRawPointer(outputExtents.baseAddress)
      return withData(of: outputs, from: index + 1, body)
    }
  }

  /// Asks the library for the shapes of the outputs, and sets the outputs' C arrays.
  private func findOutputShapes() throws -> [[Int]] {
    var shapes: [[Int]] = []
    shapes.reserveCapacity(signature.outputs.count)
    var offset = 0
    for (index, output) in signature.outputs.enumerated() {
      let rank = output.shape.count
      let extents = UnsafeMutableBufferPointer(rebasing: outputExtents[offset..<offset + rank])
      offset += rank
      let status = handle.functions.outputShape(
        handle.model, name, binding.arrays.baseAddress, Int32(binding.arrays.count), Int32(index),
        extents.baseAddress ?? outputExtents.baseAddress, Int32(rank))
      try handle.check(status, argumentKind: .feed, doing: "find the shape of '\(output.name)' of '\(signature.name)'")
      let shape = extents.map { Int($0) }
      let fits = zip(shape, output.shape).allSatisfy { extent, dimension in
        if case .fixed(let fixed) = dimension { extent == fixed } else { extent >= 0 }
      }
      guard fits else {
        throw ElbowError(
          .library,
          "The library contradicts its manifest: it gives the output '\(output.name)' of '\(signature.name)' the shape "
            + "\(shape), but the manifest says \(text(output.shape)).")
      }
      outputArrays[index] = elbow_array(
        data: nil, shape: extents.baseAddress, rank: Int32(rank), dtype: output.dtype.abiCode)
      shapes.append(shape)
    }
    return shapes
  }

  /// Makes `outputs` arrays of the signature's dtypes and of these shapes, keeping those that are so already.
  private func fit(_ outputs: inout [HostArray], to shapes: [[Int]]) throws {
    if outputs.count > shapes.count { outputs.removeLast(outputs.count - shapes.count) }
    for (index, shape) in shapes.enumerated() {
      let dtype = signature.outputs[index].dtype
      if index < outputs.count, outputs[index].dtype == dtype, outputs[index].shape == shape { continue }
      try checkMemory(for: HostArray.byteCount(dtype: dtype, shape: shape), name: signature.outputs[index].name)
      let array = try HostArray(zeros: shape, dtype: dtype)
      if index < outputs.count { outputs[index] = array } else { outputs.append(array) }
    }
  }

  /// Swift ends the process when an array's memory cannot be had, so large ones are tried first.
  func checkMemory(for byteCount: Int, name: String) throws {
    guard byteCount > 1 << 28 else { return }
    guard let trial = malloc(byteCount) else {
      throw ElbowError(.library, "There is no memory for the \(byteCount) bytes of the output '\(name)'.")
    }
    free(trial)
  }

  private func checkBooleans(_ array: HostArray, name: String) throws {
    guard array.withUnsafeBytes({ $0.allSatisfy { $0 <= 1 } }) else {
      throw ElbowError(.library, "The library gave the bool output '\(name)' a byte that is neither 0 nor 1.")
    }
  }
}

/// A shape as people write it, `[n, 28, 28]`.
func text(_ shape: [ManifestDimension]) -> String {
  "[\(shape.map(\.description).joined(separator: ", "))]"
}

extension DType {
  /// The `elbow_dtype`.
  var abiCode: Int32 {
    let code =
      switch self {
      case .float32: ELBOW_FLOAT32
      case .float64: ELBOW_FLOAT64
      case .int32: ELBOW_INT32
      case .int64: ELBOW_INT64
      case .uint8: ELBOW_UINT8
      case .uint32: ELBOW_UINT32
      case .bool: ELBOW_BOOL
      }
    return Int32(bitPattern: code.rawValue)
  }
}
