import ElbowGraph

/// Series `[n, steps, channels]` with each step repeated: ``upSample1D(_:size:)``.
public final class UpSampling1D: Layer {
  /// How many times each step comes, at least 1.
  public let size: Int

  /// - Parameter size: How many times each step comes.
  public init(size: Int = 2) { self.size = size }

  public func callAsFunction(_ input: Tensor) -> Tensor { upSample1D(input, size: size) }
}

/// Images `[n, height, width, channels]` enlarged by whole factors, as Keras has it: ``upSample2D(_:size:interpolation:)``.
///
///     UpSampling2D(size: 2, interpolation: .bilinear)  // [n, 7, 7, c] -> [n, 14, 14, c]
public final class UpSampling2D: Layer {
  /// The factors of height and width, at least 1.
  public let size: SpatialPair
  /// The values between the elements.
  public let interpolation: UpSamplingInterpolation

  /// - Parameters:
  ///   - size: The factors of height and width.
  ///   - interpolation: The nearest element's values, or those on the line between two.
  public init(size: SpatialPair = 2, interpolation: UpSamplingInterpolation = .nearest) {
    self.size = size
    self.interpolation = interpolation
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    upSample2D(input, size: size.numbers, interpolation: interpolation)
  }
}

/// Volumes `[n, depth, height, width, channels]` with each element repeated: ``upSample3D(_:size:)``.
public final class UpSampling3D: Layer {
  /// The factors of depth, height and width, at least 1.
  public let size: SpatialTriple

  /// - Parameter size: The factors of depth, height and width.
  public init(size: SpatialTriple = 2) { self.size = size }

  public func callAsFunction(_ input: Tensor) -> Tensor { upSample3D(input, size: size.numbers) }
}
