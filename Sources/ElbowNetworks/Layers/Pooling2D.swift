import ElbowGraph

/// The largest element of each window of images `[n, height, width, channels]`, as ``maxPool2D(_:size:strides:padding:)``.
public final class MaxPool2D: Layer {
  public let poolSize: SpatialPair
  public let strides: SpatialPair
  public let padding: ConvolutionPadding

  /// Windows of `poolSize`, one every `strides`; side by side if that is nil.
  public init(poolSize: SpatialPair = 2, strides: SpatialPair? = nil, padding: ConvolutionPadding = .valid) {
    self.poolSize = poolSize
    self.strides = strides ?? poolSize
    self.padding = padding
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    maxPool2D(input, size: poolSize.numbers, strides: strides.numbers, padding: padding)
  }
}

/// The mean of each window of images `[n, height, width, channels]`, as ``avgPool2D(_:size:strides:padding:)``.
public final class AveragePool2D: Layer {
  public let poolSize: SpatialPair
  public let strides: SpatialPair
  public let padding: ConvolutionPadding

  /// Windows of `poolSize`, one every `strides`; side by side if that is nil.
  public init(poolSize: SpatialPair = 2, strides: SpatialPair? = nil, padding: ConvolutionPadding = .valid) {
    self.poolSize = poolSize
    self.strides = strides ?? poolSize
    self.padding = padding
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    avgPool2D(input, size: poolSize.numbers, strides: strides.numbers, padding: padding)
  }
}
