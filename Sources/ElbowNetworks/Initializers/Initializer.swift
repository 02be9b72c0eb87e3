import ElbowArrays
import ElbowGraph

/// The initial values of a weight, by its shape; as Keras defines them.
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

extension Graph {
  /// A named piece of state of some shape: `graph.variable("loc", shape: [16, 2])`.
  ///
  /// - Parameters:
  ///   - name: Unique in the graph; the names of enclosing ``scope(_:_:)`` come before it.
  ///   - shape: Its extents.
  ///   - initializer: The values it begins with.
  /// - Returns: The value it has when a run begins.
  public func variable(
    _ name: String, shape: [Int], initializer: Initializer = .glorotUniform, dtype: DType = .float32
  ) -> Tensor {
    located { variable(name, initialValue: initializer(shape, graph: self, dtype: dtype)) }
  }
}

extension Initializer {
  /// 0 everywhere, as for biases.
  public static var zeros: Initializer { constant(0) }
  /// 1 everywhere.
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

  /// Normal numbers, drawn again where they are more than two standard deviations from the mean.
  public static func truncatedNormal(mean: Double = 0, stddev: Double = 0.05) -> Initializer {
    Initializer { graph, extents, dtype in
      let p = graph.randomUniform(Shape(extents), dtype: dtype) * (1 - 2 * tailBelowMinusTwo) + tailBelowMinusTwo
      return mean == 0 ? ndtri(p) * stddev : ndtri(p) * stddev + mean
    }
  }

  /// Uniform with the variance 2 / (fanIn + fanOut): within ± sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010).
  public static var glorotUniform: Initializer { varianceScaling(mode: .fanAvg, distribution: .uniform) }
  /// Normal, cut at two standard deviations, with the variance 2 / (fanIn + fanOut) (Glorot and Bengio 2010).
  public static var glorotNormal: Initializer { varianceScaling(mode: .fanAvg) }
  /// Uniform with the variance 2 / fanIn: within ± sqrt(6 / fanIn) (He et al. 2015).
  public static var heUniform: Initializer { varianceScaling(scale: 2, distribution: .uniform) }
  /// Normal, cut at two standard deviations, with the variance 2 / fanIn (He et al. 2015).
  public static var heNormal: Initializer { varianceScaling(scale: 2) }
  /// Uniform with the variance 1 / fanIn: within ± sqrt(3 / fanIn) (LeCun et al. 1998).
  public static var lecunUniform: Initializer { varianceScaling(distribution: .uniform) }
  /// Normal, cut at two standard deviations, with the variance 1 / fanIn (LeCun et al. 1998).
  public static var lecunNormal: Initializer { varianceScaling() }

  /// The fan that ``varianceScaling(scale:mode:distribution:)`` divides by.
  public enum FanMode: Sendable { case fanIn, fanOut, fanAvg }
  /// The distribution that ``varianceScaling(scale:mode:distribution:)`` draws from.
  public enum ScaledDistribution: Sendable { case truncatedNormal, untruncatedNormal, uniform }

  /// Numbers of mean 0 and variance `scale / n`, where n is the fan-in, the fan-out or their mean.
  public static func varianceScaling(
    scale: Double = 1, mode: FanMode = .fanIn, distribution: ScaledDistribution = .truncatedNormal
  ) -> Initializer {
    Initializer { graph, extents, dtype in
      let (fanIn, fanOut) = fans(extents)
      let count =
        switch mode {
        case .fanIn: fanIn
        case .fanOut: fanOut
        case .fanAvg: (fanIn + fanOut) / 2
        }
      let stddev = (scale / count).squareRoot()
      switch distribution {
      case .truncatedNormal:
        return truncatedNormal(stddev: stddev / stddevOfTruncated)(extents, graph: graph, dtype: dtype)
      case .untruncatedNormal: return randomNormal(stddev: stddev)(extents, graph: graph, dtype: dtype)
      case .uniform:
        let limit = stddev * 3.0.squareRoot()
        return graph.randomUniform(Shape(extents), dtype: dtype) * (2 * limit) - limit
      }
    }
  }

  private static func fans(_ extents: [Int]) -> (fanIn: Double, fanOut: Double) {
    guard let fanOut = extents.last else { return (1, 1) }
    guard extents.count > 1 else { return (Double(fanOut), Double(fanOut)) }
    let field = extents.dropLast(2).reduce(1, *)
    return (Double(field * extents[extents.count - 2]), Double(field * fanOut))
  }

  /// The mass of the standard normal distribution below -2, and the standard deviation that is left of it when it is cut at
  /// two on both sides.
  private static let (tailBelowMinusTwo, stddevOfTruncated) = (0.022750131948179195, 0.87962566103423978)
}
