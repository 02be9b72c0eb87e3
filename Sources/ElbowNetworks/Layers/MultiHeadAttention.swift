import ElbowArrays
import ElbowGraph

/// Attention by several heads (Vaswani et al. 2017), as Keras has it: each head makes queries, keys and values of its own,
/// and the results of ``scaledDotProductAttention(query:key:value:mask:isCausal:scale:)`` of all heads become one vector.
///
///     let attention = MultiHeadAttention(numHeads: 4, keyDim: 16)
///     let seen = attention(query: targets, value: sources)     // [n, t, k] and [n, s, m] -> [n, t, k]
///     let next = attention(words, useCausalMask: true)          // Of themselves.
///
/// The first call makes the weights: under `<scopes>/<name>`, `query/kernel` of shape `[features, numHeads, keyDim]`, `key/kernel` alike,
/// `value/kernel` of shape `[features, numHeads, valueDim]`, `attention_output/kernel` of shape `[numHeads, valueDim, outputDim]`,
/// and a `bias` beside each, of its kernel's outputs.
public final class MultiHeadAttention: Layer {
  /// How many heads there are, at least 1.
  public let numHeads: Int
  /// The size of the queries and keys of a head, at least 1.
  public let keyDim: Int
  /// The size of the values of a head, at least 1.
  public let valueDim: Int
  /// The size of the result's vectors; that of the queries' if nil.
  public let outputDim: Int?
  /// How many of the weights of keys are set to 0 while training, from 0 and below 1.
  public let dropout: Double
  /// The name given; after the first call, the one that it goes by.
  public private(set) var name: String?

  /// A linear map, and what of its input and its kernel are multiplied.
  private struct Projection {
    let kernel: Tensor
    let bias: Tensor?
    /// How many axes are summed over.
    let inputs: Int

    func callAsFunction(_ x: Tensor) -> Tensor {
      let rule = Contraction(
        leftContracted: [Int](x.rank - inputs..<x.rank), rightContracted: [Int](0..<inputs))
      let product = x.graph.apply(rule, [x, kernel])
      return bias.map { product + $0 } ?? product
    }
  }
  private struct Weights {
    let query: Projection
    let key: Projection
    let value: Projection
    let output: Projection
  }
  private var weights: Weights?
  private let useBias: Bool
  private let kernelInitializer: Initializer
  private let biasInitializer: Initializer

  /// - Parameters:
  ///   - numHeads: How many heads there are.
  ///   - keyDim: The size of the queries and keys of a head.
  ///   - valueDim: The size of the values of a head; `keyDim` if nil.
  ///   - outputDim: The size of the result's vectors, Keras's `output_shape`; that of the queries' if nil.
  ///   - dropout: How many of the weights of keys are set to 0 while training.
  ///   - name: The first part of its weights' names; `multi_head_attention`, `multi_head_attention_1`, ... if nil.
  ///   - useBias: Whether biases are added.
  public init(
    numHeads: Int, keyDim: Int, valueDim: Int? = nil, outputDim: Int? = nil, dropout: Double = 0,
    name: String? = nil, useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    biasInitializer: Initializer = .zeros
  ) {
    self.numHeads = numHeads
    self.keyDim = keyDim
    self.valueDim = valueDim ?? keyDim
    self.outputDim = outputDim
    self.dropout = dropout
    self.name = name
    self.useBias = useBias
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
  }

  /// The attention of `[n, t, k]` to itself.
  public func callAsFunction(_ input: Tensor) -> Tensor { callAsFunction(query: input, value: input) }
  /// The attention of `[n, t, k]` to itself.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    callAsFunction(query: input, value: input, training: training)
  }
  /// The attention of `[n, t, k]` to itself, with keys left out.
  public func callAsFunction(
    _ input: Tensor, attentionMask: Tensor? = nil, useCausalMask: Bool, training: Bool = false
  ) -> Tensor {
    callAsFunction(
      query: input, value: input, attentionMask: attentionMask, useCausalMask: useCausalMask, training: training)
  }

  /// The attention of queries to keys.
  ///
  /// - Parameters:
  ///   - query: What queries are made of, `[n, t, k]`.
  ///   - value: What values are made of, `[n, s, m]`.
  ///   - key: What keys are made of, `[n, s, l]`; that of the values if nil.
  ///   - attentionMask: The keys that each query sees, booleans `[t, s]`, or `[n, t, s]` with axes of 1 where all have the same; nil
  ///     for all of them.
  ///   - useCausalMask: Whether query i sees the keys up to the i-th only.
  ///   - training: Whether `dropout` is done.
  /// - Returns: A vector for each query, `[n, t, outputDim]`.
  public func callAsFunction(
    query: Tensor, value: Tensor, key: Tensor? = nil, attentionMask: Tensor? = nil, useCausalMask: Bool = false,
    training: Bool = false
  ) -> Tensor {
    let (graph, key) = (query.graph, key ?? value)
    return graph.located {
      guard [query, value, key].allSatisfy(\.isValid), attentionMask?.isValid ?? true else { return graph.invalid() }
      guard fits(query, value, key, attentionMask), let weights = weights ?? makeWeights(query, value, key) else {
        return graph.invalid()
      }
      // [n, t, heads, size] -> [n, heads, t, size]
      func heads(_ projection: Projection, _ x: Tensor) -> Tensor { projection(x).transposed([0, 2, 1, 3]) }
      let mask = attentionMask.map { $0.rank == 3 ? $0.expandedDims(1) : $0 }
      let seen = attentionWeights(
        query: heads(weights.query, query), key: heads(weights.key, key), mask: mask, isCausal: useCausalMask)
      let dropped = dropout == 0 ? seen : Dropout(dropout)(seen, training: training)
      return weights.output(matmul(dropped, heads(weights.value, value)).transposed([0, 2, 1, 3]))
    }
  }

  /// Whether the layer can be applied; records a mistake if not.
  private func fits(_ query: Tensor, _ value: Tensor, _ key: Tensor, _ mask: Tensor?) -> Bool {
    let operands = [query, value, key]
    func fail(_ kind: ElbowError.Kind, _ reason: String) -> Bool {
      _ = query.graph.invalid(
        kind,
        "\(described) cannot be applied to the query \(query.type), the value \(value.type) and the key \(key.type): "
          + "\(reason).")
      return false
    }
    guard [numHeads, keyDim, valueDim, outputDim ?? 1].allSatisfy({ (1...1 << 20).contains($0) }) else {
      return fail(.invalidArgument, "its heads and sizes are at least 1")
    }
    guard operands.allSatisfy({ $0.graph === query.graph && weights?.query.kernel.graph ?? $0.graph === $0.graph })
    else {
      return fail(.invalidArgument, "they or its weights are in another graph")
    }
    guard query.dtype.isFloatingPoint, operands.allSatisfy({ $0.dtype == query.dtype }) else {
      return fail(.dtype, "they are floating point, of one type; convert them with cast(to: .float32)")
    }
    guard operands.allSatisfy({ $0.rank == 3 && $0.shape[-1].value != nil }), key.shape[1].canEqual(value.shape[1])
    else {
      return fail(.shape, "they are [n, count, features] of known features, and there are as many keys as values")
    }
    if let mask, mask.dtype != .bool || ![2, 3].contains(mask.rank) {
      return fail(.shape, "the mask is \(mask.type), but has to be bool[n, queries, keys] or bool[queries, keys]")
    }
    guard let weights else { return true }
    for (name, operand, projection) in [
      ("query", query, weights.query), ("value", value, weights.value), ("key", key, weights.key),
    ] where operand.shape[-1] != projection.kernel.shape[0] || operand.dtype != projection.kernel.dtype {
      return fail(
        .shape,
        "it has weights for a \(name) of \(projection.kernel.dtype) with \(projection.kernel.shape[0]) features, from its "
          + "first call")
    }
    return true
  }

  private func makeWeights(_ query: Tensor, _ value: Tensor, _ key: Tensor) -> Weights? {
    let graph = query.graph
    func features(_ tensor: Tensor) -> Int { tensor.shape[-1].value ?? 1 }
    func projection(_ name: String, _ inputs: [Int], _ outputs: [Int]) -> Projection {
      graph.scope(name) {
        Projection(
          kernel: graph.variable(
            "kernel", initialValue: kernelInitializer(inputs + outputs, graph: graph, dtype: query.dtype)),
          bias: useBias
            ? graph.variable("bias", initialValue: biasInitializer(outputs, graph: graph, dtype: query.dtype)) : nil,
          inputs: inputs.count)
      }
    }
    let name = name ?? graph.uniqueName("multi_head_attention")
    self.name = name
    weights = graph.scope(name) {
      Weights(
        query: projection("query", [features(query)], [numHeads, keyDim]),
        key: projection("key", [features(key)], [numHeads, keyDim]),
        value: projection("value", [features(value)], [numHeads, valueDim]),
        output: projection("attention_output", [numHeads, valueDim], [outputDim ?? features(query)]))
    }
    return weights
  }

  private var described: String {
    "MultiHeadAttention(numHeads: \(numHeads), keyDim: \(keyDim))" + (name.map { " '\($0)'" } ?? "")
  }
}
