import ElbowArrays
import ElbowGraph

/// What a weight starts with, by its shape; as Keras defines them.
///
/// Of a shape `[..., in, out]` the fan-in is `in` times the extents before, the fan-out `out` times them.
public struct Initializer {
  private let make: (Graph, [Int], DType) -> Tensor

  /// An initializer from a function of graph, extents and dtype.
  public init(_ make: @escaping (_ graph: Graph, _ extents: [Int], _ dtype: DType) -> Tensor) { self.make = make }

  /// The initial value of a weight.
  public func callAsFunction(_ extents: [Int], graph: Graph, dtype: DType) -> Tensor {
    graph.located { make(graph, extents, dtype) }
  }
}

extension Initializer {
  public static var zeros: Initializer { constant(0) }
  public static var ones: Initializer { constant(1) }

  /// One number everywhere.
  public static func constant(_ value: Double) -> Initializer {
    Initializer { $0.full(Shape($1), value, dtype: $2) }
  }

  /// Normal numbers.
  public static func randomNormal(mean: Double = 0, stddev: Double = 0.05) -> Initializer {
    Initializer { $0.randomNormal(Shape($1), dtype: $2) * stddev + mean }
  }

  /// Uniform numbers in [lower, upper).
  public static func randomUniform(_ lower: Double = -0.05, _ upper: Double = 0.05) -> Initializer {
    Initializer { $0.randomUniform(Shape($1), dtype: $2) * (upper - lower) + lower }
  }

  /// Uniform with the variance 2 / (fanIn + fanOut): within ± sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010).
  public static var glorotUniform: Initializer { scaled(uniform: true) { 2 / ($0 + $1) } }
  /// Normal, cut at two standard deviations, with the variance 2 / (fanIn + fanOut) (Glorot and Bengio 2010).
  public static var glorotNormal: Initializer { scaled(uniform: false) { 2 / ($0 + $1) } }
  /// Uniform with the variance 2 / fanIn: within ± sqrt(6 / fanIn) (He et al. 2015).
  public static var heUniform: Initializer { scaled(uniform: true) { fanIn, _ in 2 / fanIn } }
  /// Normal, cut at two standard deviations, with the variance 2 / fanIn (He et al. 2015).
  public static var heNormal: Initializer { scaled(uniform: false) { fanIn, _ in 2 / fanIn } }

  private static func scaled(uniform: Bool, _ variance: @escaping (Double, Double) -> Double) -> Initializer {
    Initializer { graph, extents, dtype in
      let (fanIn, fanOut) = fans(extents)
      let stddev = variance(fanIn, fanOut).squareRoot()
      guard uniform else { return truncatedNormal(graph, Shape(extents), stddev: stddev, dtype) }
      let limit = stddev * 3.0.squareRoot()
      return graph.randomUniform(Shape(extents), dtype: dtype) * (2 * limit) - limit
    }
  }

  private static func fans(_ extents: [Int]) -> (fanIn: Double, fanOut: Double) {
    guard let fanOut = extents.last else { return (1, 1) }
    guard extents.count > 1 else { return (Double(fanOut), Double(fanOut)) }
    let field = extents.dropLast(2).reduce(1, *)
    return (Double(field * extents[extents.count - 2]), Double(field * fanOut))
  }

  /// A normal distribution cut at two of its own standard deviations and widened so that `stddev` is left.
  private static func truncatedNormal(_ graph: Graph, _ shape: Shape, stddev: Double, _ dtype: DType) -> Tensor {
    // The mass below -2, and the standard deviation that is left of a unit normal.
    let (tail, left) = (0.022750131948179195, 0.87962566103423978)
    let p = graph.randomUniform(shape, dtype: dtype) * (1 - 2 * tail) + tail
    return ndtri(p) * (stddev / left)
  }
}
