import ElbowGraph

/// The common part of the layers that make one figure of all places of each channel, such as ``GlobalAveragePooling2D``:
/// `[n, spatial..., channels]` becomes `[n, channels]`. Spatial extents need not be known.
public class GlobalPoolingLayer: Layer {
  /// Whether the spatial axes stay, with extents of 1.
  public let keepDims: Bool

  private let axes: SpatialAxes
  private let operation: PoolingOperation

  init(_ axes: SpatialAxes, _ operation: PoolingOperation, keepDims: Bool) {
    self.axes = axes
    self.operation = operation
    self.keepDims = keepDims
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.graph.located {
      guard input.isValid else { return input }
      guard input.rank == axes.count + 2, input.dtype.isFloatingPoint else {
        let name = "Global\(operation == .mean ? "Average" : "Max")Pooling\(axes.count)D()"
        return input.graph.invalid(
          input.dtype.isFloatingPoint ? .shape : .dtype,
          "\(name) cannot be applied to \(input.type): its input is \(axes.things) \(axes.shape()) of floating point.")
      }
      return operation == .mean
        ? input.mean(axes: axes.positions, keepDims: keepDims) : input.max(axes: axes.positions, keepDims: keepDims)
    }
  }
}

/// The largest element of each channel of series `[n, steps, channels]`.
public final class GlobalMaxPooling1D: GlobalPoolingLayer {
  /// - Parameter keepDims: Whether the spatial axes stay, with extents of 1.
  public init(keepDims: Bool = false) { super.init(.one, .maximum, keepDims: keepDims) }
}

/// The largest element of each channel of images `[n, height, width, channels]`.
public final class GlobalMaxPooling2D: GlobalPoolingLayer {
  /// - Parameter keepDims: Whether the spatial axes stay, with extents of 1.
  public init(keepDims: Bool = false) { super.init(.two, .maximum, keepDims: keepDims) }
}

/// The largest element of each channel of volumes `[n, depth, height, width, channels]`.
public final class GlobalMaxPooling3D: GlobalPoolingLayer {
  /// - Parameter keepDims: Whether the spatial axes stay, with extents of 1.
  public init(keepDims: Bool = false) { super.init(.three, .maximum, keepDims: keepDims) }
}

/// The mean of each channel of series `[n, steps, channels]`.
public final class GlobalAveragePooling1D: GlobalPoolingLayer {
  /// - Parameter keepDims: Whether the spatial axes stay, with extents of 1.
  public init(keepDims: Bool = false) { super.init(.one, .mean, keepDims: keepDims) }
}

/// The mean of each channel of images `[n, height, width, channels]`.
public final class GlobalAveragePooling2D: GlobalPoolingLayer {
  /// - Parameter keepDims: Whether the spatial axes stay, with extents of 1.
  public init(keepDims: Bool = false) { super.init(.two, .mean, keepDims: keepDims) }
}

/// The mean of each channel of volumes `[n, depth, height, width, channels]`.
public final class GlobalAveragePooling3D: GlobalPoolingLayer {
  /// - Parameter keepDims: Whether the spatial axes stay, with extents of 1.
  public init(keepDims: Bool = false) { super.init(.three, .mean, keepDims: keepDims) }
}
