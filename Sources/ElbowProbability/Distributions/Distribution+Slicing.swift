import ElbowArrays
import ElbowGraph

extension Distribution {
  /// Some of the distributions of a batch: `mixture[0]`, `posterior[..<10]`, `d[.all, 2]`, by the positions along the batch axes.
  ///
  /// Distributions made of tensors have it, and those that ``Independent``, ``Sample``, ``MixtureSameFamily`` and
  /// ``TransformedDistribution`` make of them; others record a mistake.
  public subscript(positions: any TensorIndexConvertible...) -> any Distribution {
    graph.located { sliced(positions.map(\.tensorIndex)) }
  }

  private func sliced(_ positions: [TensorIndex]) -> any Distribution {
    guard isValid else { return self }
    switch self {
    case let made as Independent:
      let inner = BatchPositions(positions).followed(by: made.reinterpretedBatchNDims)
      return Independent(
        made.distribution.sliced(inner), reinterpretedBatchNDims: made.reinterpretedBatchNDims, name: name)
    case let made as Sample:
      return Sample(made.distribution.sliced(positions), sampleShape: made.sampleShape, name: name)
    case let made as MixtureSameFamily:
      let inner = BatchPositions(positions).followed(by: 1)
      guard let mixture = made.mixtureDistribution.sliced(positions) as? Categorical else { return self }
      return MixtureSameFamily(
        mixtureDistribution: mixture, componentsDistribution: made.componentsDistribution.sliced(inner),
        reparameterize: made.reparameterize, name: name)
    case let made as TransformedDistribution
    where made.bijector.parameters.isEmpty && made.bijector.traits.graph == nil:
      // A map without tensors is the same for all of the batch.
      return TransformedDistribution(made.distribution.sliced(positions), bijector: made.bijector, name: name)
    default: return slicedParameters(positions)
    }
  }

  /// The distribution of the same type whose parameters are parts of this one's.
  private func slicedParameters(_ positions: [TensorIndex]) -> any Distribution {
    let names = traits.parameters.map(\.name)
    guard
      let constructor = DistributionConstructor.all.first(where: {
        $0.typeName == traits.typeName && $0.parameters.map(\.name) == names
      }), !(self is LKJ), !(self is CholeskyLKJ)
    else {
      _ = graph.invalid(
        .invalidArgument, "\(self) cannot be cut along its batch axes; cut the tensors that it is made of.")
      return self
    }
    return constructor.make(
      traits.parameters.map { parameter in
        let event = parameter.value.shape.suffix(parameter.eventNDims)
        let whole = parameter.value.broadcast(to: batchShape + event)
        return whole.part(BatchPositions(positions).followed(by: parameter.eventNDims))
      })
  }
}

/// Positions along batch axes.
private struct BatchPositions {
  let positions: [TensorIndex]

  init(_ positions: [TensorIndex]) { self.positions = positions }

  /// The positions, and the whole of the axes that come after those of the batch.
  func followed(by axisCount: Int) -> [TensorIndex] {
    let hasEllipsis = positions.contains { if case .ellipsis = $0 { true } else { false } }
    return positions + (hasEllipsis ? [TensorIndex](repeating: .all, count: axisCount) : [.ellipsis])
  }
}
