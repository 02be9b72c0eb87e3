import ElbowGraph

/// The common part of the pooling layers, such as ``MaxPool2D``: one figure for each window of `[n, spatial..., channels]`.
public class PoolingLayer: Layer {
  /// The window's extents, one for each axis that it slides along, at least 1.
  public let poolSize: [Int]
  /// The steps of the window, one for each axis.
  public let strides: [Int]
  /// The border around the input; its places do not count.
  public let padding: ConvolutionPadding

  private let axes: SpatialAxes
  private let operation: PoolingOperation

  init(
    _ axes: SpatialAxes, _ operation: PoolingOperation, _ poolSize: [Int], _ strides: [Int]?,
    _ padding: ConvolutionPadding
  ) {
    self.axes = axes
    self.operation = operation
    self.poolSize = poolSize
    self.strides = strides ?? poolSize
    self.padding = padding
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    pooling(axes, operation, input, size: poolSize, strides: strides, padding: padding)
  }
}

/// The largest element of each window of series `[n, steps, channels]`, as ``maxPool1D(_:size:strides:padding:)``.
public final class MaxPool1D: PoolingLayer {
  /// Windows of `poolSize`, one every `strides`; side by side if that is nil.
  public init(poolSize: Int = 2, strides: Int? = nil, padding: ConvolutionPadding = .valid) {
    super.init(.one, .maximum, [poolSize], strides.map { [$0] }, padding)
  }
}

/// The largest element of each window of images `[n, height, width, channels]`, as ``maxPool2D(_:size:strides:padding:)``.
public final class MaxPool2D: PoolingLayer {
  /// Windows of `poolSize`, one every `strides`; side by side if that is nil.
  public init(poolSize: SpatialPair = 2, strides: SpatialPair? = nil, padding: ConvolutionPadding = .valid) {
    super.init(.two, .maximum, poolSize.numbers, strides?.numbers, padding)
  }
}

/// The largest element of each window of volumes `[n, depth, height, width, channels]`, as ``maxPool3D(_:size:strides:padding:)``.
public final class MaxPool3D: PoolingLayer {
  /// Windows of `poolSize`, one every `strides`; side by side if that is nil.
  public init(poolSize: SpatialTriple = 2, strides: SpatialTriple? = nil, padding: ConvolutionPadding = .valid) {
    super.init(.three, .maximum, poolSize.numbers, strides?.numbers, padding)
  }
}

/// The mean of each window of series `[n, steps, channels]`, as ``avgPool1D(_:size:strides:padding:)``.
public final class AveragePool1D: PoolingLayer {
  /// Windows of `poolSize`, one every `strides`; side by side if that is nil.
  public init(poolSize: Int = 2, strides: Int? = nil, padding: ConvolutionPadding = .valid) {
    super.init(.one, .mean, [poolSize], strides.map { [$0] }, padding)
  }
}

/// The mean of each window of images `[n, height, width, channels]`, as ``avgPool2D(_:size:strides:padding:)``.
public final class AveragePool2D: PoolingLayer {
  /// Windows of `poolSize`, one every `strides`; side by side if that is nil.
  public init(poolSize: SpatialPair = 2, strides: SpatialPair? = nil, padding: ConvolutionPadding = .valid) {
    super.init(.two, .mean, poolSize.numbers, strides?.numbers, padding)
  }
}

/// The mean of each window of volumes `[n, depth, height, width, channels]`, as ``avgPool3D(_:size:strides:padding:)``.
public final class AveragePool3D: PoolingLayer {
  /// Windows of `poolSize`, one every `strides`; side by side if that is nil.
  public init(poolSize: SpatialTriple = 2, strides: SpatialTriple? = nil, padding: ConvolutionPadding = .valid) {
    super.init(.three, .mean, poolSize.numbers, strides?.numbers, padding)
  }
}
