import ElbowGraph

/// Layers one after the other.
///
///     let encoder = Sequential {
///       Flatten()
///       Dense(100, activation: relu)
///       Dense(4)
///     }
public final class Sequential: Layer {
  public let layers: [any Layer]

  public init(_ layers: [any Layer]) { self.layers = layers }
  public init(@SequentialBuilder _ layers: () -> [any Layer]) { self.layers = layers() }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    callAsFunction(input, training: false)
  }
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    input.graph.located { layers.reduce(input) { $1($0, training: training) } }
  }
  public var updates: [VariableUpdate] { layers.flatMap(\.updates) }
  public var losses: [Tensor] { layers.flatMap(\.losses) }
}

/// Collects the layers in the braces of a ``Sequential``.
@resultBuilder
public enum SequentialBuilder {
  public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
  public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
  public static func buildBlock(_ layers: [any Layer]...) -> [any Layer] { layers.flatMap { $0 } }
  public static func buildArray(_ layers: [[any Layer]]) -> [any Layer] { layers.flatMap { $0 } }
  public static func buildOptional(_ layers: [any Layer]?) -> [any Layer] { layers ?? [] }
  public static func buildEither(first: [any Layer]) -> [any Layer] { first }
  public static func buildEither(second: [any Layer]) -> [any Layer] { second }
}
