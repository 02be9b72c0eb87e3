import ElbowGraph

/// The elements of all axes but the first, the batch, under another shape: what ``Flatten`` undoes.
///
///     Unflatten([7, 7, 32])  // [n, 1568] -> [n, 7, 7, 32]
public final class Unflatten: Layer {
  /// The shape without the batch; one extent may be -1 and is then what the others leave.
  public let extents: [Int]

  /// A layer that gives examples a shape. One that the elements do not fill is recorded as a mistake when it is called.
  ///
  /// - Parameter extents: The shape without the batch; one extent may be -1 and is then what the others leave.
  public init(_ extents: [Int]) { self.extents = extents }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.graph.located {
      guard input.isValid else { return input }
      guard input.rank >= 1 else {
        return input.graph.invalid(
          .shape, "Unflatten(\(extents)) cannot be applied to \(input.type): it has no batch axis.")
      }
      guard extents.contains(-1) else { return input.reshaped(to: input.shape[0..<1] + Shape(extents)) }
      let known = extents.filter { $0 != -1 }.reduce(1, *)
      guard extents.filter({ $0 == -1 }).count == 1, known > 0,
        let rest = input.shape[1..<input.rank].elementCount.dividedExactly(by: Dimension(known))
      else {
        return input.graph.invalid(
          .shape,
          "Unflatten(\(extents)) cannot be applied to \(input.type): the elements do not divide into that shape.")
      }
      return input.reshaped(to: input.shape[0..<1] + Shape(extents.map { $0 == -1 ? rest : Dimension($0) }))
    }
  }
}
