import ElbowGraph

/// The largest element of each window of images `[n, height, width, channels]`, as ``maxPool2D(_:size:strides:padding:)``.
public final class MaxPool2D: Layer {
  /// The window's height and width, at least 1.
  public let poolSize: SpatialPair
  /// The steps of the window down and to the right, in pixels.
  public let strides: SpatialPair
  /// The border around the images; its places do not count.
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
  /// The window's height and width, at least 1.
  public let poolSize: SpatialPair
  /// The steps of the window down and to the right, in pixels.
  public let strides: SpatialPair
  /// The border around the images; its places do not count.
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
