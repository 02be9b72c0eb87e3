import ElbowArrays
import ElbowGraph
import ElbowNetworks

/// Layers, whose variables begin with random numbers and whose updates a signature may carry out.
extension Vocabulary {
  static let layers: [Operation] = [
    .one("dense layer", weight: 5, modes: [.smooth]) { composer in
      guard let x = composer.floating(rank: 2...3), x.shape[-1].value ?? 0 > 0 else { return nil }
      let activation = composer.random.pick(nil, relu, tanh, softplus, sigmoid)
      return Dense(composer.extent(), activation: activation, useBias: composer.random.chance(0.8))(x)
    },
    .one("convolution layer", weight: 4, modes: [.smooth]) { composer in
      guard let x = composer.image(), let extents = composer.spatialExtents(x), extents.allSatisfy({ $0 >= 2 }) else {
        return nil
      }
      let padding = composer.random.pick(ConvolutionPadding.same, .valid)
      let activation = composer.random.pick(nil, relu, tanh)
      let filters = composer.random.pick(1, 3, 4, 8)
      let size = SpatialPair(height: composer.random.integer(in: 1...2), width: composer.random.integer(in: 1...2))
      switch composer.random.below(3) {
      case 0:
        return Conv2DTranspose(
          filters, kernelSize: 3, strides: SpatialPair(composer.random.pick(1, 2)), padding: .same,
          activation: activation)(x)
      case 1: return DepthwiseConv2D(kernelSize: size, padding: padding, activation: activation)(x)
      default:
        return Conv2D(
          filters, kernelSize: size, strides: SpatialPair(composer.random.pick(1, 2)), padding: padding,
          activation: activation)(x)
      }
    },
    .one("normalization layer", weight: 3, modes: [.smooth]) { composer in
      guard let x = composer.floating(rank: 2...4), x.shape[-1].value ?? 0 > 0 else { return nil }
      if composer.random.chance(0.4) { return LayerNormalization(epsilon: 0.1)(x) }
      let layer = BatchNormalization(epsilon: 0.1)
      let result = layer(x, training: composer.random.chance(0.7))
      composer.updates += layer.updates
      return result
    },
    .one("embedding", weight: 2, modes: [.smooth]) { composer in
      guard let indices = composer.indices(), indices.rank <= 2 else { return nil }
      return Embedding(composer.extent(), composer.random.integer(in: 1...8))(indices)
    },
    .one("recurrent layer", weight: 3, modes: [.smooth]) { composer in
      guard let all = composer.series(), let steps = all.shape[1].value else { return nil }
      let x = all[.all, ..<min(steps, 6)]
      let units = composer.random.integer(in: 1...5)
      let (sequences, back) = (composer.random.chance(0.5), composer.random.chance(0.3))
      // Orthogonal matrices are made of draws in float64, integers larger than a value on the way may be.
      let initial = Initializer.glorotUniform
      let layer: RecurrentLayer =
        switch composer.random.below(4) {
        case 0: SimpleRNN(units, returnSequences: sequences, goBackwards: back, recurrentInitializer: initial)
        case 1: LSTM(units, returnSequences: sequences, goBackwards: back, recurrentInitializer: initial)
        default:
          GRU(
            units, returnSequences: sequences, goBackwards: back, resetAfter: composer.random.chance(0.6),
            recurrentInitializer: initial)
        }
      return composer.random.chance(0.2)
        ? Bidirectional(layer, mergeMode: composer.random.pick(.concat, .mul))(x) : layer(x)
    },
    .one("attention layer", weight: 2, modes: [.smooth]) { composer in
      guard let x = composer.series() else { return nil }
      let layer = MultiHeadAttention(
        numHeads: composer.random.integer(in: 1...3), keyDim: composer.random.integer(in: 1...4),
        valueDim: composer.random.pick(nil, 3), outputDim: composer.random.pick(nil, 2))
      return layer(x, useCausalMask: composer.random.chance(0.5))
    },
    .one("dropout", weight: 1, modes: [.smooth]) { composer in
      composer.floating().map { Dropout(0.3)($0, training: true) }
    },
  ]
}
