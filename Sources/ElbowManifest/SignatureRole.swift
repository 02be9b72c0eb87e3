/// Signatures whose names have a meaning: what trains, evaluates, draws and shows a model finds them by it.
///
/// Any other name is the model's own.
public enum SignatureRole: String, Sendable, CaseIterable {
  /// A step of training. The first output is the scalar `loss`.
  case train
  /// The losses of examples without training. The first output is the scalar `loss`.
  case evaluate
  /// Weights of examples by importance sampling. The first output is the vector `log_weight`.
  case importance
  /// The codes of examples, of shape `[n, dimensions]`: the first output.
  case encode
  /// The images of codes.
  case decode
  /// Images, or points, that the model draws.
  case sample
  /// The logarithm of the density at points.
  case logProb = "log_prob"
  /// The probabilities of classes, `probs`, or the parameters of what is predicted.
  case predict

  /// The role in a sentence: "the model has no signature 'encode', which gives the codes of examples".
  public var contract: String {
    switch self {
    case .train: "which trains"
    case .evaluate: "which gives losses"
    case .importance: "which gives the logarithms of importance weights"
    case .encode: "which gives the codes of examples"
    case .decode: "which gives the images of codes"
    case .sample: "which draws images"
    case .logProb: "which gives the density of points"
    case .predict: "which gives the probabilities of classes"
    }
  }

  /// The first output that a signature of the role has to have, and of how many axes; nil if it may have any.
  public var firstOutput: (name: String, rank: Int)? {
    switch self {
    case .train, .evaluate: ("loss", 0)
    case .importance: ("log_weight", 1)
    case .encode, .decode, .sample, .logProb, .predict: nil
    }
  }

  /// Whether it is there for training, and not for a trained model's users.
  public var isForTraining: Bool { self == .train || self == .evaluate }
}

extension Manifest.Signature {
  /// The meaning of its name; nil if it is the model's own.
  public var role: SignatureRole? { SignatureRole(rawValue: name) }
}
