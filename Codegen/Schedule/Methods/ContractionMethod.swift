import ElbowGraph

/// The building block that computes a contraction.
package enum ContractionMethod: Sendable, Hashable {
  /// Tiles of registers over panels of the right operand, of any size. With `isCopied` the operand is put into order before, by
  /// whoever multiplies some rows by it.
  case panels(isCopied: Bool)
  /// Vectors along the depth, whose lanes are added up at the end: both operands' steps of the depth lie side by side.
  case dots
  /// A function for this size alone.
  case fixedTile(FixedProduct)
  /// A convolution with fewer multiplications than it has products.
  case winograd(WinogradConvolution)
  /// A library's product, of matrices as they lie in memory.
  case library

  /// The convolution with fewer multiplications, if it is one.
  package var winograd: WinogradConvolution? { if case .winograd(let convolution) = self { convolution } else { nil } }
}

extension ContractionMethod: CustomStringConvertible {
  package var description: String {
    switch self {
    case .panels(let isCopied): isCopied ? "panels, right operand copied" : "panels"
    case .dots: "dots"
    case .fixedTile(let product): "fixed tile of \(product.rows) x \(product.columns)"
    case .winograd(let convolution): "Winograd \(convolution.notation)"
    case .library: "library"
    }
  }
}

/// A product whose rows are not those of the batch: its size and strides are known, only its depth may depend on the batch.
package struct FixedProduct: Sendable, Hashable {
  package var rows: Int
  package var columns: Int
  /// The steps of the left operand from row to row and along the depth, and those of the right operand and the result.
  package var leftRow: Int
  package var leftDepth: Int
  package var rightDepth: Int
  package var resultRow: Int
  /// The tiles for each kind of registers, in the order of `RegisterTile.Registers.all`.
  package var tiles: [RegisterTile]
}

extension Kernel {
  /// The contraction's innermost loop over what is summed. The rows of a slice are not it where they lie side by side: the building
  /// block could give them lanes, and the sum would depend on the rows of a tile.
  package func depth(of body: ContractionBody) -> Int? {
    guard let last = body.contracted.last else { return nil }
    let isInLanes = isPartial && last == partition?.id && body.left.index.coefficients[last] == 1
    return isInLanes ? nil : last
  }

  /// The convolution with fewer multiplications that the kernel is computed as, if it is.
  package var winograd: WinogradConvolution? {
    if case .contraction(let body) = body { body.method.winograd } else { nil }
  }

  /// Whether a library computes the kernel.
  package var usesLibrary: Bool { if case .contraction(let body) = body { body.method == .library } else { false } }
}
