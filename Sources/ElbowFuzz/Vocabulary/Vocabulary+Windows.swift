import ElbowArrays
import ElbowGraph

/// Convolutions and pooling.
extension Vocabulary {
  static let windows: [Operation] = [
    .one("convolution of images", weight: 5) { composer in
      guard let x = composer.image(), let extents = composer.spatialExtents(x), let channels = x.shape[3].value else {
        return nil
      }
      let kernel = extents.map { composer.random.integer(in: 1...min(3, $0 + 1)) }
      let strides = [composer.random.pick(1, 1, 2), composer.random.pick(1, 1, 2, 3)]
      let padding = composer.convolutionPadding()
      switch composer.random.below(4) {
      case 0:
        let shape = Shape(kernel + [channels, composer.random.pick(1, 2)])
        return composer.tensor(TensorType(x.dtype, shape)).map {
          depthwiseConv2D(x, $0, strides: strides, padding: padding)
        }
      case 1:
        let shape = Shape(kernel + [composer.random.integer(in: 1...4), channels])
        return composer.tensor(TensorType(x.dtype, shape)).map {
          conv2DTranspose(x, $0, strides: strides, padding: composer.random.pick(.same, .valid))
        }
      default:
        let shape = Shape(kernel + [channels, composer.random.pick(1, 3, 4, 8, 16)])
        let dilations = [composer.random.pick(1, 1, 1, 2), composer.random.pick(1, 1, 1, 2)]
        return composer.tensor(TensorType(x.dtype, shape)).map {
          conv2D(x, $0, strides: strides, padding: padding, dilations: dilations)
        }
      }
    },
    .one("convolution", weight: 5) { composer in composer.convolution() },
    .one("windows of series", weight: 3) { composer in
      guard let x = composer.series(), let steps = x.shape[1].value, let channels = x.shape[2].value else { return nil }
      let size = composer.random.integer(in: 1...min(3, steps))
      let strides = composer.random.pick(1, 1, 2, 3)
      let padding = composer.random.pick(ConvolutionPadding.same, .valid)
      switch composer.random.below(4) {
      case 0: return maxPool1D(x, size: size, strides: strides, padding: padding)
      case 1: return avgPool1D(x, size: size, strides: strides, padding: padding)
      case 2:
        return composer.tensor(TensorType(x.dtype, Shape([size, composer.random.integer(in: 1...4), channels]))).map {
          conv1DTranspose(x, $0, strides: strides, padding: padding)
        }
      default:
        return composer.tensor(TensorType(x.dtype, Shape([size, channels, composer.random.pick(1, 3, 8)]))).map {
          conv1D(x, $0, strides: strides, padding: padding)
        }
      }
    },
    .one("up-sampling", weight: 2) { composer in
      if composer.random.chance(0.3) {
        guard let x = composer.series() else { return nil }
        return upSample1D(x, size: composer.random.integer(in: 1...3))
      }
      guard let x = composer.image() else { return nil }
      let factors = [composer.random.integer(in: 1...3), composer.random.integer(in: 1...3)]
      let result = upSample2D(x, size: factors, interpolation: composer.random.pick(.nearest, .bilinear))
      return result.isValid && composer.fits(result.shape) ? result : nil
    },
    .one("pooling of images", weight: 3) { composer in
      guard let x = composer.image(), let extents = composer.spatialExtents(x) else { return nil }
      let size = extents.map { composer.random.integer(in: 1...min(3, $0)) }
      let strides = [composer.random.pick(1, 2), composer.random.pick(1, 2, 3)]
      let padding = composer.random.pick(ConvolutionPadding.same, .valid)
      return composer.random.chance(0.5)
        ? maxPool2D(x, size: size, strides: strides, padding: padding)
        : avgPool2D(x, size: size, strides: strides, padding: padding)
    },
    .one("window reduction", weight: 3) { composer in
      guard let x = composer.floating(rank: 1...4) else { return nil }
      var (sizes, strides, low, high) = ([Int](), [Int](), [Int](), [Int]())
      for dimension in x.shape.dimensions {
        guard let extent = dimension.value, extent > 0, composer.random.chance(0.6) else {
          (sizes, strides, low, high) = (sizes + [1], strides + [1], low + [0], high + [0])
          continue
        }
        let size = composer.random.integer(in: 1...min(4, extent))
        sizes.append(size)
        strides.append(composer.random.pick(1, 1, 2, 3))
        low.append(composer.random.below(size))
        high.append(composer.random.below(size))
      }
      let operation = composer.random.pick(ReduceWindow.Operation.sum, .maximum)
      return x.graph.apply(ReduceWindow(operation, sizes: sizes, strides: strides, low: low, high: high), [x])
    },
  ]
}

extension Composer {
  /// Floats `[n, height, width, channels]` of fixed height, width and channels.
  mutating func image() -> Tensor? {
    let isImage = { (x: Tensor) in
      x.dtype.isFloatingPoint && x.rank == 4 && x.shape[1..<4].extents?.allSatisfy { $0 > 0 } == true
    }
    if random.chance(0.75), let found = earlier(where: isImage) { return found }
    // Images of what there is, where that can be had by splitting the last axis.
    if random.chance(0.5),
      let found = earlier(where: { x in x.dtype.isFloatingPoint && x.rank == 2 && x.shape[1].value ?? 0 > 1 }),
      let size = found.shape[1].value, let channels = random.pick(from: (1...size).filter { size % $0 == 0 && $0 <= 8 })
    {
      let height = random.pick(from: (1...size / channels).filter { size / channels % $0 == 0 }) ?? 1
      return found.reshaped(
        to: [found.shape[0], Dimension(height), Dimension(size / channels / height), Dimension(channels)])
    }
    let size = [random.integer(in: 1...8), random.integer(in: 1...9), random.pick(1, 2, 3, 4, 8)]
    let batch = random.chance(0.7) ? batch() : Dimension(random.integer(in: 1...3))
    return input(floatType, Shape([batch] + size.map { Dimension($0) }))
  }

  /// Floats `[n, steps, channels]` of a fixed number of steps and channels.
  mutating func series() -> Tensor? {
    floating(rank: 3...3).flatMap { x in x.shape[1..<3].extents?.allSatisfy { $0 > 0 } == true ? x : nil }
  }

  func spatialExtents(_ x: Tensor) -> [Int]? { x.shape[1..<3].extents }

  mutating func convolutionPadding() -> ConvolutionPadding {
    switch random.below(3) {
    case 0: .same
    case 1: .valid
    default: .explicit((0..<2).map { _ in (low: random.below(3), high: random.below(3)) })
    }
  }

  /// A convolution along one to three axes, with all that it can have, and axes in any order.
  mutating func convolution() -> Tensor? {
    let spatial = random.pick(1, 1, 2, 3)
    guard let x = floating(rank: spatial + 2...spatial + 2) else { return nil }
    let order = random.shuffled([Int](0..<x.rank))
    let input = ConvolutionAxes(outer: order[0], feature: order[1], spatial: [Int](order.dropFirst(2)))
    guard let features = x.shape[input.feature].value, features > 0 else { return nil }
    let groups = random.chance(0.7) ? 1 : random.pick(from: (1...features).filter { features % $0 == 0 }) ?? 1
    var (window, kernel) = ([WindowAxis](), [Int]())
    for axis in input.spatial {
      guard let extent = x.shape[axis].value, extent > 0 else { return nil }
      let size = random.integer(in: 1...5)
      kernel.append(size)
      window.append(
        WindowAxis(
          stride: random.pick(1, 1, 2, 3), low: random.integer(in: 0...size), high: random.integer(in: 0...size),
          inputDilation: random.pick(1, 1, 1, 2, 3), kernelDilation: random.pick(1, 1, 1, 2)))
    }
    let outputs = groups * random.pick(1, 2, 3, 8)
    let kernelOrder = random.shuffled([Int](0..<x.rank))
    let kernelAxes = ConvolutionAxes(
      outer: kernelOrder[0], feature: kernelOrder[1], spatial: [Int](kernelOrder.dropFirst(2)))
    let outputOrder = random.chance(0.6) ? order : random.shuffled([Int](0..<x.rank))
    let rule = Convolution(
      input: input, kernel: kernelAxes,
      output: ConvolutionAxes(outer: outputOrder[0], feature: outputOrder[1], spatial: [Int](outputOrder.dropFirst(2))),
      window: window, groups: groups)
    let shape = Shape(kernelAxes.arranged(outer: outputs, feature: features / groups, spatial: kernel))
    guard let weight = tensor(TensorType(x.dtype, shape)), let type = try? rule.resultType(of: [x.type, weight.type])
    else { return nil }
    let work = elementCount(type.shape) * kernel.reduce(features / groups, *)
    return fits(type.shape) && work <= Composer.workLimit ? graph.apply(rule, [x, weight]) : nil
  }
}
