import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// A tensor to its parts along the last axis, and back; the volume stays. Unlike a ``Bijector`` it has several results.
  public struct Split: CustomStringConvertible {
    /// The extents of the parts.
    public let sizes: [Int]
    /// The name given; the type's if none was.
    public let name: String

    /// A division of vectors into parts of the extents given.
    public init(_ sizes: [Int], name: String? = nil) {
      self.sizes = sizes
      self.name = name ?? "Split"
    }

    /// The parts of x, whose last axis has the extent of all of them together.
    public func forward(_ x: Tensor) -> [Tensor] {
      x.graph.located {
        guard x.isValid, check(x) else { return sizes.map { _ in x.graph.invalid() } }
        return splitSizes(x, sizes)
      }
    }

    /// The tensor of which these are the parts.
    public func inverse(_ parts: [Tensor]) -> Tensor {
      guard let graph = parts.first?.graph else { return Graph().invalid(.invalidArgument, "\(self) has no parts.") }
      return graph.located {
        guard parts.allSatisfy(\.isValid) else { return graph.invalid() }
        let fits = parts.allSatisfy { $0.rank >= 1 } && parts.count == sizes.count
        guard fits, zip(parts, sizes).allSatisfy({ $0.shape[-1].canEqual(Dimension($1)) }) else {
          return graph.invalid(
            .shape, "'inverse' of \(self): the parts are \(parts.map(\.type)), which have other last extents.")
        }
        return concatenate(parts, axis: -1)
      }
    }

    /// log |det| of the parts by x, which is 0, of the shape of the batch.
    public func forwardLogDetJacobian(_ x: Tensor, eventNDims: Int = 1) -> Tensor {
      x.graph.located {
        guard x.isValid, check(x) else { return x.graph.invalid() }
        return x.graph.zeros(x.shape.dropLast(max(1, eventNDims)), dtype: x.dtype)
      }
    }

    /// The negative of ``forwardLogDetJacobian(_:eventNDims:)``.
    public func inverseLogDetJacobian(_ parts: [Tensor], eventNDims: Int = 1) -> Tensor {
      forwardLogDetJacobian(inverse(parts), eventNDims: eventNDims)
    }

    private func check(_ x: Tensor) -> Bool {
      let total = sizes.reduce(0, +)
      if x.rank >= 1, sizes.allSatisfy({ $0 >= 1 }), x.shape[-1].canEqual(Dimension(total)) { return true }
      _ = x.graph.invalid(.shape, "\(self) cannot be applied to \(x.type), whose last axis must be \(total).")
      return false
    }

    /// `Split("Split", [2, 3])`.
    public var description: String { "Split(\"\(name)\", \(sizes))" }
  }
}

/// The parts of a tensor along the last axis.
func splitSizes(_ x: Tensor, _ sizes: [Int]) -> [Tensor] {
  var start = 0
  return sizes.map { size in
    defer { start += size }
    return part(x, axis: -1, from: Dimension(start), extent: Dimension(size))
  }
}
