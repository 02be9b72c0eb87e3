import ElbowArrays

/// The meaning of the axes of an operand of a convolution: `[batch, feature, spatial...]` for the input and the result,
/// `[output feature, input feature, spatial...]` for the kernel.
public struct ConvolutionAxes: Sendable, Hashable {
  /// The axis of the batch; of a kernel, that of the output features.
  public var outer: Int
  /// The axis of the features; of a kernel, that of the input features.
  public var feature: Int
  /// The axes that windows slide along, in the same order in all three.
  public var spatial: [Int]

  /// The meaning of axes, which are counted from the start; every axis has exactly one.
  ///
  /// - Parameters:
  ///   - outer: The axis of the batch; of a kernel, that of the output features.
  ///   - feature: The axis of the features; of a kernel, that of the input features.
  ///   - spatial: The axes that windows slide along.
  public init(outer: Int, feature: Int, spatial: [Int]) {
    self.outer = outer
    self.feature = feature
    self.spatial = spatial
  }

  /// Images, `[batch, spatial..., feature]`.
  public static func channelsLast(spatial: Int) -> ConvolutionAxes {
    .init(outer: 0, feature: spatial + 1, spatial: [Int](0..<spatial).map { $0 + 1 })
  }
  /// Kernels, `[spatial..., input feature, output feature]`.
  public static func kernel(spatial: Int) -> ConvolutionAxes {
    .init(outer: spatial + 1, feature: spatial, spatial: [Int](0..<spatial))
  }

  /// The axes with the roles of batch and feature exchanged.
  var exchanged: ConvolutionAxes { .init(outer: feature, feature: outer, spatial: spatial) }

  init(attribute: [Int]) throws {
    guard attribute.count >= 2 else { throw ElbowError(.file, "A convolution has at least two axes.") }
    self.init(outer: attribute[0], feature: attribute[1], spatial: [Int](attribute.dropFirst(2)))
  }
  var attribute: AttributeValue { .integers([outer, feature] + spatial) }

  /// Whether every axis of a shape of that rank has exactly one role.
  func fit(rank: Int, spatial count: Int) -> Bool {
    spatial.count == count && ([outer, feature] + spatial).sorted() == [Int](0..<rank)
  }

  /// Values in the order of the axes.
  public func arranged<T>(outer: T, feature: T, spatial: [T]) -> [T] {
    var result = [T](repeating: outer, count: spatial.count + 2)
    result[self.feature] = feature
    for (axis, value) in zip(self.spatial, spatial) { result[axis] = value }
    return result
  }
}
