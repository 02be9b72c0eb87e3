import ElbowArrays

/// How a window slides along one axis. Attributes come from files, so every number is checked before it is used.
public struct WindowAxis: Sendable, Hashable {
  /// How far the window moves from one result to the next.
  public var stride: Int
  /// How many zeros come before the first element; negative to leave elements out.
  public var low: Int
  /// How many zeros come after the last element; negative to leave elements out.
  public var high: Int
  /// How far apart neighbouring elements of the operand are put, zeros between them.
  public var inputDilation: Int
  /// How far apart the elements are that neighbouring elements of the kernel meet.
  public var kernelDilation: Int

  /// A window that moves by one over neighbouring elements, unless told otherwise.
  ///
  /// - Parameters:
  ///   - stride: How far the window moves from one result to the next, at least 1.
  ///   - low: How many zeros come before the first element; negative to leave elements out.
  ///   - high: How many zeros come after the last element; negative to leave elements out.
  ///   - inputDilation: How far apart neighbouring elements of the operand are put, at least 1.
  ///   - kernelDilation: How far apart the elements are that neighbouring elements of the kernel meet, at least 1.
  public init(stride: Int = 1, low: Int = 0, high: Int = 0, inputDilation: Int = 1, kernelDilation: Int = 1) {
    self.stride = stride
    self.low = low
    self.high = high
    self.inputDilation = inputDilation
    self.kernelDilation = kernelDilation
  }

  /// An extent with `dilation - 1` places between neighbours.
  static func dilated(_ extent: Int, by dilation: Int) -> Int { (extent - 1) * dilation + 1 }

  /// How many places a window of `kernel` elements takes.
  func span(_ kernel: Int) -> Int { WindowAxis.dilated(kernel, by: kernelDilation) }

  /// How many positions the window has, or why it has none.
  public func resultExtent(input: Dimension, kernel: Dimension) throws(OperandError) -> Int {
    guard let input = input.value, let kernel = kernel.value else {
      throw OperandError(.shape, "windows slide along axes of fixed extents, not along \(input) and \(kernel)")
    }
    let limit = 1 << 30
    let numbers = [stride, inputDilation, kernelDilation, input, kernel]
    guard numbers.allSatisfy({ (1...limit).contains($0) }), (-limit...limit).contains(low),
      (-limit...limit).contains(high)
    else {
      throw OperandError(
        .shape,
        "a window of \(kernel) elements over \(input), with stride \(stride), padding \(low) and \(high), dilations "
          + "\(inputDilation) and \(kernelDilation), makes no sense")
    }
    let padded = WindowAxis.dilated(input, by: inputDilation) + low + high
    guard span(kernel) <= padded, padded <= limit else {
      throw OperandError(
        .shape, "a window that spans \(span(kernel)) elements does not fit the extent \(padded), padding included")
    }
    return (padded - span(kernel)) / stride + 1
  }
}

extension [WindowAxis] {
  /// The numbers of all axes in one list, for files.
  var attribute: AttributeValue {
    .integers(flatMap { [$0.stride, $0.low, $0.high, $0.inputDilation, $0.kernelDilation] })
  }

  init(attribute numbers: [Int]) throws {
    guard numbers.count.isMultiple(of: 5) else {
      throw ElbowError(.file, "A window is described by five numbers an axis.")
    }
    self = Swift.stride(from: 0, to: numbers.count, by: 5).map {
      WindowAxis(
        stride: numbers[$0], low: numbers[$0 + 1], high: numbers[$0 + 2], inputDilation: numbers[$0 + 3],
        kernelDilation: numbers[$0 + 4])
    }
  }
}
