import ElbowArrays
import ElbowGraph

/// Random numbers.
extension Vocabulary {
  static let draws: [Operation] = [
    .one("random integers", weight: 2) { composer in
      let shape = composer.shape(rank: 0...3)
      let bits = composer.graph.apply(
        RandomBits(shape: shape, stream: composer.graph.freshRandomStream(), word: composer.random.below(4)), [])
      let small = bits .& composer.graph.constant(7, dtype: .uint32)
      return small.cast(to: composer.random.pick(.float32, .int32, .int64, .uint8))
    },
    .one("random numbers", weight: 4, modes: [.smooth]) { composer in
      let shape = composer.shape(rank: 0...3)
      switch composer.random.below(5) {
      case 0: return composer.graph.randomUniform(shape, dtype: composer.floatType)
      case 1: return composer.graph.randomNormal(shape, dtype: composer.floatType)
      case 2:
        guard let x = composer.floating(rank: 0...3) else { return nil }
        return composer.graph.randomGamma(x.shape, concentration: composer.positive(x))
      case 3:
        guard let x = composer.floating(rank: 0...3) else { return nil }
        return composer.graph.randomPoisson(x.shape, rate: composer.positive(x))
      default:
        guard let x = composer.floating(rank: 0...3) else { return nil }
        return composer.graph.randomBinomial(x.shape, count: round(composer.positive(x) * 4), probability: sigmoid(x))
      }
    },
  ]
}
