import ElbowGraph

/// Layers one after the other.
///
///     let encoder = Sequential {
///       Flatten()
///       Dense(100, activation: relu)
///       Dense(4)
///     }
///
/// With a name, the variables of its layers stand under it: those of `Sequential(name: "encoder") { ... }` are `encoder/dense/kernel`, ...
public final class Sequential: Layer {
  /// The layers in the order in which they are applied.
  public let layers: [any Layer]
  /// The first part of the names of its layers' variables; nil if they go by those of the layers alone.
  public let name: String?

  /// The layers of an array, from first to last; without any, the input is the result.
  ///
  /// - Parameter name: The name that comes before those of the layers' variables, as of a `scope`; nil for none.
  public init(_ layers: [any Layer], name: String? = nil) { (self.layers, self.name) = (layers, name) }
  /// The layers in braces, from first to last; `if` and `for` may choose them.
  ///
  /// - Parameter name: The name that comes before those of the layers' variables, as of a `scope`; nil for none.
  public convenience init(name: String? = nil, @SequentialBuilder _ layers: () -> [any Layer]) {
    self.init(layers(), name: name)
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    callAsFunction(input, training: false)
  }
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    input.graph.located {
      input.graph.scope(named: name) { layers.reduce(input) { $1($0, training: training) } }
    }
  }
  public var updates: [VariableUpdate] { layers.flatMap(\.updates) }
  public var losses: [Tensor] { layers.flatMap(\.losses) }
}

/// Collects the layers in the braces of a ``Sequential``.
@resultBuilder
public enum SequentialBuilder {
  /// One layer on a line of its own.
  public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
  /// Several layers, from an array.
  public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
  /// The layers of all lines, in order.
  public static func buildBlock(_ layers: [any Layer]...) -> [any Layer] { layers.flatMap { $0 } }
  /// The layers of a `for`.
  public static func buildArray(_ layers: [[any Layer]]) -> [any Layer] { layers.flatMap { $0 } }
  /// The layers of an `if` without `else`; none if the condition does not hold.
  public static func buildOptional(_ layers: [any Layer]?) -> [any Layer] { layers ?? [] }
  /// The layers of an `if` whose condition holds.
  public static func buildEither(first: [any Layer]) -> [any Layer] { first }
  /// The layers of an `else`.
  public static func buildEither(second: [any Layer]) -> [any Layer] { second }
}
