/// The part of a product's result that stays in registers while the depth runs: some rows, some vectors wide.
package struct RegisterTile: Sendable, Hashable {
  package var rows: Int
  package var vectors: Int

  /// The registers that a tile has to fit.
  package struct Registers: Sendable, Hashable {
    package var count: Int
    package var lanes: Int

    /// In the order of the prelude's `EL_BY_REGISTERS`.
    package static let all = [
      Registers(count: 32, lanes: 16), Registers(count: 16, lanes: 8), Registers(count: 32, lanes: 4),
      Registers(count: 16, lanes: 4),
    ]
  }

  /// The tile that covers a product of known size in the least time.
  ///
  /// A step of the depth takes a multiply-add for each register of the tile, a load for each row and vector, and at least
  /// what a multiply-add takes from start to end; two of each begin in a cycle. The right operand comes from the
  /// second-level cache if a panel of it is larger than half of the first, at some 24 bytes a cycle.
  package init(rows: Int, columns: Int, depth: Int, elementBytes: Int, registers: Registers) {
    // A vector of float64 fills two registers.
    let width = max(1, elementBytes / 4)
    let all = (columns + registers.lanes - 1) / registers.lanes
    var best = RegisterTile(rows: 1, vectors: 1)
    var least = Double.infinity
    for vectors in 1...max(1, min(all, 7)) {
      // The highest first: of tiles alike it reads the right operand least often.
      for height in (1...max(1, min(rows, 16))).reversed()
      where (height * vectors + vectors) * width + 1 <= registers.count || height * vectors == 1 {
        var total = 0.0
        for (panel, times) in RegisterTile.cover(all, by: vectors) {
          for (tile, repeats) in RegisterTile.cover(rows, by: height) {
            total +=
              Double(times * repeats)
              * time(RegisterTile(rows: tile, vectors: panel), depth, width, elementBytes * registers.lanes)
          }
        }
        if total < least * 0.999 { (least, best) = (total, RegisterTile(rows: height, vectors: vectors)) }
      }
    }
    self = best
  }

  private init(rows: Int, vectors: Int) {
    self.rows = rows
    self.vectors = vectors
  }

  /// How `count` is covered by pieces of `size` and what remains.
  private static func cover(_ count: Int, by size: Int) -> [(piece: Int, times: Int)] {
    [(size, count / size), (count % size, 1)].filter { $0.0 > 0 && $0.1 > 0 }
  }
}

/// The cycles of one tile.
private func time(_ tile: RegisterTile, _ depth: Int, _ width: Int, _ vectorBytes: Int) -> Double {
  let sums = Double(tile.rows * tile.vectors * width)
  var step = max(sums / 2, Double(tile.rows + tile.vectors * width) / 2, 4)
  if depth * tile.vectors * vectorBytes > 24576 { step = max(step, Double(tile.vectors * vectorBytes) / 24) }
  return step * Double(depth) + sums + 10
}
