import ElbowArrays
import ElbowGraph

/// A value to give where a distribution needs a tensor: a tensor, a distribution, which stands for one sample of
/// itself, or plain numbers, which become a constant of the dtype wanted.
public protocol TensorLike {
  /// The tensor meant, in a graph; `dtype` is what plain numbers are converted to.
  func tensor(in graph: Graph, dtype: DType) -> Tensor
}

extension TensorLike where Self: TensorConvertible {
  /// The tensor itself, or the one stood for: neither `graph` nor `dtype` changes it.
  public func tensor(in graph: Graph, dtype: DType) -> Tensor { tensor }
}

extension Tensor: TensorLike {}

extension Double: TensorLike {
  /// A scalar constant of the number.
  public func tensor(in graph: Graph, dtype: DType) -> Tensor { graph.constant(self, dtype: dtype) }
}

extension Float: TensorLike {
  /// A scalar constant of the number.
  public func tensor(in graph: Graph, dtype: DType) -> Tensor { graph.constant(Double(self), dtype: dtype) }
}

/// An array of floating point is converted to the dtype; another keeps its own.
extension HostArray: TensorLike {
  /// A constant of the array's shape, of `dtype` if the array is floating point and else of its own.
  public func tensor(in graph: Graph, dtype: DType) -> Tensor {
    graph.located {
      let constant = graph.constant(self)
      return self.dtype.isFloatingPoint && self.dtype != dtype ? constant.cast(to: dtype) : constant
    }
  }
}

extension Int: TensorLike {
  /// A scalar constant of the number.
  public func tensor(in graph: Graph, dtype: DType) -> Tensor { graph.constant(Double(self), dtype: dtype) }
}

extension Array: TensorLike where Element: TensorLike {
  /// A constant vector of numbers, of `dtype`, or what the elements stand for, stacked along a new first axis; elements
  /// of different shapes are a recorded mistake.
  public func tensor(in graph: Graph, dtype: DType) -> Tensor {
    graph.located {
      guard !isEmpty else { return graph.invalid(.shape, "An empty array does not stand for a tensor.") }
      if let numbers = self as? [Double] { return graph.constant(numbers, dtype: dtype) }
      if let numbers = self as? [Int] { return graph.constant(numbers.map(Double.init), dtype: dtype) }
      if let numbers = self as? [Float] { return graph.constant(numbers.map(Double.init), dtype: dtype) }
      return stack(map { $0.tensor(in: graph, dtype: dtype) })
    }
  }
}
