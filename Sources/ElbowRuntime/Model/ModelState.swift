import ElbowArrays
import ElbowManifest
import Foundation

/// The memory that holds a model's variables, 64-byte aligned, which models of one graph can share in turn.
///
/// It starts as zeros; call ``CompiledModel/initialize(seed:)`` of the first model that uses it, or set the variables.
/// Models that share a state must not run at the same time, so neither this class nor ``CompiledModel`` is `Sendable`.
public final class ModelState {
  /// The alignment that the compiled code relies on.
  public static let alignment = 64

  /// The number of bytes.
  public let byteCount: Int
  /// The layout that models must have to use this state: ``Manifest/stateLayoutFingerprint``.
  public let layoutFingerprint: String
  let pointer: UnsafeMutableRawPointer
  private let allocation: UnsafeMutableRawPointer

  /// Memory for the variables of models with this manifest's layout.
  ///
  /// - Throws: ``ElbowError`` of kind `library` when there is not that much memory.
  public init(for manifest: Manifest) throws {
    byteCount = manifest.stateByteCount
    layoutFingerprint = manifest.stateLayoutFingerprint
    // calloc leaves large memory untouched until it is used; posix_memalign and a loop would not.
    guard byteCount >= 0, byteCount <= Manifest.Limits.stateByteCount,
      let allocation = calloc(byteCount + ModelState.alignment, 1)
    else {
      throw ElbowError(
        .library, "There is no memory for the \(byteCount) bytes of state of the model '\(manifest.name)'.")
    }
    self.allocation = allocation
    pointer = allocation.alignedUp(toMultipleOf: ModelState.alignment)
  }

  deinit { free(allocation) }

  /// Calls `body` with all bytes, to be copied or saved.
  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try body(UnsafeRawBufferPointer(start: pointer, count: byteCount))
  }

  /// Calls `body` with all bytes, to be changed in place.
  public func withUnsafeMutableBytes<Result>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try body(UnsafeMutableRawBufferPointer(start: pointer, count: byteCount))
  }

  /// Checks that a model of this manifest can use the state.
  func check(fits manifest: Manifest) throws {
    guard manifest.stateLayoutFingerprint == layoutFingerprint, manifest.stateByteCount == byteCount else {
      throw ElbowError(
        .library,
        "The model '\(manifest.name)' cannot use this state: its variables are laid out otherwise "
          + "(\(manifest.stateByteCount) bytes, layout \(manifest.stateLayoutFingerprint)) than those the state was made "
          + "for (\(byteCount) bytes, layout \(layoutFingerprint)).")
    }
  }
}
