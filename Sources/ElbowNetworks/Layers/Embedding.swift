import ElbowArrays
import ElbowGraph

/// A vector for each of a number of things, such as words: `y[i...] = embeddings[x[i...]]`.
///
/// The input holds int32 or int64 below `inputDim`; what is out of range counts as the nearest that is not. The variable is
/// `<scopes>/<name>/embeddings` of shape `[inputDim, outputDim]`, made when the layer is first called.
public final class Embedding: Layer {
  /// How many things there are.
  public let inputDim: Int
  /// The size of a vector.
  public let outputDim: Int
  /// The variable, once the layer has been called.
  public private(set) var embeddings: Tensor?
  /// The name given; after the first call, the one that it goes by.
  public private(set) var name: String?

  private let dtype: DType
  private let initializer: Initializer

  /// - Parameter name: The first part of its variable's name; `embedding`, `embedding_1`, ... if nil.
  public init(
    _ inputDim: Int, _ outputDim: Int, dtype: DType = .float32, name: String? = nil,
    embeddingsInitializer: Initializer = .randomUniform()
  ) {
    self.inputDim = inputDim
    self.outputDim = outputDim
    self.dtype = dtype
    self.name = name
    initializer = embeddingsInitializer
  }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    let graph = input.graph
    return graph.located {
      guard input.isValid else { return input }
      func refuse(_ kind: ElbowError.Kind, _ reason: String) -> Tensor {
        graph.invalid(
          kind, "Embedding(\(inputDim), \(outputDim)) cannot be applied to \(input.type): \(reason).")
      }
      guard inputDim >= 1, outputDim >= 1 else { return refuse(.invalidArgument, "its sizes are at least 1") }
      guard input.dtype == .int32 || input.dtype == .int64 else {
        return refuse(.dtype, "its input is int32 or int64; convert it with cast(to: .int32)")
      }
      let embeddings = embeddings ?? makeWeights(in: graph)
      guard embeddings.graph === graph else {
        return refuse(.invalidArgument, "it has its weights in another graph; make a layer for each")
      }
      return take(embeddings, input)
    }
  }

  private func makeWeights(in graph: Graph) -> Tensor {
    let name = name ?? graph.uniqueName("embedding")
    self.name = name
    return graph.scope(name) {
      let made = graph.variable(
        "embeddings", initialValue: initializer([inputDim, outputDim], graph: graph, dtype: dtype))
      embeddings = made
      return made
    }
  }
}
