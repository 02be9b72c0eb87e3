/// How a product finds its right operand, whose neighbours have to lie together.
enum RightOrder {
  /// The columns lie side by side, and fill vectors.
  case columns
  /// The steps of the depth do, as where a gradient by a layer's input reads the weight, and fill vectors whose lanes are added
  /// up at the end.
  case depth
  /// The steps of the depth do, but are too few for that. The operand is so small that whoever multiplies some rows by it
  /// copies it into order before; to do that once, all threads would have to wait.
  case copied

  /// From here on the lanes that are added up count little beside the depth; vectors along a few columns would be mostly empty.
  static func leastDepth(columns: Int) -> Int { columns <= 4 ? 64 : 256 }
  /// The most elements that are copied with each tile.
  static let mostCopied = 4096
}

extension Kernel {
  /// How a contraction finds its right operand; nil if that has to be put into order first.
  var rightOrder: RightOrder? {
    guard case .contraction(let body) = self.body else { return nil }
    guard let column = body.columns.last else { return .columns }
    // An operand that is stretched along the result's last axes has its columns before those: they would be written with gaps.
    guard body.result.index.coefficients[column] == 1 else { return nil }
    guard body.right.index.coefficients[column] != 1 else { return .columns }
    guard let product = matrixProduct, product.right.index.coefficients[product.contracted[0]] == 1,
      let columns = loops.first(where: { $0.id == column })?.extent.value,
      let depth = loops.first(where: { $0.id == product.contracted[0] })?.extent.value
    else { return nil }
    if depth >= RightOrder.leastDepth(columns: columns), product.left.index.coefficients[product.contracted[0]] == 1 {
      return .depth
    }
    return columns * depth <= RightOrder.mostCopied ? .copied : nil
  }
}
