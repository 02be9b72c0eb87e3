import ElbowArrays

extension Tensor {
  /// The tensor stretched to a shape: axes aligned at the end, extents of 1 repeated.
  public func broadcast(to shape: Shape) -> Tensor {
    shape == self.shape ? self : graph.apply(Broadcast(to: shape), [self])
  }

  /// The same elements under another shape.
  public func reshaped(to shape: Shape) -> Tensor {
    shape == self.shape ? self : graph.apply(Reshape(to: shape), [self])
  }

  /// The same elements under another shape; one extent may be -1 and is then what the others leave.
  public func reshaped(_ extents: [Int]) -> Tensor {
    graph.located {
      guard isValid else { return self }
      guard extents.filter({ $0 == -1 }).count <= 1, extents.allSatisfy({ $0 >= -1 }) else {
        return graph.invalid(
          .shape, "\(type) cannot be reshaped to \(extents): at most one extent may be -1, and none less.")
      }
      let known = extents.filter { $0 != -1 }.reduce(Dimension(1)) { $0 * Dimension($1) }
      guard extents.contains(-1) else { return reshaped(to: Shape(extents)) }
      guard let rest = shape.elementCount.dividedExactly(by: known) else {
        return graph.invalid(
          .shape,
          "\(type) cannot be reshaped to \(extents): its \(shape.elementCount) elements do not divide by \(known).")
      }
      return reshaped(to: Shape(extents.map { $0 == -1 ? rest : Dimension($0) }))
    }
  }

  /// All axes from `axis` on as one.
  public func flattened(from axis: Int = 1) -> Tensor {
    graph.located {
      guard isValid, axis >= 0, axis <= rank else {
        return isValid
          ? graph.invalid(.shape, "\(type) cannot be flattened from axis \(axis); expected 0 to \(rank).") : self
      }
      return reshaped(to: shape[0..<axis] + [shape[axis..<rank].elementCount])
    }
  }

  /// The tensor with an axis of extent 1 at `axis`.
  public func expandedDims(_ axis: Int) -> Tensor {
    graph.located {
      guard isValid else { return self }
      let position = axis < 0 ? axis + rank + 1 : axis
      guard (0...rank).contains(position) else {
        return graph.invalid(.shape, "\(type) cannot get an axis at \(axis); expected \(-rank - 1) to \(rank).")
      }
      var dimensions = shape.dimensions
      dimensions.insert(1, at: position)
      return reshaped(to: Shape(dimensions))
    }
  }

  /// The tensor without the given axes, whose extents must be 1.
  public func squeezed(axes: [Int]) -> Tensor {
    graph.located {
      guard isValid else { return self }
      guard let axes = normalized(axes: axes, for: "squeezed") else { return graph.invalid(nil) }
      if let axis = axes.first(where: { shape.dimensions[$0] != 1 }) {
        return graph.invalid(
          .shape, "'squeezed' of \(type): axis \(axis) has the extent \(shape.dimensions[axis]); only axes of 1 can go."
        )
      }
      return reshaped(to: Shape(shape.dimensions.indices.filter { !axes.contains($0) }.map { shape.dimensions[$0] }))
    }
  }

  /// Axis `i` of the result is axis `permutation[i]`.
  public func transposed(_ permutation: [Int]) -> Tensor {
    permutation == [Int](0..<rank) && isValid ? self : graph.apply(Transpose(permutation), [self])
  }

  /// The last two axes exchanged.
  public var transpose: Tensor {
    graph.located {
      guard rank >= 2 else {
        return isValid ? graph.invalid(.shape, "'transpose' of \(type): it needs two axes.") : self
      }
      var permutation = [Int](0..<rank)
      permutation.swapAt(rank - 1, rank - 2)
      return transposed(permutation)
    }
  }

  /// Every `strides[i]`-th element of axis `i`, `sizes[i]` of them, from `starts[i]`.
  public func sliced(starts: [Dimension], sizes: [Dimension], strides: [Int]) -> Tensor {
    let isWhole = starts.allSatisfy { $0 == 0 } && Shape(sizes) == shape && strides.allSatisfy { $0 == 1 }
    return isWhole ? self : graph.apply(Slice(starts: starts, sizes: sizes, strides: strides), [self])
  }

  /// The elements of some axes in reverse order.
  public func reversed(axes: [Int]) -> Tensor {
    graph.located {
      guard isValid else { return self }
      guard let axes = normalized(axes: axes, for: "reverse") else { return graph.invalid(nil) }
      let starts = shape.dimensions.enumerated().map { axes.contains($0) ? $1 - 1 : 0 }
      return sliced(
        starts: starts, sizes: shape.dimensions, strides: shape.dimensions.indices.map { axes.contains($0) ? -1 : 1 })
    }
  }

  /// The tensor with `value` around it and between its elements.
  public func padded(low: [Dimension], high: [Dimension], interior: [Int]? = nil, value: Double = 0) -> Tensor {
    let interior = interior ?? [Int](repeating: 0, count: low.count)
    if (low + high).allSatisfy({ $0 == 0 }) && interior.allSatisfy({ $0 == 0 }) { return self }
    return graph.apply(Pad(low: low, high: high, interior: interior, value: value), [self])
  }

  /// Axes counted from the start, sorted; records a mistake and returns nil if one does not exist or comes twice.
  func normalized(axes: [Int], for name: String) -> [Int]? {
    let found = axes.compactMap { shape.normalized(axis: $0) }
    guard found.count == axes.count, Set(found).count == found.count else {
      let reason =
        axes.first { shape.normalized(axis: $0) == nil }.map { axis in
          rank == 0
            ? "a scalar has no axes" : "it has no axis \(axis); axes go from 0 to \(rank - 1), or from -\(rank) to -1"
        } ?? "\(axes) name an axis twice"
      _ = graph.invalid(.shape, "'\(name)' of \(type): \(reason).")
      return nil
    }
    return found.sorted()
  }
}

/// Tensors one after the other along an axis.
public func concatenate(_ tensors: [Tensor], axis: Int) -> Tensor {
  guard let graph = tensors.first?.graph else { return nothing(toDo: "concatenate") }
  return graph.located {
    let first = tensors[0]
    guard tensors.count > 1, tensors.allSatisfy({ $0.isValid && $0.graph === first.graph && $0.rank == first.rank }),
      let axis = first.shape.normalized(axis: axis)
    else {
      let isWhole = tensors.count == 1 && (!first.isValid || first.shape.normalized(axis: axis) != nil)
      return isWhole ? first : first.graph.apply(Concatenate(axis: axis), tensors)
    }
    for tensor in tensors.dropFirst() {
      for other in 0..<first.rank where other != axis { first.unify(other, with: tensor, other) }
    }
    return first.graph.apply(Concatenate(axis: axis), tensors)
  }
}

/// Tensors of one shape along a new axis.
public func stack(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
  guard let graph = tensors.first?.graph else { return nothing(toDo: "stack") }
  return graph.located { concatenate(tensors.map { $0.expandedDims(axis) }, axis: axis) }
}

/// An invalid tensor where no operand says which graph it belongs to: it has one of its own, so that its use is a mistake
/// of whatever graph it is used in.
private func nothing(toDo name: String) -> Tensor {
  Graph().invalid(.invalidArgument, "'\(name)' needs at least one tensor, but was given none.")
}

extension Tensor {
  /// Notes that two extents have to agree, if they can.
  func unify(_ axis: Int, with other: Tensor, _ otherAxis: Int) {
    let (a, b) = (shape[axis], other.shape[otherAxis])
    if a != b, a.isSymbolic || b.isSymbolic, a.canEqual(b) { graph.require(a, equals: b) }
  }
}

extension Tensor {
  /// A part of the tensor, as NumPy's basic indexing has it: `x[.all, ..<2]`, `x[3]`, `x[.ellipsis, 0]`.
  ///
  /// Negative positions count from the end. A position outside the extent is a mistake, not cut off; of a symbolic extent
  /// that is what does not lie within it when all symbols are 1: of `n`, `x[0...]` and `x[..<1]` are parts, `x[1...]` not.
  public subscript(parts: any TensorIndexConvertible...) -> Tensor {
    part(parts.map(\.tensorIndex))
  }

  /// The part that a subscript's parts stand for.
  package func part(_ parts: [TensorIndex]) -> Tensor {
    graph.located { isValid ? TensorSlicer(self, parts).result() : self }
  }
}

/// Works out what a subscript means.
private struct TensorSlicer {
  let tensor: Tensor
  let parts: [TensorIndex]
  var starts: [Dimension] = []
  var sizes: [Dimension] = []
  var strides: [Int] = []
  var kept: [Dimension] = []

  init(_ tensor: Tensor, _ parts: [TensorIndex]) {
    self.tensor = tensor
    self.parts = parts
  }

  func result() -> Tensor {
    var copy = self
    return copy.slice()
  }

  private mutating func slice() -> Tensor {
    let consuming = parts.filter { if case .newAxis = $0 { false } else if case .ellipsis = $0 { false } else { true } }
      .count
    guard consuming <= tensor.rank else {
      return tensor.graph.invalid(
        .shape, "A subscript of \(consuming) parts does not fit \(tensor.type); expected at most \(tensor.rank).")
    }
    var hasEllipsis = false
    for part in parts {
      switch part {
      case .newAxis: kept.append(1)
      case .ellipsis:
        if !hasEllipsis {
          for _ in 0..<(tensor.rank - consuming) { take(0, tensor.shape[starts.count], 1, keep: true) }
        }
        hasEllipsis = true
      case .all: take(0, tensor.shape[starts.count], 1, keep: true)
      case .index(let position):
        let extent = tensor.shape[starts.count]
        take(position < 0 ? extent + Dimension(position) : Dimension(position), 1, 1, keep: false)
      case .range(let lower, let upper, let step):
        guard step != 0, step.magnitude < 1 << 31 else {
          return tensor.graph.invalid(
            .invalidArgument, "A subscript's step cannot be \(step): it is not 0, and less than 2^31 either way.")
        }
        let extent = tensor.shape[starts.count]
        let from = lower.map { $0 < 0 ? extent + Dimension($0) : Dimension($0) } ?? (step > 0 ? 0 : extent - 1)
        let to = upper.map { $0 < 0 ? extent + Dimension($0) : Dimension($0) } ?? (step > 0 ? extent : -1)
        let span = step > 0 ? to - from : from - to
        guard let size = step.magnitude == 1 ? span : span.value.map({ Dimension(($0 + abs(step) - 1) / abs(step)) })
        else {
          return tensor.graph.invalid(
            .shape, "A step over the symbolic extent \(extent) of \(tensor.type) is not supported.")
        }
        take(from, size, step, keep: true)
      }
    }
    while starts.count < tensor.rank { take(0, tensor.shape[starts.count], 1, keep: true) }
    return tensor.sliced(starts: starts, sizes: sizes, strides: strides).reshaped(to: Shape(kept))
  }

  private mutating func take(_ start: Dimension, _ size: Dimension, _ stride: Int, keep: Bool) {
    starts.append(start)
    sizes.append(size)
    strides.append(stride)
    if keep { kept.append(size) }
  }
}
