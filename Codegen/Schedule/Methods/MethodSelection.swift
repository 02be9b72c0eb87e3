import ElbowArrays
import ElbowGraph

/// Chooses the building block of each contraction and nest, and the maps that are transpositions.
struct MethodSelection {
  private var schedule: Schedule
  private let backend: ContractionBackend

  init(_ schedule: Schedule, _ options: SchedulingOptions) {
    self.schedule = schedule
    backend = options.contractions
  }

  func selected() -> Schedule {
    var copy = schedule
    for index in copy.kernels.indices {
      let kernel = schedule.kernels[index]
      switch kernel.body {
      case .map: copy.kernels[index].transposition = Transposition(kernel)
      case .contraction(var body):
        body.method = method(kernel, body)
        copy.kernels[index].body = .contraction(body)
        // A library has no tiles to claim variables with.
        if backend == .openBLAS { copy.kernels[index].claims = [] }
      case .nest(var body):
        body.method = method(kernel, body)
        copy.kernels[index].body = .nest(body)
      case .scan: break
      }
    }
    return copy
  }

  private func method(_ kernel: Kernel, _ body: ContractionBody) -> ContractionMethod {
    if backend == .openBLAS, kernel.isLibraryProduct(body) { return .library }
    if backend == .emitted, let winograd = WinogradConvolution(kernel, body) { return .winograd(winograd) }
    switch kernel.rightOrder {
    case .depth: return .dots
    case .copied: return .panels(isCopied: true)
    default: return FixedProduct(kernel, body).map { .fixedTile($0) } ?? .panels(isCopied: false)
    }
  }

  private func method(_ kernel: Kernel, _ body: NestBody) -> NestMethod {
    if backend == .openBLAS, let call = LibraryCall(schedule, kernel, body) { return .library(call) }
    return RowsInLanes(schedule.buffers, kernel, body).map { .lanes($0) } ?? .rows
  }
}

extension FixedProduct {
  /// - Returns: nil if a size or a stride is not known, if rows are the batch's, or another kernel finishes the tiles.
  init?(_ kernel: Kernel, _ body: ContractionBody) {
    let (row, column, depth) = (body.rows.last, body.columns.last, kernel.depth(of: body))
    func size(_ id: Int?) -> Int? { id == nil ? 1 : kernel.loops.first { $0.id == id }?.extent.value }
    func step(_ access: Access, _ id: Int?) -> Int? {
      id.flatMap { access.index.coefficients[$0] }.map(\.value) ?? 0
    }
    guard kernel.epilogue.isEmpty, row == nil || row != kernel.partition?.id, let rows = size(row),
      let columns = size(column), let leftRow = step(body.left, row), let leftDepth = step(body.left, depth),
      let rightDepth = step(body.right, depth), let resultRow = step(body.result, row)
    else { return nil }
    // Before the depth comes the loop over runs of it.
    let steps = [depth, body.contracted.dropLast().last].map { size($0) ?? 64 }.reduce(1, *)
    let tiles = RegisterTile.Registers.all.map {
      RegisterTile(rows: rows, columns: columns, depth: steps, elementBytes: body.dtype.byteCount, registers: $0)
    }
    self.init(
      rows: rows, columns: columns, leftRow: leftRow, leftDepth: leftDepth, rightDepth: rightDepth,
      resultRow: resultRow, tiles: tiles)
  }
}
