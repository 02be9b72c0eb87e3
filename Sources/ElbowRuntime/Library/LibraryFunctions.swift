import CElbowABI
import ElbowArrays

/// The functions of a library's table, each known to be there.
struct LibraryFunctions {
  typealias Arrays = UnsafePointer<elbow_array>?

  let create: @convention(c) (UnsafePointer<elbow_options>?, UnsafeMutablePointer<OpaquePointer?>?) -> elbow_status
  let destroy: @convention(c) (OpaquePointer?) -> Void
  let initialize: @convention(c) (OpaquePointer?, UInt64) -> elbow_status
  let outputShape:
    @convention(c) (
      OpaquePointer?, UnsafePointer<CChar>?, Arrays, Int32, Int32, UnsafeMutablePointer<Int64>?, Int32
    ) -> elbow_status
  let run:
    @convention(c) (
      OpaquePointer?, UnsafePointer<CChar>?, Arrays, Int32, UnsafeMutablePointer<elbow_array>?, Int32
    ) -> elbow_status
  let getState: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, UnsafeMutableRawPointer?, UInt64) -> elbow_status
  let setState: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, UnsafeRawPointer?, UInt64) -> elbow_status
  let getRandomState:
    @convention(c) (OpaquePointer?, UnsafeMutablePointer<UInt64>?, UnsafeMutablePointer<UInt64>?) -> Void
  let setRandomState: @convention(c) (OpaquePointer?, UInt64, UInt64) -> Void
  let setThreads: @convention(c) (OpaquePointer?, Int32) -> elbow_status
  let lastError: @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>?
  let runSteps:
    @convention(c) (
      OpaquePointer?, UnsafePointer<CChar>?, Arrays, Int32, Int64, Int64, UnsafePointer<Int64>?,
      UnsafeMutablePointer<elbow_array>?, Int32
    ) -> elbow_status
  /// Nil where the model has no density to draw from.
  let drawChains:
    (
      @convention(c) (
        OpaquePointer?, UnsafePointer<CChar>?, Arrays, Int32, UnsafePointer<elbow_sampler_options>?,
        UnsafeMutablePointer<elbow_chains>?
      ) -> elbow_status
    )?

  /// - Throws: ``ElbowError`` of kind `library` when a function is missing; `path` is where the library is.
  init(_ table: elbow_library, path: String) throws {
    func present<Function>(_ function: Function?, _ name: String) throws -> Function {
      guard let function else {
        throw ElbowError(.library, "The library '\(path)' cannot be used: its table has no function '\(name)'.")
      }
      return function
    }
    create = try present(table.create, "create")
    destroy = try present(table.destroy, "destroy")
    initialize = try present(table.initialize, "initialize")
    outputShape = try present(table.output_shape, "output_shape")
    run = try present(table.run, "run")
    getState = try present(table.get_state, "get_state")
    setState = try present(table.set_state, "set_state")
    getRandomState = try present(table.get_random_state, "get_random_state")
    setRandomState = try present(table.set_random_state, "set_random_state")
    setThreads = try present(table.set_threads, "set_threads")
    lastError = try present(table.last_error, "last_error")
    runSteps = try present(table.run_steps, "run_steps")
    drawChains = table.draw_chains
  }
}
