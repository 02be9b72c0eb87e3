import ElbowArrays

/// A value that a graph will compute: a handle on one of its nodes.
public struct Tensor {
  /// The graph that computes it.
  public let graph: Graph
  /// The node's index in ``Graph/nodes``.
  public let id: Int

  /// The result of a node of the graph.
  public init(graph: Graph, id: Int) {
    self.graph = graph
    self.id = id
  }

  /// The operation that makes it.
  public var node: Node { graph.nodes[id] }
  /// The dtype and shape, with symbols that are known to be equal named alike.
  public var type: TensorType { TensorType(dtype, shape) }
  /// The type of its elements.
  public var dtype: DType { node.type.dtype }
  /// Its extents, outermost first, with symbols that are known to be equal named alike.
  public var shape: Shape {
    let shape = node.type.shape
    return shape.symbols.isEmpty ? shape : Shape(shape.dimensions.map { graph.canonical($0) })
  }
  /// The number of axes.
  public var rank: Int { node.type.shape.rank }
  /// False for the result of a mistake, which ``Graph/diagnostics`` explains.
  public var isValid: Bool { !(node.primitive is Invalid) }
  /// The user's line that made it, if known.
  public var location: SourceLocation? { node.source.resolve() }
}

/// Something that stands for a tensor where one is expected: a tensor itself, or a distribution, which stands for one
/// sample of it.
public protocol TensorConvertible {
  /// The tensor it stands for.
  var tensor: Tensor { get }
}

extension Tensor: TensorConvertible {
  public var tensor: Tensor { self }
}

extension Tensor: Hashable {
  /// Whether both are the same node of the same graph. `.==` compares elements.
  public static func == (a: Tensor, b: Tensor) -> Bool { a.graph === b.graph && a.id == b.id }
  public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension Tensor: CustomStringConvertible {
  /// `Tensor("images:placeholder", shape: [n, 28, 28], dtype: float32)`.
  public var description: String {
    guard isValid else { return "Tensor(invalid: see graph.diagnostics)" }
    return "Tensor(\"\(Swift.type(of: node.primitive).name):\(id)\", shape: \(shape), dtype: \(dtype))"
  }
}
