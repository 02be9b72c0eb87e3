import ElbowGraph

/// The parameter of distributions made of trials, each of which succeeds or fails: its log-odds or its probability.
enum SuccessParameter {
  case logits(Tensor)
  case probs(Tensor)

  /// log(p / (1 - p)).
  var logits: Tensor {
    switch self {
    case .logits(let logits): logits
    case .probs(let probs): log(probs) - log1p(-probs)
    }
  }
  var success: Tensor {
    switch self {
    case .logits(let logits): sigmoid(logits)
    case .probs(let probs): probs
    }
  }
  var failure: Tensor {
    switch self {
    case .logits(let logits): sigmoid(-logits)
    case .probs(let probs): 1 - probs
    }
  }
  var logSuccess: Tensor {
    switch self {
    case .logits(let logits): logSigmoid(logits)
    case .probs(let probs): log(probs)
    }
  }
  var logFailure: Tensor {
    switch self {
    case .logits(let logits): logSigmoid(-logits)
    case .probs(let probs): log1p(-probs)
    }
  }
  /// p / (1 - p).
  var odds: Tensor {
    switch self {
    case .logits(let logits): exp(logits)
    case .probs(let probs): probs / (1 - probs)
    }
  }
  /// n log(p), and 0 where both n and p are 0; the derivative by n is log(p) also where n is 0.
  func logSuccess(times n: Tensor) -> Tensor {
    switch self {
    case .logits(let logits): n * logSigmoid(finite(logits, where: n))
    case .probs(let probs): weightedLog(n, probs)
    }
  }
  /// n log(1 - p), and 0 where n is 0 and p is 1.
  func logFailure(times n: Tensor) -> Tensor {
    switch self {
    case .logits(let logits): n * logSigmoid(-finite(logits, where: n))
    case .probs(let probs): n * log1p(-select((n .== 0) .& (probs .== 1), probs.scalar(0), probs))
    }
  }
  private func finite(_ logits: Tensor, where n: Tensor) -> Tensor {
    select((n .== 0) .& (abs(logits) .== .infinity), logits.scalar(0), logits)
  }
}
