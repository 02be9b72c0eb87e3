import CElbowABI
import ElbowArrays
import ElbowManifest

extension PreparedSignature {
  /// Runs the signature many times in one call, as a loop over a data set does: for small models a step takes less time
  /// than a call.
  ///
  /// The signature has one symbolic extent, the batch, as the first axis of some inputs: these are given whole. Outputs do not
  /// depend on the batch.
  ///
  ///     let losses = try train.runSteps(feeds, batchSize: 100, count: order.count / 100, order: order)[0]
  ///
  /// - Parameters:
  ///   - inputs: A data set for each input that begins with the batch, all with as many rows; else what every step is given,
  ///     or nil for the default.
  ///   - batchSize: The rows of a step.
  ///   - count: How many steps.
  ///   - order: The rows that the steps take, `count * batchSize` of them; nil for one batch after the other, from the
  ///     beginning again where there are no more whole ones.
  /// - Returns: The outputs of all steps, with a leading axis of `count`.
  /// - Throws: ``ElbowError`` of kind `feed` when the inputs do not fit, and `library` when the library fails. Steps
  ///   before a failing one have been carried out.
  public func runSteps(
    _ inputs: [HostArray?], batchSize: Int, count: Int, order: [Int64]? = nil
  ) throws -> [HostArray] {
    guard count >= 1, batchSize >= 1, count <= 1 << 40 / batchSize else {
      throw ElbowError(.feed, "\(count) steps of batches of \(batchSize) cannot be run; both are at least 1.")
    }
    guard order.map({ $0.count == count * batchSize }) ?? true else {
      throw ElbowError(
        .feed,
        "The order of \(count) steps of '\(signature.name)' has \(order?.count ?? 0) rows, but with batches of \(batchSize) "
          + "it must have \(count * batchSize).")
    }
    _ = try binding.bind(inputs)
    var outputs = try signature.outputs.map { output in
      let extents = try output.shape.map { dimension in
        guard case .fixed(let extent) = dimension else {
          throw ElbowError(
            .feed,
            "The output '\(output.name)' of '\(signature.name)' depends on the batch, so many steps have no array for it."
          )
        }
        return extent
      }
      try checkMemory(
        for: HostArray.byteCount(dtype: output.dtype, shape: [count] + extents), name: output.name)
      return try HostArray(zeros: [count] + extents, dtype: output.dtype)
    }
    let status = try withSteps(of: &outputs) { arrays in
      binding.withData(of: inputs) {
        call(arrays, batchSize: Int64(batchSize), count: Int64(count), order: order)
      }
    }
    try handle.check(status, argumentKind: .feed, doing: "run \(count) steps of '\(signature.name)'")
    try requireChecks(outputs)
    return outputs
  }

  private func call(
    _ outputs: UnsafeMutableBufferPointer<elbow_array>, batchSize: Int64, count: Int64, order: [Int64]?
  ) -> elbow_status {
    func call(_ rows: UnsafePointer<Int64>?) -> elbow_status {
      handle.functions.runSteps(
        handle.model, name, binding.arrays.baseAddress, Int32(binding.arrays.count), batchSize, count, rows,
        outputs.baseAddress, Int32(outputs.count))
    }
    guard let order else { return call(nil) }
    return order.withUnsafeBufferPointer { call($0.baseAddress) }
  }

  /// The outputs as C arrays for as long as `body` runs.
  private func withSteps(
    of outputs: inout [HostArray], _ body: (UnsafeMutableBufferPointer<elbow_array>) -> elbow_status
  ) throws -> elbow_status {
    let arrays = UnsafeMutableBufferPointer<elbow_array>.allocate(capacity: outputs.count)
    let extents = UnsafeMutableBufferPointer<Int64>.allocate(capacity: outputs.reduce(1) { $0 + $1.shape.count })
    defer {
      arrays.deallocate()
      extents.deallocate()
    }
    extents.initialize(repeating: 0)
    arrays.initialize(repeating: elbow_array())
    var start = 0
    for (index, output) in outputs.enumerated() {
      for (axis, extent) in output.shape.enumerated() { extents[start + axis] = Int64(extent) }
      arrays[index] = elbow_array(
        data: nil, shape: extents.baseAddress.map { $0 + start }, rank: Int32(output.shape.count),
        dtype: output.dtype.abiCode)
      start += output.shape.count
    }
    return outputs.withUnsafeMutableBufferPointer { pin($0, arrays, from: 0, body) }
  }

  private func pin(
    _ outputs: UnsafeMutableBufferPointer<HostArray>, _ arrays: UnsafeMutableBufferPointer<elbow_array>,
    from index: Int,
    _ body: (UnsafeMutableBufferPointer<elbow_array>) -> elbow_status
  ) -> elbow_status {
    guard index < outputs.count else { return body(arrays) }
    return outputs[index].withUnsafeMutableBytes { bytes in
      arrays[index].data = bytes.baseAddress
      return pin(outputs, arrays, from: index + 1, body)
    }
  }
}
