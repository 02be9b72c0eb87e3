import CElbowABI
import ElbowArrays

/// Owns one `elbow_model`, and keeps alive what it needs.
final class ModelHandle {
  let library: LoadedLibrary
  let state: ModelState?
  let model: OpaquePointer

  var functions: LibraryFunctions { library.functions }

  /// Makes a model; one thread a core where `threads` is 0.
  init(library: LoadedLibrary, state: ModelState?, seed: UInt64, threads: Int) throws {
    let name = library.manifest.name
    try state?.check(fits: library.manifest)
    var options = elbow_options()
    options.struct_size = UInt32(MemoryLayout<elbow_options>.size)
    options.threads = try ModelHandle.threadCount(threads)
    options.seed = seed
    options.state = state?.pointer
    var model: OpaquePointer?
    let status = library.functions.create(&options, &model)
    guard status == ELBOW_OK, let model else {
      // There is no handle to ask for the reason.
      throw ElbowError(
        .library, "The model '\(name)' could not be created: \(ModelHandle.explanation(of: status)).")
    }
    self.library = library
    self.state = state
    self.model = model
  }

  deinit { functions.destroy(model) }

  /// Turns the status of a call on this handle into an error.
  ///
  /// - Parameters:
  ///   - argumentKind: the kind of a call with a bad argument.
  ///   - doing: what failed, to follow "failed to".
  @inline(__always)
  func check(_ status: elbow_status, argumentKind: ElbowError.Kind, doing: @autoclosure () -> String) throws {
    guard status == ELBOW_OK else { throw error(status, argumentKind: argumentKind, doing: doing()) }
  }

  private func error(_ status: elbow_status, argumentKind: ElbowError.Kind, doing: String) -> ElbowError {
    let kind: ElbowError.Kind =
      switch status {
      case ELBOW_NUMERICS: .numerics
      case ELBOW_NOT_FOUND, ELBOW_BAD_ARGUMENT: argumentKind
      default: .library
      }
    let reported = functions.lastError(model).map { String(cString: $0) } ?? ""
    var reason = reported.isEmpty ? ModelHandle.explanation(of: status) : reported
    if let last = reason.last, !".!?".contains(last) { reason += "." }
    return ElbowError(kind, "The model '\(library.manifest.name)' failed to \(doing): \(reason)")
  }

  private static func explanation(of status: elbow_status) -> String {
    switch status {
    case ELBOW_OK: "the library gave no model"
    case ELBOW_NOT_FOUND: "the library knows no signature or variable of that name"
    case ELBOW_BAD_ARGUMENT: "the library refused an argument"
    case ELBOW_OUT_OF_MEMORY: "there is not enough memory"
    case ELBOW_THREADS: "its threads could not be started"
    case ELBOW_NUMERICS: "a value became NaN or infinite"
    default: "the library gave the unknown status \(status.rawValue)"
    }
  }

  static func threadCount(_ threads: Int) throws -> Int32 {
    guard threads >= 0, let count = Int32(exactly: threads) else {
      throw ElbowError(
        .invalidArgument, "A model cannot run on \(threads) threads; give a positive number, or 0 for one per core.")
    }
    return count
  }
}
