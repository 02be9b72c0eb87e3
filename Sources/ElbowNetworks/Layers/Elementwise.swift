import ElbowGraph

/// Any function without weights as a layer: `Lambda { $0 - 0.5 }`.
public final class Lambda: Layer {
  private let function: (Tensor) -> Tensor

  /// A layer that applies `function`.
  public init(_ function: @escaping (Tensor) -> Tensor) { self.function = function }

  public func callAsFunction(_ input: Tensor) -> Tensor { input.graph.located { function(input) } }
}

/// x where positive, alpha x elsewhere, as a layer; see ``leakyRelu(_:alpha:)``.
public final class LeakyReLU: Layer {
  /// The slope where the input is negative.
  public let alpha: Double

  /// A layer with a slope for negative inputs.
  public init(alpha: Double = 0.2) { self.alpha = alpha }

  public func callAsFunction(_ input: Tensor) -> Tensor { leakyRelu(input, alpha: alpha) }
}
