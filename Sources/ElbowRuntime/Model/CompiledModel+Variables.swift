import ElbowArrays

extension CompiledModel {
  /// The names of the variables, in the manifest's order.
  public var variableNames: [String] { manifest.variables.map(\.name) }

  /// A copy of a variable, with the shape and dtype that the manifest gives.
  ///
  /// - Throws: ``ElbowError`` of kind `invalidArgument` when there is no such variable, `library` when the library fails.
  public func value(of name: String) throws -> HostArray {
    let variable = try variable(name)
    let byteCount = try HostArray.byteCount(dtype: variable.dtype, shape: variable.shape)
    // The library refuses a NULL, which is what an array without elements may have for an address.
    guard byteCount > 0 else { return try HostArray(zeros: variable.shape, dtype: variable.dtype) }
    var bytes = [UInt8](repeating: 0, count: byteCount)
    let status = bytes.withUnsafeMutableBytes {
      handle.functions.getState(handle.model, name, $0.baseAddress, UInt64($0.count))
    }
    try handle.check(status, argumentKind: .library, doing: "read the variable '\(name)'")
    return try HostArray(dtype: variable.dtype, shape: variable.shape, bytes: bytes)
  }

  /// Sets a variable to an array of its own shape and dtype.
  ///
  /// - Throws: ``ElbowError`` of kind `invalidArgument` when there is no such variable or the array does not fit it,
  ///   `library` when the library fails.
  public func setValue(_ value: HostArray, of name: String) throws {
    let variable = try variable(name)
    guard value.dtype == variable.dtype, value.shape == variable.shape else {
      throw namingTheCallersLine(
        ElbowError(
          .invalidArgument,
          "The variable '\(name)' is \(variable.dtype)\(variable.shape) and cannot be set to \(value.dtype)\(value.shape)."
        ))
    }
    guard value.count > 0 else { return }
    let status = value.withUnsafeBytes {
      handle.functions.setState(handle.model, name, $0.baseAddress, UInt64($0.count))
    }
    try handle.check(status, argumentKind: .library, doing: "set the variable '\(name)'")
  }
}
