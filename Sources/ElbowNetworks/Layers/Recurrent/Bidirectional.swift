import ElbowGraph

/// A recurrent layer that goes through the steps in both directions, as Keras has it.
///
///     let features = Bidirectional(LSTM(32, returnSequences: true))(series)  // [n, steps, k] -> [n, steps, 64]
///
/// Both directions have weights of their own, under `<scopes>/<name>/forward_lstm` and `<scopes>/<name>/backward_lstm`, where `lstm`
/// is the name or the type of the layer given; that one is a pattern and has none. Outputs of all steps are those of the
/// input's steps in both directions.
public final class Bidirectional: Layer {
  /// What is made of the results of both directions.
  public enum MergeMode: String, Sendable, CaseIterable {
    /// Both, the forward one first, along the last axis.
    case concat
    /// Their sum.
    case sum
    /// Their product.
    case mul
    /// Their mean.
    case ave
  }

  /// The layer that goes the way of the one given.
  public let forwardLayer: RecurrentLayer
  /// The layer that goes the other way.
  public let backwardLayer: RecurrentLayer
  /// What is made of their results.
  public let mergeMode: MergeMode
  /// The name given; after the first call, the one that it goes by.
  public private(set) var name: String?

  /// - Parameters:
  ///   - layer: The pattern of both directions.
  ///   - mergeMode: What is made of their results.
  ///   - name: The first part of its weights' names; `bidirectional`, `bidirectional_1`, ... if nil.
  public init(_ layer: RecurrentLayer, mergeMode: MergeMode = .concat, name: String? = nil) {
    forwardLayer = layer.twin(named: "forward_", goBackwards: layer.goBackwards)
    backwardLayer = layer.twin(named: "backward_", goBackwards: !layer.goBackwards)
    self.mergeMode = mergeMode
    self.name = name
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    let graph = input.graph
    return graph.located {
      guard input.isValid else { return input }
      let name = name ?? graph.uniqueName("bidirectional")
      self.name = name
      return graph.scope(name) {
        let (forward, backward) = (forwardLayer.run(input), backwardLayer.run(input))
        guard forward.outputs.isValid, backward.outputs.isValid else { return graph.invalid() }
        return merged(forward.outputs, backward.outputs)
      }
    }
  }

  private func merged(_ a: Tensor, _ b: Tensor) -> Tensor {
    switch mergeMode {
    case .concat: concatenate([a, b], axis: -1)
    case .sum: a + b
    case .mul: a * b
    case .ave: (a + b) / 2
    }
  }
}
